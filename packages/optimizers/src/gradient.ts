import { describe, noGrad, Parameter, Tensor } from "@downhill/tensor";

/**
 * Gives a parameter that has a gradient another one, as graph: the step computes it along. Nothing of the backward pass that
 * is pending changes, so a loss is still computed once, with the step.
 */
export function replaceGradient({ cell }: Parameter, gradient: Tensor): void {
  cell.gradient = { state: "ready", node: gradient.node };
}

/** Values of a step that are computed with it when it comes, by the parameters whose gradients they are made of. */
const attached = new WeakMap<Parameter, Attached[]>();

/**
 * A tensor that the next step of its parameters computes along, so that reading it afterwards costs nothing. Read before the
 * step it is computed for itself.
 */
export class Attached extends Tensor {
  #settled: Tensor | null = null;

  constructor(value: Tensor, parameters: readonly Parameter[]) {
    super(value.node);
    for (const each of parameters) attached.set(each, [...(attached.get(each) ?? []).filter(isOpen), this]);
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

const isOpen = (each: Attached): boolean => each.open;

/** What is attached to a parameter and not settled. */
export function attachedTo(parameter: Parameter): readonly Attached[] {
  const found = attached.get(parameter);
  if (found === undefined) return [];
  attached.delete(parameter);
  return found.filter(isOpen);
}

/** The parameters of a call that have a gradient; without one they are left alone, as in PyTorch. */
export function withGradients(fn: string, parameters: unknown): { parameter: Parameter; gradient: Tensor }[] {
  const list = parameters instanceof Parameter ? [parameters] : parameters;
  if (typeof list !== "object" || list === null || !(Symbol.iterator in list)) {
    const hint = typeof list === "function" ? "call it: model.parameters()" : "pass model.parameters()";
    throw new TypeError(`${fn}: "parameters" expected an iterable of Parameters, got ${describe(list)}; ${hint}`);
  }
  return [...(list as Iterable<unknown>)].flatMap((parameter) => {
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
