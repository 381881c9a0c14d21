import { elementwiseRows } from "../../ops/elementwise.js";
import { pairs } from "./instruction-pairs.js";
import { opcode } from "./instructions.js";
import type { FunctionBody } from "./module-writer.js";
import { signed, type, unsigned } from "./module-writer.js";
import type { Segment, SegmentSource, SegmentStep } from "./segment.js";

/** The expression of an instruction, for 4 lanes; undefined for those that are functions of their own. */
function expression(code: number): string | undefined {
  if (code >= 512) return pairs[code];
  const row = elementwiseRows[code >> 1];
  const text = code & 1 ? row?.simdInt : row?.simd;
  return typeof text !== "string" || text.startsWith("block:") ? undefined : text;
}

/** Whether an instruction is an expression of common machine instructions; arithmetic of integers stays on the tape. */
export function isLight(code: number): boolean {
  const text = expression(code);
  return text !== undefined && (text.match(/\w+\.\w+/g) ?? []).every((name) => name in simd);
}

/** What becomes 1 where it holds and 0 elsewhere. */
const comparison = /^v128\.and\((.*), ONE\)$/;
/** How `where` asks for its condition, after the name of the instruction. */
const nonzero = "($a, ZERO)";

/** The SIMD instructions that segments know, by their names in expressions; numbers after the prefix. */
const simd: Readonly<Record<string, number>> = {
  "i32x4.gt_s": 0x3b,
  "f32x4.eq": 0x41,
  "f32x4.ne": 0x42,
  "f32x4.lt": 0x43,
  "f32x4.gt": 0x44,
  "f32x4.le": 0x45,
  "v128.and": 0x4e,
  "v128.or": 0x50,
  "v128.bitselect": 0x52,
  "f32x4.abs": 0xe0,
  "f32x4.neg": 0xe1,
  "f32x4.sqrt": 0xe3,
  "f32x4.add": 0xe4,
  "f32x4.sub": 0xe5,
  "f32x4.mul": 0xe6,
  "f32x4.div": 0xe7,
  "f32x4.min": 0xe8,
  "f32x4.max": 0xe9,
  "f32x4.pmin": 0xea,
  "f32x4.pmax": 0xeb,
};
const floatAdd = [0xfd, 0xe4, 0x01];

const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const tee = (local: number): number[] => [0x22, ...unsigned(local)];
const number = (value: number): number[] => [0x41, ...signed(value)];
const wide = (code: number): number[] => [0xfd, ...unsigned(code)];
const load = (offset: number): number[] => [...wide(0x00), 4, ...unsigned(offset)];
const store = (offset: number): number[] => [...wide(0x0b), 4, ...unsigned(offset)];
const zeros = [...wide(0x0c), ...new Array<number>(16).fill(0)];
const [add, subtract, multiply, and, shift, less, above, atLeast] = [0x6a, 0x6b, 0x6c, 0x71, 0x76, 0x49, 0x4b, 0x4f];
const loadWord = (offset: number): number[] => [0x28, 2, ...unsigned(offset)];
const [loadTotal, storeTotal, addTotals] = [[0x2b, 3, 0], [0x39, 3, 0], 0xa0];
const [begin, when, otherwise, end, again, select] = [[0x03, 0x40], [0x04, 0x40], 0x05, 0x0b, [0x0d, 0], 0x1b];

/** Elements that are added in float32 before they go into a float64, as in assembly/row-reduce.ts. */
const run = 1024;

/** The parameters of a segment's function: its operands (slot, row stride, column stride, step), elements, row, column. */
const [operandsAt, left, row, column] = [0, 1, 2, 3];

const isSum = (code: number): boolean => code === opcode.accumulate || code === opcode.rowSum;

/** Writes the function of a segment. Every value and every sum has the bits that the instructions on the tape give. */
export function segmentCode(segment: Segment): FunctionBody {
  return new SegmentFunction(segment).body();
}

class SegmentFunction {
  private readonly code: number[] = [];
  private readonly steps: Segment["steps"];
  private readonly operands: Segment["operands"];
  /** The steps that are sums. */
  private readonly sums: readonly number[];
  /** Locals: groups of one type follow each other. */
  private next = 4;
  private readonly turns = this.locals(1);
  private readonly length = this.locals(1);
  private readonly pointers: number;
  private readonly integers: number;
  private readonly values: number;
  private readonly masks: number;
  private readonly lanes: number;
  private readonly one: number;
  private readonly vectors: number;
  private readonly totals: number;

  constructor({ steps, operands }: Segment) {
    this.steps = steps;
    this.operands = operands;
    this.sums = steps.flatMap((step, i) => (isSum(step.opcode) ? [i] : []));
    this.pointers = this.locals(operands.length);
    this.integers = this.next - 4;
    this.values = this.locals(operands.length + steps.length);
    this.masks = this.locals(steps.length);
    this.lanes = this.locals(4 * this.sums.length);
    this.one = this.locals(1);
    this.vectors = this.next - 4 - this.integers;
    this.totals = this.locals(this.sums.length);
  }

  body(): FunctionBody {
    const { steps, sums, integers, vectors, code } = this;
    this.findOperands();
    if (sums.length > 0 || steps.some((step) => step.opcode === opcode.store)) this.runs();
    else {
      this.emit(get(left), number(15), add, number(4), shift, set(this.turns));
      this.loop();
    }
    const groups: [number, number][] = [
      [integers, type.i32],
      [vectors, type.v128],
      [sums.length, type.f64],
    ];
    return { locals: groups, code };
  }

  private locals(count: number): number {
    this.next += count;
    return this.next - count;
  }

  private emit(...parts: readonly (readonly number[] | number)[]): void {
    for (const part of parts) typeof part === "number" ? this.code.push(part) : this.code.push(...part);
  }

  /** The local that holds a source. */
  private local(source: SegmentSource): number {
    return this.values + (source >= 0 ? this.operands.length + source : -1 - source);
  }

  /** Whether a step reads an operand; others are only written. */
  private isRead(k: number): boolean {
    return this.steps.some(({ sources }) => sources.includes(-1 - k));
  }

  /** Pointers to all operands, and the values of those that stay the same. */
  private findOperands(): void {
    const word = (offset: number): number[] => [...get(operandsAt), ...loadWord(offset)];
    this.operands.forEach(({ kind }, k) => {
      this.emit(word(16 * k), loadWord(0));
      this.emit(word(16 * k + 4), get(row), multiply, add, word(16 * k + 8), get(column), multiply, add);
      this.emit(set(this.pointers + k));
      if (kind === "line" || !this.isRead(k)) return;
      this.emit(get(this.pointers + k), kind === "single" ? [...wide(0x09), 2, 0] : load(0), set(this.local(-1 - k)));
    });
    this.emit(wide(0x0c), new Array(4).fill([0, 0, 0x80, 0x3f]).flat(), set(this.one));
  }

  /** Runs of at most 1024 elements, after which the sums of 16 lanes go into float64. */
  private runs(): void {
    const { length, lanes, sums } = this;
    this.emit(begin, get(left), number(run), get(left), number(run), less, select, set(length));
    for (let lane = 0; lane < 4 * sums.length; lane++) this.emit(zeros, set(lanes + lane));
    this.emit(get(length), number(4), shift, set(this.turns));
    this.loop();
    this.emit(this.rest(), when);
    this.turn(true);
    this.emit(end);
    sums.forEach((_, j) => {
      this.addLanes(lanes + 4 * j, this.totals + j);
    });
    this.emit(get(left), get(length), subtract, tee(left), again, end);
    sums.forEach((i, j) => {
      const { opcode: kind, target } = this.steps[i] as SegmentStep;
      const at = get(this.pointers + target);
      if (kind === opcode.rowSum) this.emit(at, get(this.totals + j), 0xb6, [0x38, 2, 0]);
      else this.emit(at, at, loadTotal, get(this.totals + j), addTotals, storeTotal);
    });
  }

  /** Whole lines. */
  private loop(): void {
    this.emit(get(this.turns), when, begin);
    this.turn(false);
    this.emit(get(this.turns), number(1), subtract, tee(this.turns), again, end, end);
  }

  /** Elements of the run beyond the last whole line. */
  private rest(): number[] {
    return [...get(this.length), ...number(15), and];
  }

  /** One line; at the `tail` sums and exact copies take in the first `rest` elements of it only. */
  private turn(tail: boolean): void {
    for (let u = 0; u < 4; u++) {
      this.operands.forEach(({ kind }, k) => {
        if (kind === "line" && this.isRead(k)) this.emit(get(this.pointers + k), load(16 * u), set(this.local(-1 - k)));
      });
      this.steps.forEach((step, i) => {
        const at = this.pointers + step.target;
        if (isSum(step.opcode)) this.addToSum(i, u, tail);
        else if (step.opcode !== opcode.store) {
          this.compute(i);
          if (step.target >= 0) this.emit(get(at), get(this.local(i)), store(16 * u));
        } else if (tail) this.storeTail(at, this.local(step.sources[0] as SegmentSource), u);
        else this.emit(get(at), get(this.local(step.sources[0] as SegmentSource)), store(16 * u));
      });
    }
    this.operands.forEach(({ kind }, k) => {
      if (kind === "line") this.emit(get(this.pointers + k), number(64), add, set(this.pointers + k));
    });
  }

  /** The value of an elementwise step; a comparison leaves its mask too, for the steps that choose by it. */
  private compute(i: number): void {
    const { opcode: code, sources } = this.steps[i] as SegmentStep;
    const text = expression(code) as string;
    const test = comparison.exec(text)?.[1];
    this.evaluate(test ?? text, sources);
    if (test !== undefined) this.emit(tee(this.masks + i), get(this.one), wide(simd["v128.and"] as number));
    this.emit(set(this.local(i)));
  }

  /** Leaves the value of an expression on the stack. */
  private evaluate(text: string, sources: readonly SegmentSource[]): void {
    const [condition = -1] = sources;
    const chosen = comparison.test(expression(this.steps[condition]?.opcode ?? -1) ?? "");
    let at = 0;
    const term = (): void => {
      const word = (/^[$\w.]+/.exec(text.slice(at)) as RegExpExecArray)[0];
      at += word.length;
      if (chosen && word === "f32x4.ne" && text.startsWith(nonzero, at)) {
        at += nonzero.length;
        this.emit(get(this.masks + condition));
      } else if (word === "ZERO") this.emit(zeros);
      else if (word === "ONE") this.emit(get(this.one));
      else if (word.startsWith("$")) {
        this.emit(get(this.local(sources["abce".indexOf(word.slice(1))] as SegmentSource)));
      } else {
        do {
          at += text[at] === "," ? 2 : 1;
          term();
        } while (text[at] === ",");
        at++;
        this.emit(wide(simd[word] as number));
      }
    };
    term();
  }

  private addToSum(i: number, u: number, tail: boolean): void {
    const lane = this.lanes + 4 * this.sums.indexOf(i) + u;
    this.emit(get(lane), get(this.local((this.steps[i] as SegmentStep).sources[0] as SegmentSource)));
    if (tail) {
      // Lane j of vector u counts where the rest is more than 4 u + j.
      const positions = [0, 1, 2, 3].flatMap((j) => [4 * u + j, 0, 0, 0]);
      this.emit(this.rest(), wide(0x11), wide(0x0c), positions, wide(simd["i32x4.gt_s"] as number));
      this.emit(wide(simd["v128.and"] as number));
    }
    this.emit(floatAdd, set(lane));
  }

  /** Writes vector u of a line if it lies within the rest, or those of its entries that do. */
  private storeTail(pointer: number, value: number, u: number): void {
    this.emit(this.rest(), number(4 * u + 4), atLeast, when, get(pointer), get(value), store(16 * u), otherwise);
    for (let j = 0; j < 3; j++) {
      this.emit(this.rest(), number(4 * u + j), above, when, get(pointer), get(value));
      this.emit(wide(0x5a), [2, ...unsigned(16 * u + 4 * j)], j, end);
    }
    this.emit(end);
  }

  /** Adds four vectors up, in float32 to one and in float64 to the total. */
  private addLanes(first: number, total: number): void {
    const [promote, extract, upper] = [wide(0x5f), wide(0x21), [8, 9, 10, 11, 12, 13, 14, 15]];
    this.emit(get(first), get(first + 1), floatAdd, get(first + 2), get(first + 3), floatAdd, floatAdd, tee(first));
    this.emit(promote, get(first), get(first), wide(0x0d), upper, upper, promote, wide(0xf0), tee(first));
    this.emit(extract, 0, get(first), extract, 1, addTotals, get(total), addTotals, set(total));
  }
}
