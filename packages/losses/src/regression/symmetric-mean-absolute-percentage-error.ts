import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link symmetricMeanAbsolutePercentageError}. */
export interface SymmetricMeanAbsolutePercentageErrorOptions extends LossOptions {
  /** Smallest number that is divided by, in the units of the target: finite and > 0. @defaultValue 1e-7 */
  readonly eps?: number | undefined;
}

/**
 * Symmetric mean absolute percentage error: the error relative to the mean size of prediction and target, from 0 to 200 percent.
 *
 * $$ \ell(p, t) = 200 \, \frac{|p - t|}{\max(|p| + |t|, \varepsilon)} $$
 *
 * Where both are 0 the loss is 0. In percent as in the M4 competition; PyTorch Forecasting and TorchMetrics leave out the factor
 * 100. Where the signs differ the loss is 200 and its gradient 0: it is meant for numbers of one sign.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `eps` (> 0, default 1e-7), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { symmetricMeanAbsolutePercentageError } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await symmetricMeanAbsolutePercentageError(tensor([90, 0, 5]), [110, 0, 5]).item(); // => 6.666667
 * @category Regression
 * @reference Makridakis, Spiliotis & Assimakopoulos (2020), The M4 Competition,
 * https://doi.org/10.1016/j.ijforecast.2019.04.014; PyTorch Forecasting, SMAPE,
 * https://pytorch-forecasting.readthedocs.io/en/stable/api/pytorch_forecasting.metrics.point.SMAPE.html
 */
export function symmetricMeanAbsolutePercentageError(
  prediction: Tensor,
  target: TensorLike,
  options: SymmetricMeanAbsolutePercentageErrorOptions = {},
): Tensor {
  const fn = "symmetricMeanAbsolutePercentageError";
  const reduction = checkOptions(fn, options, ["eps"]);
  const { eps = 1e-7 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  const size = p.abs().add(t.abs()).clip(eps, Number.POSITIVE_INFINITY);
  return reduced(fn, p.sub(t).abs().div(size).mul(200), reduction, options);
}
