import type { Parameter } from "@downhill/tensor";
import { state } from "@downhill/tensor";

/**
 * State of an optimizer for one parameter: zeros in the parameter's shape, kept in the engine from step to step.
 *
 * @param parameter - the parameter that it belongs to
 * @param name - name of the slot; errors call it by the parameter's name and this
 * @returns a replaceable value without a gradient
 * @example
 * ```ts
 * import { slot } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const velocity = slot(parameter([1, 2], { name: "weight" }), "velocity");
 * velocity.name; // => "weight velocity"
 * await velocity.array(); // => [0, 0]
 * ```
 * @reference The `state` of PyTorch's optimizers, https://docs.pytorch.org/docs/stable/optim.html
 */
export function slot(parameter: Parameter, name: string): Parameter {
  const { shape, size } = parameter;
  return state(new Float32Array(size), { shape, name: `${parameter.name} ${name}`, overwrite: true });
}
