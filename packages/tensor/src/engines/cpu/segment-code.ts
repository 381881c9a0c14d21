import { elementwiseRows } from "../../ops/elementwise.js";
import { opcode } from "./instructions.js";
import type { FunctionBody } from "./module-writer.js";
import { signed, type, unsigned } from "./module-writer.js";
import type { Segment, SegmentSource } from "./segment.js";

/** Two elementwise rows in one instruction, as in scripts/elementwise-loops.mjs. */
const pairs: Readonly<Record<number, string>> = {
  [opcode.multiplyAdd]: "f32x4.add(f32x4.mul($a, $b), $c)",
  [opcode.multiplySubtract]: "f32x4.sub(f32x4.mul($a, $b), $c)",
  [opcode.subtractProduct]: "f32x4.sub($c, f32x4.mul($a, $b))",
  [opcode.twoProducts]: "f32x4.add(f32x4.mul($a, $b), f32x4.mul($c, $e))",
};

/** The expression of an instruction, for 4 lanes; undefined for those that are functions of their own. */
function expression(code: number): string | undefined {
  if (code >= 512) return pairs[code];
  const row = elementwiseRows[code >> 1];
  const text = code & 1 ? row?.simdInt : row?.simd;
  return text?.startsWith("block:") ? undefined : text;
}

/** Whether an instruction is an expression of a few machine instructions. */
export const isLight = (code: number): boolean => expression(code) !== undefined;

const nonzero = "($a, ZERO)";

/** SIMD instructions by their names in expressions, after the prefix. */
const simd: Readonly<Record<string, number>> = {
  "i32x4.eq": 0x37,
  "i32x4.ne": 0x38,
  "i32x4.lt_s": 0x39,
  "i32x4.gt_s": 0x3b,
  "i32x4.le_s": 0x3d,
  "f32x4.eq": 0x41,
  "f32x4.ne": 0x42,
  "f32x4.lt": 0x43,
  "f32x4.le": 0x45,
  "v128.and": 0x4e,
  "v128.bitselect": 0x52,
  "f32x4.ceil": 0x67,
  "f32x4.floor": 0x68,
  "f32x4.nearest": 0x6a,
  "i32x4.neg": 0xa1,
  "i32x4.abs": 0xa0,
  "i32x4.add": 0xae,
  "i32x4.sub": 0xb1,
  "i32x4.mul": 0xb5,
  "i32x4.min_s": 0xb6,
  "i32x4.max_s": 0xb8,
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
  "i32x4.trunc_sat_f32x4_s": 0xf8,
  "f32x4.convert_i32x4_s": 0xfa,
};
const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const number = (value: number): number[] => [0x41, ...signed(value)];
const wide = (code: number): number[] => [0xfd, ...unsigned(code)];
const load = (offset: number): number[] => [...wide(0x00), 4, ...unsigned(offset)];
const store = (offset: number): number[] => [...wide(0x0b), 4, ...unsigned(offset)];
const [add, sub, mul, and, shr, above, atLeast] = [0x6a, 0x6b, 0x6c, 0x71, 0x76, 0x4b, 0x4f];
const floatAdd = wide(simd["f32x4.add"] as number);

/** Elements that are added in float32 before they go into a float64, as in assembly/row-reduce.ts. */
const run = 1024;

/** The parameters of a segment's function: its operands (slot, row stride, column stride, step), elements, row, column. */
const [operandsAt, left, row, column] = [0, 1, 2, 3];

/** Writes the function of a segment. Every value and every sum has the bits that the instructions on the tape give. */
export function segmentCode({ steps, operands }: Segment): FunctionBody {
  const sums = steps.flatMap((step, i) => (isSum(step.opcode) ? [i] : []));
  const exact = steps.some((step) => isSum(step.opcode) || step.opcode === opcode.store);
  const constants = [...new Set(steps.flatMap(({ opcode: code }) => expression(code)?.match(/ONE/g) ?? []))].length;
  let next = 4;
  const locals = (count: number): number => {
    next += count;
    return next - count;
  };
  const turns = locals(1);
  const length = locals(1);
  const pointers = locals(operands.length);
  const integers = next - 4;
  const values = locals(operands.length + steps.length);
  const lanes = locals(4 * sums.length);
  const one = locals(constants);
  const masks = locals(steps.length);
  const vectors = next - 4 - integers;
  const totals = locals(sums.length);
  const ofOperand = (k: number): number => values + k;
  const ofStep = (i: number): number => values + operands.length + i;
  const local = (source: SegmentSource): number => (source >= 0 ? ofStep(source) : ofOperand(-1 - source));
  const rest = [...get(length), ...number(15), and];
  const code: number[] = [];
  const emit = (...parts: readonly (readonly number[] | number)[]): void => {
    for (const part of parts) typeof part === "number" ? code.push(part) : code.push(...part);
  };

  const word = (offset: number): number[] => [...get(operandsAt), 0x28, 2, ...unsigned(offset)];
  operands.forEach(({ kind }, k) => {
    emit(word(16 * k), [0x28, 2, 0]);
    emit(word(16 * k + 4), get(row), mul, add, word(16 * k + 8), get(column), mul, add, set(pointers + k));
    if (kind === "line" || !isRead(steps, k)) return;
    emit(get(pointers + k), kind === "single" ? [...wide(0x09), 2, 0] : load(0), set(ofOperand(k)));
  });
  if (constants > 0) emit([...wide(0x0c), ...new Array(4).fill([0, 0, 0x80, 0x3f]).flat()], set(one));

  /** One expression on the stack. */
  const evaluate = (text: string, sources: readonly SegmentSource[]): void => {
    let at = 0;
    const term = (): void => {
      const name = /[$\w.]+/y;
      name.lastIndex = at;
      const word = (name.exec(text) as RegExpExecArray)[0];
      at += word.length;
      if (word === "f32x4.ne" && text.startsWith(nonzero, at) && isTest(steps, sources[0])) {
        // What a comparison left before it became 1 and 0.
        at += nonzero.length;
        emit(get(masks + (sources[0] as number)));
      } else if (word.startsWith("$")) emit(get(local(sources["abce".indexOf(word.slice(1))] as SegmentSource)));
      else if (word === "ZERO") emit(wide(0x0c), new Array<number>(16).fill(0));
      else if (word === "ONE") emit(get(one));
      else {
        do {
          at += text[at] === "," ? 2 : 1;
          term();
        } while (text[at] === ",");
        at++;
        emit(wide(simd[word] as number));
      }
    };
    term();
  };

  /** Copies the vectors that lie within the last `length % 16` elements, and the entries of the one that does in part. */
  const storeTail = (pointer: number, value: number, u: number): void => {
    emit(rest, number(4 * u + 4), atLeast, [0x04, 0x40], get(pointer), get(value), store(16 * u), 0x05);
    for (let j = 0; j < 3; j++) {
      emit(rest, number(4 * u + j), above, [0x04, 0x40], get(pointer), get(value));
      emit(wide(0x5a), [2, ...unsigned(16 * u + 4 * j)], j, 0x0b);
    }
    emit(0x0b);
  };

  /** 16 elements; at the `tail` sums and exact copies take in the first `length % 16` of them only. */
  const turn = (tail: boolean): void => {
    for (let u = 0; u < 4; u++) {
      operands.forEach(({ kind }, k) => {
        if (kind === "line" && isRead(steps, k)) emit(get(pointers + k), load(16 * u), set(ofOperand(k)));
      });
      steps.forEach((step, i) => {
        const text = expression(step.opcode);
        if (text !== undefined) {
          const [, test] = /^v128.and\((.*), ONE\)$/.exec(text) ?? [];
          if (test !== undefined) {
            evaluate(test, step.sources);
            emit(set(masks + i), get(masks + i), get(one), wide(simd["v128.and"] as number));
          } else evaluate(text, step.sources);
          emit(set(ofStep(i)));
          if (step.target >= 0) emit(get(pointers + step.target), get(ofStep(i)), store(16 * u));
          return;
        }
        if (step.opcode === opcode.store) {
          const value = local(step.sources[0] as SegmentSource);
          if (tail) storeTail(pointers + step.target, value, u);
          else emit(get(pointers + step.target), get(value), store(16 * u));
          return;
        }
        const lane = lanes + 4 * sums.indexOf(i) + u;
        emit(get(lane), get(local(step.sources[0] as SegmentSource)));
        if (tail) {
          const positions = [0, 1, 2, 3].flatMap((j) => [4 * u + j, 0, 0, 0]);
          emit(rest, wide(0x11), wide(0x0c), positions, wide(simd["i32x4.gt_s"] as number));
          emit(wide(simd["v128.and"] as number));
        }
        emit(floatAdd, set(lane));
      });
    }
    operands.forEach(({ kind }, k) => {
      if (kind === "line") emit(get(pointers + k), number(64), add, set(pointers + k));
    });
  };
  const loop = (): void => {
    emit(get(turns), [0x04, 0x40], [0x03, 0x40]);
    turn(false);
    emit(get(turns), number(1), sub, [0x22, ...unsigned(turns)], [0x0d, 0], 0x0b, 0x0b);
  };

  if (!exact) {
    emit(get(left), number(15), add, number(4), shr, set(turns));
    loop();
    return {
      locals: [
        [integers, type.i32],
        [vectors, type.v128],
      ],
      code,
    };
  }
  emit([0x03, 0x40]);
  emit(get(left), number(run), get(left), number(run), [0x49], [0x1b], set(length));
  sums.forEach((_, j) => {
    for (let u = 0; u < 4; u++) emit(wide(0x0c), new Array<number>(16).fill(0), set(lanes + 4 * j + u));
  });
  emit(get(length), number(4), shr, set(turns));
  loop();
  emit(rest, [0x04, 0x40]);
  turn(true);
  emit(0x0b);
  sums.forEach((_, j) => {
    const lane = lanes + 4 * j;
    emit(get(lane), get(lane + 1), floatAdd, get(lane + 2), get(lane + 3), floatAdd, floatAdd, [
      0x22,
      ...unsigned(lane),
    ]);
    emit(wide(0x5f), get(lane), get(lane), wide(0x0d), [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
    emit(wide(0x5f), wide(0xf0), [0x22, ...unsigned(lane)], wide(0x21), 0, get(lane), wide(0x21), 1, 0xa0);
    emit(get(totals + j), 0xa0, set(totals + j));
  });
  emit(get(left), get(length), sub, [0x22, left], [0x0d, 0], 0x0b);
  sums.forEach((i, j) => {
    const { opcode: kind, target } = steps[i] as (typeof steps)[number];
    const at = pointers + target;
    if (kind === opcode.rowSum) emit(get(at), get(totals + j), 0xb6, [0x38, 2, 0]);
    else emit(get(at), get(at), [0x2b, 3, 0], get(totals + j), 0xa0, [0x39, 3, 0]);
  });
  return {
    locals: [
      [integers, type.i32],
      [vectors, type.v128],
      [sums.length, type.f64],
    ],
    code,
  };
}

const isSum = (code: number): boolean => code === opcode.accumulate || code === opcode.rowSum;

/** Whether a source is the result of a comparison. */
const isTest = (steps: Segment["steps"], source: SegmentSource | undefined): boolean =>
  expression(steps[source ?? -1]?.opcode ?? -1)?.startsWith("v128.and(") === true;

/** Whether a step reads an operand; others are only written. */
const isRead = (steps: Segment["steps"], k: number): boolean => steps.some(({ sources }) => sources.includes(-1 - k));
