import type { Parameter, Tensor } from "@downhill/tensor";
import { state } from "@downhill/tensor";

/** Options of {@link slot} and {@link sharedSlot}. */
export interface SlotOptions {
  /** Extents, `[]` for one number. @defaultValue those of the parameter, or of `start` */
  readonly shape?: readonly number[] | undefined;
  /** First value: a number for all elements, or a tensor that is copied (the parameter itself, say). @defaultValue 0 */
  readonly start?: number | Tensor | undefined;
}

/**
 * State of an optimizer for one parameter: zeros in the parameter's shape unless said otherwise, kept in the engine from step
 * to step.
 *
 * @param parameter - the parameter that it belongs to
 * @param name - name of the slot; errors call it by the parameter's name and this
 * @param options - another shape, another first value
 * @returns a replaceable value without a gradient
 * @throws RangeError when shape and first value don't fit
 * @example
 * ```ts
 * import { slot } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, 2], { name: "weight" });
 * const velocity = slot(weight, "velocity");
 * velocity.name; // => "weight velocity"
 * await velocity.array(); // => [0, 0]
 * await slot(weight, "start", { start: weight }).array(); // => [1, 2]
 * await slot(weight, "scale", { shape: [], start: 0.5 }).item(); // => 0.5
 * ```
 * @reference The `state` of PyTorch's optimizers, https://docs.pytorch.org/docs/stable/optim.html
 */
export function slot(parameter: Parameter, name: string, options: SlotOptions = {}): Parameter {
  const { start = 0, shape = typeof start === "number" ? parameter.shape : start.shape } = options;
  return make(`${parameter.name} ${name}`, shape, start);
}

/**
 * State of an optimizer that all its parameters share: one number unless said otherwise.
 *
 * @param name - name of the slot in errors
 * @param options - another shape, another first value
 * @returns a replaceable value without a gradient
 * @throws RangeError when shape and first value don't fit
 * @example
 * ```ts
 * import { sharedSlot } from "@downhill/optimizers";
 *
 * await sharedSlot("distance", { start: 1e-6 }).item(); // => 1e-6
 * ```
 * @reference The step size that Prodigy shares between parameters, https://arxiv.org/abs/2306.06101
 */
export function sharedSlot(
  name: string,
  { start = 0, shape = typeof start === "number" ? [] : start.shape }: SlotOptions = {},
): Parameter {
  return make(name, shape, start);
}

function make(name: string, shape: readonly number[], start: number | Tensor): Parameter {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const data = typeof start === "number" ? new Float32Array(size).fill(start) : start;
  return state(data, { shape, name, overwrite: true });
}
