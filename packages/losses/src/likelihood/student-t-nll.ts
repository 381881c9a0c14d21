import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { centerOf, parameterOf } from "../shared/distribution.js";
import { reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { stirlingError } from "../shared/stirling.js";

/** Options of {@link studentTNll}. */
export interface StudentTNllOptions extends LossOptions {
  /** Smallest scale and smallest degrees of freedom that count, finite and > 0. @defaultValue 1e-6 */
  readonly eps?: number | undefined;
}

/**
 * Student-t negative log-likelihood: regression with heavy tails, whose uncertainty and even the weight of the tails can be
 * predicted.
 *
 * $$ \ell(m, t, s, \nu) = \ln s + \tfrac12 \ln(\nu \pi) + \ln \Gamma \bigl( \tfrac{\nu}{2} \bigr)
 *    - \ln \Gamma \bigl( \tfrac{\nu + 1}{2} \bigr) + \frac{\nu + 1}{2} \ln \left( 1 + \frac{(m - t)^2}{\nu s^2} \right) $$
 *
 * One degree of freedom is the Cauchy distribution, many approach the Gaussian; accurate for all of them. Scales and degrees of
 * freedom below $\varepsilon$ count as $\varepsilon$, but keep the gradient that there is at $\varepsilon$.
 *
 * @param location - $m$, `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `location`; nothing is broadcast
 * @param scale - $s$, of at least 0 (no standard deviation: that is $s \sqrt{\nu / (\nu - 2)}$): `[...shape]`; its last extent may
 * be 1 or its last axis missing when one scale holds for the whole last axis; or one number for all
 * @param degreesOfFreedom - $\nu$, of at least 0, in the same shapes
 * @param options - `eps` (> 0, default 1e-6), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a scale or degree of freedom that JavaScript knows is negative or not finite (naming it; computed negative
 * ones give NaN), the shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { studentTNll } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await studentTNll(tensor([0.5, -1.5, 3]), [0, 1, 2.5], tensor([0.5, 1, 2]), 3).item(); // => 1.957097
 * await studentTNll(tensor([1]), [0], 1, 1).item(); // => 1.837877
 * @category Likelihoods
 * @reference Lange, Little & Taylor (1989), Robust Statistical Modeling Using the t Distribution,
 * https://doi.org/10.1080/01621459.1989.10478852; PyTorch 2.13, torch.distributions.StudentT,
 * https://docs.pytorch.org/docs/stable/distributions.html#studentt
 */
export function studentTNll(
  location: Tensor,
  target: TensorLike,
  scale: TensorLike,
  degreesOfFreedom: TensorLike,
  options: StudentTNllOptions = {},
): Tensor {
  const fn = "studentTNll";
  const reduction = checkOptions(fn, options, ["eps"]);
  const { eps = 1e-6 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [m, t] = centerOf(fn, "location", location, target);
  const s = parameterOf(fn, "scale", scale, "location", m.shape, eps);
  const nu = parameterOf(fn, "degreesOfFreedom", degreesOfFreedom, "location", m.shape, eps);
  const tails = m.sub(t).div(s).square().div(nu).log1p().mul(nu.add(1).mul(0.5));
  const half = nu.mul(0.5);
  const losses = tails
    .add(s.log())
    .sub(logGammaStep(half))
    .add(0.5 * Math.log(2 * Math.PI));
  return reduced(fn, losses, reduction, options);
}

/** ln Γ(x + ½) - ln Γ(x) - ½ ln x: from Stirling's formula, whose large parts cancel. */
function logGammaStep(x: Tensor): Tensor {
  const large = x.mul(x.mul(2).reciprocal().log1p()).sub(0.5);
  return large.add(stirlingError(x.add(0.5)).sub(stirlingError(x)));
}
