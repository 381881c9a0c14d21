import type { Parameter } from "@downhill/tensor";
import { Tensor } from "@downhill/tensor";

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
