import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { centerOf, parameterOf } from "../shared/distribution.js";
import { reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link laplaceNll}. */
export interface LaplaceNllOptions extends LossOptions {
  /** Smallest scale that counts, in the units of the target: finite and > 0. @defaultValue 1e-6 */
  readonly eps?: number | undefined;
}

/**
 * Laplace negative log-likelihood: an absolute error that predicts its own uncertainty, less swayed by outliers than a Gaussian.
 *
 * $$ \ell(m, t, b) = \ln(2b) + \frac{|m - t|}{b} $$
 *
 * The gradient where $m = t$ is that of $\ln(2b)$ alone. Scales below $\varepsilon$ count as $\varepsilon$, but keep the gradient
 * that there is at $\varepsilon$.
 *
 * @param location - $m$, `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `location`; nothing is broadcast
 * @param scale - $b$, the mean absolute deviation, of at least 0: `[...shape]`; its last extent may be 1 or its last axis missing
 * when one scale holds for the whole last axis; or one number for all
 * @param options - `eps` (> 0, default 1e-6), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a scale that JavaScript knows is negative or not finite (naming it; computed negative ones give NaN), the
 * shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { laplaceNll } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await laplaceNll(tensor([0.5, -1.5, 3]), [0, 1, 2.5], tensor([0.5, 1, 2])).item(); // => 1.943147
 * @category Likelihoods
 * @reference PyTorch 2.13, torch.distributions.Laplace,
 * https://docs.pytorch.org/docs/stable/distributions.html#laplace
 */
export function laplaceNll(
  location: Tensor,
  target: TensorLike,
  scale: TensorLike,
  options: LaplaceNllOptions = {},
): Tensor {
  const fn = "laplaceNll";
  const reduction = checkOptions(fn, options, ["eps"]);
  const { eps = 1e-6 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [m, t] = centerOf(fn, "location", location, target);
  const b = parameterOf(fn, "scale", scale, "location", m.shape, eps);
  return reduced(fn, m.sub(t).abs().div(b).add(b.log()).add(Math.LN2), reduction, options);
}
