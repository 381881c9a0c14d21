import type { Tensor, TensorLike } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/**
 * Mean squared error: the usual loss of a regression.
 *
 * $$ \ell(p, t) = (p - t)^2 $$
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { meanSquaredError } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await meanSquaredError(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 2.25
 * meanSquaredError(tensor([[1], [2]]), [1, 2]); // throws RangeError: meanSquaredError: "target" expected the shape of
 * // "prediction" [2, 1], got [2]; drop the last axis of "prediction" with .squeeze(-1)
 * @category Regression
 * @reference PyTorch 2.13, torch.nn.MSELoss, https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 */
export function meanSquaredError(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "meanSquaredError";
  const reduction = checkOptions(fn, options);
  const [p, t] = pairOf(fn, prediction, target);
  return reduced(fn, p.sub(t).square(), reduction, options);
}
