import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

// Up to this tangent the first form below keeps the digits, beyond it the second.
const steep = 0.75;

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
  const [p, goal] = pairOf(fn, prediction, target);
  const error = p.sub(goal);
  // With t = tanh e: log cosh e = -log(1 - t²) / 2 = |e| - log(1 + |t|). Neither overflows, and one logarithm serves both.
  const t = error.tanh();
  const size = t.abs();
  const flat = size.less(steep);
  const log = where(flat, t.square().neg(), size).log1p();
  return reduced(fn, where(flat, log.mul(-0.5), error.abs().sub(log)), reduction, options);
}
