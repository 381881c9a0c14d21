import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { centerOf, parameterOf } from "../shared/distribution.js";
import { reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link crps}. */
export interface CrpsOptions extends LossOptions {
  /** Smallest standard deviation that counts, in the units of the target: finite and > 0. @defaultValue 1e-6 */
  readonly eps?: number | undefined;
}

/**
 * Continuous ranked probability score of a Gaussian: an absolute error for whole distributions, in the units of the target.
 *
 * $$ \ell(\mu, t, \sigma) = \sigma \left( z \, \bigl( 2 \Phi(z) - 1 \bigr) + 2 \varphi(z) - \frac{1}{\sqrt \pi} \right)
 *    \qquad z = \frac{t - \mu}{\sigma} $$
 *
 * Proper as {@link gaussianNll} is, but it grows only linearly with the error. Towards $\sigma = 0$ it is $|t - \mu|$. Standard
 * deviations below $\varepsilon$ count as $\varepsilon$, but keep the gradient that there is at $\varepsilon$.
 *
 * @param mean - $\mu$, `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `mean`; nothing is broadcast
 * @param standardDeviation - $\sigma$, of at least 0 (not the variance): `[...shape]`; its last extent may be 1 or its last axis
 * missing when one holds for the whole last axis; or one number for all
 * @param options - `eps` (> 0, default 1e-6), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a standard deviation that JavaScript knows is negative or not finite (naming it; computed negative ones
 * give NaN), the shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { crps } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await crps(tensor([0.5, -1.5, 3]), [0, 1, 2.5], tensor([0.5, 1, 2])).item(); // => 0.919346
 * @category Likelihoods
 * @reference Gneiting et al. (2005), Calibrated Probabilistic Forecasting Using Ensemble Model Output Statistics and Minimum CRPS
 * Estimation, https://doi.org/10.1175/MWR2904.1; properscoring, crps_gaussian, https://github.com/properscoring/properscoring
 */
export function crps(
  mean: Tensor,
  target: TensorLike,
  standardDeviation: TensorLike,
  options: CrpsOptions = {},
): Tensor {
  const fn = "crps";
  const reduction = checkOptions(fn, options, ["eps"]);
  const { eps = 1e-6 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [m, t] = centerOf(fn, "mean", mean, target);
  const sigma = parameterOf(fn, "standardDeviation", standardDeviation, "mean", m.shape, eps);
  const error = m.sub(t);
  const z = error.div(sigma);
  const density = z
    .square()
    .mul(-0.5)
    .exp()
    .mul(Math.sqrt(2 / Math.PI));
  const losses = error.mul(z.mul(Math.SQRT1_2).erf()).add(sigma.mul(density.sub(1 / Math.sqrt(Math.PI))));
  return reduced(fn, losses, reduction, options);
}
