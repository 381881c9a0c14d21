import { describe, noGrad, Parameter, Tensor } from "@downhill/tensor";
import { listOf } from "./members.js";

/** Values of a step that are computed with it when it comes, and the gradient that they belong to. */
interface Attachment {
  of: Tensor["node"] | null;
  readonly values: readonly Attached[];
}
const attachments = new WeakMap<Parameter, Attachment>();

/**
 * Gives a parameter that has a gradient another one, as graph: the step computes it along. Nothing of the backward pass that
 * is pending changes, so a loss is still computed once, with the step.
 */
export function replaceGradient(parameter: Parameter, gradient: Tensor): void {
  const { cell } = parameter;
  const found = attachments.get(parameter);
  if (found?.of === cell.gradient.node) (found as Attachment).of = gradient.node;
  cell.gradient = { state: "ready", node: gradient.node };
}

/**
 * A tensor that the next step of its parameters computes along, so that reading it afterwards costs nothing. Read before the
 * step it is computed for itself.
 */
export class Attached extends Tensor {
  #settled: Tensor | null = null;

  constructor(value: Tensor, parameters: readonly Parameter[]) {
    super(value.node);
    for (const each of parameters)
      attachments.set(each, { of: each.cell.gradient.node, values: [...attachedTo(each), this] });
  }

  /** @internal */
  override get node(): Tensor["node"] {
    return this.#settled === null ? this.held : this.#settled.node;
  }

  /** Whether the step that computes it is still to come. */
  get open(): boolean {
    return this.#settled === null && this.held.value === null;
  }

  settle(value: Tensor): void {
    this.#settled = value;
  }
}

/** What is attached to the gradient that a parameter has now; of an earlier one nothing is kept. */
export function attachedTo(parameter: Parameter): readonly Attached[] {
  const found = attachments.get(parameter);
  if (found === undefined || found.of !== parameter.cell.gradient.node) return [];
  return found.values.filter((each) => each.open);
}

/** The parameters of a call that have a gradient; without one they are left alone, as in PyTorch. */
export function withGradients(fn: string, parameters: unknown): { parameter: Parameter; gradient: Tensor }[] {
  const list = parameters instanceof Parameter ? [parameters] : listOf(fn, "parameters", parameters);
  return list.flatMap((parameter) => {
    if (!(parameter instanceof Parameter))
      throw new TypeError(
        `${fn}: "parameters" expected Parameters, got ${describe(parameter)}; pass model.parameters()`,
      );
    const gradient = parameter.grad;
    return gradient === null ? [] : [{ parameter, gradient }];
  });
}

/** Replaces the gradient of every parameter that has one, outside of differentiation. */
export function changeGradients(
  fn: string,
  parameters: unknown,
  change: (gradient: Tensor, parameter: Parameter) => Tensor,
): void {
  const found = withGradients(fn, parameters);
  noGrad(() => {
    for (const { parameter, gradient } of found) replaceGradient(parameter, change(gradient, parameter));
  });
}

/** All axes but the first, which counts the outputs of a layer; those of a vector are all. */
export function unitAxes(rank: number): number[] {
  return Array.from({ length: Math.max(1, rank) - 1 }, (_, i) => i + 1);
}
