import type { Tensor, TensorLike } from "@downhill/tensor";
import type { Domain } from "../shared/domain.js";
import { checkDomain } from "../shared/domain.js";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

const aboveMinusOne: Domain = {
  expected: "finite numbers above -1",
  has: (value) => value > -1 && value < Number.POSITIVE_INFINITY,
};

/**
 * Mean squared logarithmic error: for targets of many magnitudes, such as counts and prices; too little costs more than too much.
 *
 * $$ \ell(p, t) = \bigl( \ln(1 + p) - \ln(1 + t) \bigr)^2 $$
 *
 * Keras raises both to at least 1e-7 first, which leaves predictions below 0 without a gradient; here they count as they are.
 * `prediction.clip(1e-7, Infinity)` gives Keras's numbers.
 *
 * @param prediction - `[...shape]`, numbers above -1, as a rule of at least 0
 * @param target - `[...shape]`, the shape of `prediction`, numbers above -1; nothing is broadcast
 * @param options - `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a value that JavaScript knows is not above -1 (naming it; computed ones give NaN or Infinity), the shapes
 * differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { meanSquaredLogError } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await meanSquaredLogError(tensor([2.5, 0, 8]), [3, 0, 1000]).item(); // => 7.405449
 * meanSquaredLogError(tensor([-2]), [1]); // throws RangeError: meanSquaredLogError: "prediction" expected finite numbers above -1,
 * // got -2 at position 0
 * @category Regression
 * @reference Keras 3, keras.losses.MeanSquaredLogarithmicError,
 * https://keras.io/api/losses/regression_losses/#meansquaredlogarithmicerror-class; TorchMetrics, MeanSquaredLogError,
 * https://lightning.ai/docs/torchmetrics/stable/regression/mean_squared_log_error.html
 */
export function meanSquaredLogError(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "meanSquaredLogError";
  const reduction = checkOptions(fn, options);
  const [p, t] = pairOf(fn, prediction, target);
  checkDomain(fn, "prediction", p, aboveMinusOne);
  checkDomain(fn, "target", t, aboveMinusOne);
  return reduced(fn, p.log1p().sub(t.log1p()).square(), reduction, options);
}
