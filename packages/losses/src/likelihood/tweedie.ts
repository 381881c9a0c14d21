import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { atLeast } from "../shared/distribution.js";
import { checkDomain, nonnegative } from "../shared/domain.js";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkFlag } from "../shared/flag.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link tweedie}. */
export interface TweedieOptions extends LossOptions {
  /** Power of the mean that the variance grows with, between 1 (Poisson) and 2 (gamma), both excluded. @defaultValue 1.5 */
  readonly power?: number | undefined;
  /** Whether the prediction is the logarithm of the mean, otherwise the mean itself. @defaultValue true */
  readonly logInput?: boolean | undefined;
  /** Whether to add the term of the target alone, which makes it half of the deviance: 0 at the target. @defaultValue false */
  readonly full?: boolean | undefined;
  /** Smallest mean that counts, finite and > 0; only without `logInput`. @defaultValue 1e-8 */
  readonly eps?: number | undefined;
}

/**
 * Tweedie loss: for amounts that are often exactly 0 and else positive, such as insurance claims or rainfall.
 *
 * $$ \ell(\mu, t) = -\frac{t \, \mu^{1 - \rho}}{1 - \rho} + \frac{\mu^{2 - \rho}}{2 - \rho} $$
 *
 * `full` adds $t^{2 - \rho} / \bigl( (1 - \rho)(2 - \rho) \bigr)$; twice that is the deviance of scikit-learn and TorchMetrics.
 * Without it the numbers are those of XGBoost, LightGBM and PyTorch Forecasting. Far from 0 the mean that belongs to a logarithm
 * leaves the range of float32; the loss is then Infinity.
 *
 * @param prediction - `[...shape]`, $\ln \mu$, any real numbers; $\mu$ of at least 0 for `logInput: false`
 * @param target - `[...shape]`, the shape of `prediction`, amounts of at least 0; nothing is broadcast
 * @param options - `power` ($\rho$, between 1 and 2, default 1.5), `logInput` (default true), `full` (default false), `eps` (> 0,
 * default 1e-8), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a mean or amount that JavaScript knows is negative or not finite (naming it; computed negative means give
 * NaN), the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { tweedie } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await tweedie(tensor([0, 1]), [0, 4]).item(); // => 5.074844
 * await tweedie(tensor([1, 4]), [0, 4], { logInput: false, full: true }).item(); // => 1
 * @category Likelihoods
 * @reference Jorgensen (1987), Exponential Dispersion Models, https://doi.org/10.1111/j.2517-6161.1987.tb01685.x; scikit-learn,
 * mean_tweedie_deviance, https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_tweedie_deviance.html
 */
export function tweedie(prediction: Tensor, target: TensorLike, options: TweedieOptions = {}): Tensor {
  const fn = "tweedie";
  const reduction = checkOptions(fn, options, ["power", "logInput", "full", "eps"]);
  const { power = 1.5, logInput = true, full = false, eps = 1e-8 } = options;
  inRange(fn, "power", power, 1, 2, "both");
  checkFlag(fn, "logInput", logInput);
  checkFlag(fn, "full", full);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  if (!logInput) checkDomain(fn, "prediction", p, nonnegative, "; for logarithms of means set logInput: true");
  checkDomain(fn, "target", t, nonnegative);
  const logMean = logInput ? p : atLeast(p, eps).log();
  const [a, b] = [power - 1, 2 - power];
  const none = t.equal(0);
  // Chosen, not multiplied: 0 times an infinite power would be NaN.
  const pull = where(none, 0, t.mul(where(none, 0, logMean).mul(-a).exp()));
  let losses = pull.mul(1 / a).add(
    logMean
      .mul(b)
      .exp()
      .mul(1 / b),
  );
  if (full) losses = losses.sub(where(none, 0, where(none, 1, t).pow(b)).mul(1 / (a * b)));
  return reduced(fn, losses, reduction, options);
}
