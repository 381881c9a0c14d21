import type { PlanNode } from "../../../plan/plan.js";
import type { PassBuilder, Place, ScalarIndex } from "../pass.js";
import { floatText } from "./literal-text.js";
import { Names, Statements } from "./text-block.js";

/** The text of one kernel as it grows: its statements, and what it reads. */
export class KernelText {
  private readonly names = new Names();
  readonly body: Statements = this.block();
  private readonly arrays = new Map<string, Place>();
  private readonly scalars: ScalarIndex[] = [];

  constructor(private readonly build: PassBuilder) {}

  /** Statements that go inside a loop. */
  block(): Statements {
    return new Statements(this.names);
  }

  /** The name of an array. */
  array(place: Place): string {
    const key = `${place.kind} ${place.index}`;
    this.arrays.set(key, place);
    return `a${[...this.arrays.keys()].indexOf(key)}`;
  }

  /** A number of the plan: a scalar of the kernel, or a literal. */
  number(node: PlanNode): string {
    if (node.op.kind === "literal") return floatText(node.literal, this.body);
    const index = this.build.scalar(node);
    const known = this.scalars.indexOf(index);
    return `s${known < 0 ? this.scalars.push(index) - 1 : known}`;
  }

  /** Adds the pass that fills `output` with `value`. */
  finish(value: string, size: number, output: Place): void {
    const inputs = [...this.arrays.values()];
    const names = [...inputs.map((_, i) => `a${i}`), ...this.scalars.map((_, i) => `s${i}`)];
    const text = `function(${names}){${this.body.lines.join("")}return ${value};}`;
    this.build.add(text, size, output, inputs, this.scalars);
  }
}
