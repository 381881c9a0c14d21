import type { Parameter } from "@downhill/tensor";
import { inRange, number } from "@downhill/tensor";
import { changeGradients } from "./gradient.js";

/**
 * Cuts every element of the gradients to `[-clipValue, clipValue]`. To be called between `backward()` and `step()`; it is
 * computed with the step, in the same evaluation.
 *
 * $$ g \leftarrow \min(\max(g, -c), c) $$
 *
 * Infinite elements are cut too; NaN stays NaN, which the step refuses.
 *
 * @param parameters - one parameter, or several; those without a gradient are left alone
 * @param clipValue - $c$, a finite number above 0
 * @throws TypeError when something is no Parameter; RangeError when `clipValue` is out of range; Error when a gradient was
 * used by a step already
 * @example
 * ```ts
 * import { clipGradValue } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([0, 0]);
 * weight.mul([30, -0.5]).sum().backward();
 * clipGradValue([weight], 1);
 * await weight.grad?.array(); // => [1, -0.5]
 * ```
 * @reference PyTorch's clip_grad_value_, https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue(parameters: Parameter | Iterable<Parameter>, clipValue: number): void {
  inRange("clipGradValue", "clipValue", clipValue, 0, Number.POSITIVE_INFINITY, "low");
  const [low, high] = [number(-clipValue), number(clipValue)];
  changeGradients("clipGradValue", parameters, (gradient) => gradient.maximum(low).minimum(high));
}
