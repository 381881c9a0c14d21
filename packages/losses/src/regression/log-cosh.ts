import type { Tensor, TensorLike } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

// From here on log cosh e is |e| - log 2 in every digit.
const far = 20;

/**
 * Log-cosh loss: close to half the squared error for small errors and to the absolute error for large ones, smooth everywhere.
 *
 * $$ \ell(e) = \ln \cosh e \qquad e = p - t $$
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { logCosh } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await logCosh(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 0.684599
 * @category Regression
 * @reference Keras 3, keras.losses.LogCosh, https://keras.io/api/losses/regression_losses/#logcosh-class
 */
export function logCosh(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "logCosh";
  const reduction = checkOptions(fn, options);
  const [p, t] = pairOf(fn, prediction, target);
  const error = p.sub(t);
  const near = error.clip(-far, far);
  // cosh x - 1 = (e^x - 1)² e^-x / 2, of which nothing cancels; what was cut off has slope 1.
  const losses = near.expm1().square().mul(near.neg().exp()).mul(0.5).log1p().add(error.abs().sub(near.abs()));
  return reduced(fn, losses, reduction, options);
}
