import type { PlanNode } from "../../../plan/plan.js";
import { isNumber } from "../../../plan/plan.js";
import { inlineText } from "../fused/literal-text.js";
import type { PassBuilder, Place, ScalarIndex } from "../pass.js";
import { divide, mostElements } from "./index-math.js";

/** The text of the element at a flat index. */
export type Reader = (at: string) => string;

/** The text of one pass while it is written; `t` is the number of the thread. */
export class PassText {
  private readonly inputs: Place[] = [];
  private readonly scalars: ScalarIndex[] = [];
  private readonly readers = new Map<PlanNode | Place, Reader>();
  private body = "const t=this.thread.x;";
  private names = 0;

  constructor(private readonly build: PassBuilder) {}

  /** Appends statements. */
  add(statements: string): void {
    this.body += statements;
  }

  /** How the values of a node are read. Numbers have no array, nor has what has no elements. */
  read(node: PlanNode): Reader {
    if (isNumber(node)) {
      const value = this.number(node);
      return () => value;
    }
    if (node.shape.size === 0) return () => "0.0";
    checkSize(node.shape.size);
    return this.remember(node, () => this.build.place(node));
  }

  /** How an array between two passes is read. */
  readPlace(place: Place): Reader {
    return this.remember(place, () => place);
  }

  /** A number of the plan (for an own node: the offset of its box), or a literal. */
  number(node: PlanNode): string {
    if (node.number < 0) return inlineText(node.literal);
    const scalar = this.build.scalar(node);
    const known = this.scalars.indexOf(scalar);
    return `s${known < 0 ? this.scalars.push(scalar) - 1 : known}`;
  }

  /** The coordinates of an element (the thread's own, unless `value` names another) in an array of these extents. */
  coordinates<T extends readonly number[]>(extents: readonly [...T], value = "t"): { [K in keyof T]: string } {
    const coordinates: string[] = extents.map(() => "0");
    const first = extents.findIndex((extent) => extent > 1);
    let rest = value;
    for (let axis = extents.length - 1; axis >= first && axis >= 0; axis--) {
      const extent = extents[axis] as number;
      if (extent === 1) continue;
      if (axis === first) coordinates[axis] = rest;
      else {
        const [quotient, coordinate] = [`q${this.names}`, `c${this.names++}`];
        this.add(divide(rest, extent, quotient, coordinate));
        coordinates[axis] = coordinate;
        rest = quotient;
      }
    }
    return coordinates as { [K in keyof T]: string };
  }

  /** The pass: `size` threads that return `result`. */
  finish(result: string, size: number, output: Place): void {
    checkSize(size);
    const names = [...this.inputs.map((_, i) => `a${i}`), ...this.scalars.map((_, i) => `s${i}`)];
    const text = `function(${names.join(",")}){${this.body}return ${result};}`;
    this.build.add({ text }, size, [output], this.inputs, this.scalars);
  }

  private remember(key: PlanNode | Place, find: () => Place): Reader {
    let reader = this.readers.get(key);
    if (reader === undefined) {
      const name = `a${this.inputs.push(find()) - 1}`;
      reader = (at) => `${name}[${at}]`;
      this.readers.set(key, reader);
    }
    return reader;
  }
}

function checkSize(size: number): void {
  if (size > mostElements)
    throw new RangeError(
      `gpu: "shape" expected at most ${mostElements} elements, which float32 can count, got ${size}; use the engine "cpu"`,
    );
}
