import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { centerOf, parameterOf } from "../shared/distribution.js";
import { reduced } from "../shared/elementwise.js";
import { checkFlag } from "../shared/flag.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link gaussianNll}. */
export interface GaussianNllOptions extends LossOptions {
  /** Whether to add the constant ln(2π)/2. @defaultValue false */
  readonly full?: boolean | undefined;
  /** Smallest variance that counts, finite and > 0. @defaultValue 1e-6 */
  readonly eps?: number | undefined;
}

/**
 * Gaussian negative log-likelihood: regression that predicts its own uncertainty, as a variance.
 *
 * $$ \ell(\mu, t, v) = \tfrac12 \left( \ln v + \frac{(\mu - t)^2}{v} \right) $$
 *
 * `full` adds $\tfrac12 \ln 2\pi$. Variances below $\varepsilon$ count as $\varepsilon$, but keep the gradient that there is at
 * $\varepsilon$, as in PyTorch.
 *
 * @param mean - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `mean`; nothing is broadcast
 * @param variance - of at least 0: `[...shape]`; its last extent may be 1 or its last axis missing when one variance holds for the
 * whole last axis; or one number for all
 * @param options - `full` (default false), `eps` (> 0, default 1e-6), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a variance that JavaScript knows is negative or not finite (naming it; computed negative ones give NaN),
 * the shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { gaussianNll } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await gaussianNll(tensor([0.5, -1.5, 3]), [0, 1, 2.5], tensor([0.5, 1, 2])).item(); // => 1.145833
 * await gaussianNll(tensor([0.5, -1.5, 3]), [0, 1, 2.5], 1, { full: true }).item(); // => 2.043939
 * @category Likelihoods
 * @reference Nix & Weigend (1994), Estimating the mean and variance of the target probability distribution,
 * https://doi.org/10.1109/ICNN.1994.374138; PyTorch 2.13, torch.nn.GaussianNLLLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 */
export function gaussianNll(
  mean: Tensor,
  target: TensorLike,
  variance: TensorLike,
  options: GaussianNllOptions = {},
): Tensor {
  const fn = "gaussianNll";
  const reduction = checkOptions(fn, options, ["full", "eps"]);
  const { full = false, eps = 1e-6 } = options;
  checkFlag(fn, "full", full);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [m, t] = centerOf(fn, "mean", mean, target);
  const v = parameterOf(fn, "variance", variance, "mean", m.shape, eps);
  const losses = m.sub(t).square().div(v).add(v.log()).mul(0.5);
  return reduced(fn, full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction, options);
}
