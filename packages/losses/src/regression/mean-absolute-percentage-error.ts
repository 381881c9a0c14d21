import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link meanAbsolutePercentageError}. */
export interface MeanAbsolutePercentageErrorOptions extends LossOptions {
  /** Smallest size that a target is divided by, in its units: finite and > 0. @defaultValue 1e-7 */
  readonly eps?: number | undefined;
}

/**
 * Mean absolute percentage error: the error relative to the target, in percent.
 *
 * $$ \ell(p, t) = 100 \, \frac{|p - t|}{\max(|t|, \varepsilon)} $$
 *
 * The gradient where $p = t$ is 0. In percent as in Keras; scikit-learn and TorchMetrics leave out the factor 100 and have
 * another default for $\varepsilon$. A target of 0 makes a huge loss: prefer
 * {@link symmetricMeanAbsolutePercentageError} where there are some.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `eps` (> 0, default 1e-7), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { meanAbsolutePercentageError } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await meanAbsolutePercentageError(tensor([90, 22, 5]), [100, 20, 4]).item(); // => 15
 * @category Regression
 * @reference Keras 3, keras.losses.MeanAbsolutePercentageError,
 * https://keras.io/api/losses/regression_losses/#meanabsolutepercentageerror-class
 */
export function meanAbsolutePercentageError(
  prediction: Tensor,
  target: TensorLike,
  options: MeanAbsolutePercentageErrorOptions = {},
): Tensor {
  const fn = "meanAbsolutePercentageError";
  const reduction = checkOptions(fn, options, ["eps"]);
  const { eps = 1e-7 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  const size = t.abs().clip(eps, Number.POSITIVE_INFINITY);
  return reduced(fn, p.sub(t).abs().div(size).mul(100), reduction, options);
}
