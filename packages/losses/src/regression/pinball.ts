import type { Tensor, TensorLike } from "@downhill/tensor";
import { reduced } from "../shared/elementwise.js";
import { levelErrors } from "../shared/levels.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link pinball}. */
export interface PinballOptions extends LossOptions {
  /**
   * The quantile to predict, between 0 and 1, both excluded; or several of them, for which the last axis of the prediction has
   * one entry each.
   *
   * @defaultValue 0.5, the median
   */
  readonly quantile?: number | readonly number[] | undefined;
}

/**
 * Pinball loss, also called quantile loss: its best constant is a quantile of the targets, so several of them span an interval.
 *
 * $$ \ell(p, t) = \max \bigl( q\,(t - p), \; (q - 1)\,(t - p) \bigr) $$
 *
 * The gradient where $p = t$ is $\tfrac12 - q$, in the middle between both sides. This is the textbook's form (scikit-learn);
 * PyTorch Forecasting's QuantileLoss is twice as large.
 *
 * @param prediction - `[...shape]`, any real numbers; `[...shape, quantiles]` for several quantiles
 * @param target - `[...shape]`; nothing is broadcast but the target over the quantiles
 * @param options - `quantile` (between 0 and 1, or an array of such numbers; default 0.5), `reduction`, `sampleWeight`
 * @returns the mean over all elements and quantiles (a scalar); the shape of `prediction` for reduction `"none"`
 * @throws RangeError when the shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { pinball } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await pinball(tensor([1, 3]), [3, 1], { quantile: 0.9 }).item(); // => 1
 * const interval = tensor([[-1, 0, 2], [1, 3, 4]]);
 * await pinball(interval, [0, 3.5], { quantile: [0.1, 0.5, 0.9] }).item(); // => 0.141667
 * @category Regression
 * @reference Koenker & Bassett (1978), Regression Quantiles, https://doi.org/10.2307/1913643; scikit-learn, mean_pinball_loss,
 * https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_pinball_loss.html
 */
export function pinball(prediction: Tensor, target: TensorLike, options: PinballOptions = {}): Tensor {
  const fn = "pinball";
  const reduction = checkOptions(fn, options, ["quantile"]);
  const { error, level, rest } = levelErrors(fn, "quantile", prediction, target, options.quantile ?? 0.5);
  return reduced(fn, error.mul(level).maximum(error.neg().mul(rest)), reduction, options);
}
