import type { PlanNode } from "../../../plan/plan.js";
import type { KernelSource, Product } from "../devices/device.js";
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

  /** The name of an array that nothing else reads under this name. */
  ownArray(place: Place): string {
    const key = `own ${this.arrays.size}`;
    this.arrays.set(key, place);
    return `a${this.arrays.size - 1}`;
  }

  /** A number of the plan: a scalar of the kernel, or a literal. */
  number(node: PlanNode): string {
    if (node.op.kind === "literal") return floatText(node.literal, this.body);
    const index = this.build.scalar(node);
    const known = this.scalars.indexOf(index);
    return `s${known < 0 ? this.scalars.push(index) - 1 : known}`;
  }

  /** Adds the pass that fills outputs with the values of locals. */
  finish(values: readonly string[], size: number, outputs: readonly Place[], product?: Product): void {
    const { arrays, scalars, body } = this;
    const inputs = [...arrays.values()];
    const source = kernelSource(body.lines.join(""), values, inputs.length, scalars.length, product && { product });
    this.build.add(source, size, outputs, inputs, scalars);
  }
}

/** A kernel of these statements that fills outputs with the values of locals. */
export function kernelSource(
  statements: string,
  [value, ...results]: readonly string[],
  arrays: number,
  scalars: number,
  facts: Pick<KernelSource, "product" | "extents"> = {},
): KernelSource {
  const count = (name: string, length: number): string[] => Array.from({ length }, (_, i) => `${name}${i}`);
  const names = [...count("a", arrays), ...count("s", scalars)];
  const text = `function(${names}){${statements}return ${value};}`;
  return withFacts({ text, arrays, scalars }, { ...(results.length > 0 && { results }), ...facts });
}

/** Kernels are known by their text: what else belongs to one is a comment of it. */
export function withFacts(source: KernelSource, facts: Partial<KernelSource>): KernelSource {
  if (Object.keys(facts).length === 0) return source;
  return { ...source, ...facts, text: `${source.text}/*${JSON.stringify(facts)}*/` };
}
