import type { Tensor, TensorLike } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/**
 * Mean absolute error: regression in which outliers weigh no more than their distance; its best constant is the median.
 *
 * $$ \ell(p, t) = |p - t| $$
 *
 * The gradient where $p = t$ is 0.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { meanAbsoluteError } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await meanAbsoluteError(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 1.16667
 * @category Regression
 * @reference PyTorch 2.13, torch.nn.L1Loss, https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export function meanAbsoluteError(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "meanAbsoluteError";
  const reduction = checkOptions(fn, options);
  const [p, t] = pairOf(fn, prediction, target);
  return reduced(fn, p.sub(t).abs(), reduction, options);
}
