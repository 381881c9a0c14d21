import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { atLeast, centerOf, parameterOf } from "../shared/distribution.js";
import { checkDomain, nonnegative } from "../shared/domain.js";
import { reduced } from "../shared/elementwise.js";
import { logRatio } from "../shared/log-ratio.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { stirlingError } from "../shared/stirling.js";

/** Options of {@link negativeBinomialNll}. */
export interface NegativeBinomialNllOptions extends LossOptions {
  /** Smallest mean and smallest total count that count, finite and > 0. @defaultValue 1e-8 */
  readonly eps?: number | undefined;
}

/**
 * Negative binomial negative log-likelihood: for counts that scatter more than Poisson's, predicted by their mean and how much they
 * scatter.
 *
 * $$ \ell(\mu, t, r) = \ln \Gamma(r) + \ln \Gamma(t + 1) - \ln \Gamma(t + r)
 *    - r \ln \frac{r}{r + \mu} - t \ln \frac{\mu}{r + \mu} $$
 *
 * The variance is $\mu + \mu^2 / r$, so $1 / r$ is the overdispersion; a large $r$ gives the Poisson distribution. PyTorch's
 * NegativeBinomial has the same `total_count` $r$, and $\mu = r \, e^{\text{logits}}$. Large counts are no loss of accuracy. Means
 * and total counts below $\varepsilon$ count as $\varepsilon$, but keep the gradient that there is at $\varepsilon$.
 *
 * @param mean - $\mu$, `[...shape]`, of at least 0
 * @param target - `[...shape]`, the shape of `mean`, counts of at least 0; nothing is broadcast
 * @param totalCount - $r$, of at least 0, no integer needed: `[...shape]`; its last extent may be 1 or its last axis missing when
 * one holds for the whole last axis; or one number for all
 * @param options - `eps` (> 0, default 1e-8), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a number that JavaScript knows is negative or not finite (naming it; computed negative ones give NaN), the
 * shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { negativeBinomialNll } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await negativeBinomialNll(tensor([2, 0.5, 30]), [3, 0, 25], tensor([1, 2, 10])).item(); // => 2.013632
 * @category Likelihoods
 * @reference Loader (2000), Fast and Accurate Computation of Binomial Probabilities (the form that keeps the digits); PyTorch 2.13,
 * torch.distributions.NegativeBinomial, https://docs.pytorch.org/docs/stable/distributions.html#negativebinomial
 */
export function negativeBinomialNll(
  mean: Tensor,
  target: TensorLike,
  totalCount: TensorLike,
  options: NegativeBinomialNllOptions = {},
): Tensor {
  const fn = "negativeBinomialNll";
  const reduction = checkOptions(fn, options, ["eps"]);
  const { eps = 1e-8 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [m, t] = centerOf(fn, "mean", mean, target);
  checkDomain(fn, "mean", m, nonnegative);
  checkDomain(fn, "target", t, nonnegative);
  const r = parameterOf(fn, "totalCount", totalCount, "mean", m.shape, eps);
  return reduced(fn, lossPerCount(atLeast(m, eps), t, r), reduction, options);
}

/** Loader's form: log-gammas by Stirling's formula with its error, so that their large parts cancel on paper and not in float32. */
function lossPerCount(mean: Tensor, t: Tensor, r: Tensor): Tensor {
  const none = t.lessEqual(0);
  const count = where(none, 1, t);
  const total = t.add(r);
  const whole = mean.add(r);
  const excess = mean.sub(t);
  const failures = r.mul(logRatio(whole, total, excess));
  const successes = t.mul(logRatio(total.mul(mean).div(whole), count, excess.mul(r).div(whole)));
  const ofCount = where(
    none,
    0,
    count
      .mul(2 * Math.PI)
      .log()
      .mul(0.5)
      .add(stirlingError(count)),
  );
  const ofBoth = t
    .div(r)
    .log1p()
    .mul(0.5)
    .add(stirlingError(r).sub(stirlingError(total)));
  return failures.sub(successes).add(ofCount).add(ofBoth);
}
