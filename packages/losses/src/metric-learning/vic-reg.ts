import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, inRange, where } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses, unweighted } from "../shared/reduce.js";
import type { Views } from "../shared/views.js";
import { centered, crossProducts, noLosses, orNothing, viewsOf } from "../shared/views.js";

/** Options of {@link vicReg}. */
export interface VicRegOptions extends LossOptions {
  /** Factor of the squared distance between the views, finite and >= 0. @defaultValue 25 */
  readonly invarianceWeight?: number | undefined;
  /** Factor of what standard deviations lack to 1, finite and >= 0. @defaultValue 25 */
  readonly varianceWeight?: number | undefined;
  /** Factor of squared covariances between dims, finite and >= 0. @defaultValue 1 */
  readonly covarianceWeight?: number | undefined;
  /** Added to variances under the root, finite and > 0. @defaultValue 1e-4 */
  readonly eps?: number | undefined;
  /**
   * Importance of each example in means, variances and covariances, finite and >= 0: `[batch]`.
   *
   * @defaultValue all 1
   */
  readonly sampleWeight?: TensorLike | undefined;
}

/**
 * VICReg: learns from two views of the same examples, without labels and negatives, by keeping the dims of the embeddings apart.
 *
 * $$ \frac1D \sum_d \Big( \lambda \, \overline{(a_d - b_d)^2}
 *    + \frac\mu2 \sum_{z \in \{a, b\}} \max\big(0,\, 1 - \sqrt{\mathrm{Var}(z_d) + \varepsilon}\big)
 *    + \nu \sum_{z \in \{a, b\}} \sum_{j \ne d} \mathrm{Cov}(z_d, z_j)^2 \Big) $$
 *
 * Variances and covariances are the unbiased ones. An empty batch, or one without weight, gives 0 with gradient 0; so do less than
 * two examples whose weight the device computes.
 *
 * @param first - `[batch, dims]`, embeddings of the first view, any real numbers; at least 2 examples (or none)
 * @param second - `[batch, dims]`, embeddings of the second view of the same examples
 * @param options - `invarianceWeight` (>= 0, default 25), `varianceWeight` (>= 0, default 25), `covarianceWeight` (>= 0, default 1),
 * `eps` (> 0, default 1e-4), `reduction` (over the dims), `sampleWeight` (per example)
 * @returns the mean over the dims (a scalar); `[dims]` for reduction `"none"`
 * @throws RangeError when there is only one example, the shapes differ or an option is out of its range; TypeError when an argument
 * is of the wrong kind
 * @example
 * import { vicReg } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const first = tensor([[1, 0], [0, 1], [0.5, -0.5]]);
 * const second = tensor([[0.5, 0], [0, 0.5], [0.5, -1]]);
 * await vicReg(first, second).item(); // => 13.7365
 * @category Metric learning
 * @reference Bardes, Ponce & LeCun (2022), VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised Learning,
 * https://arxiv.org/abs/2105.04906; pytorch-metric-learning, VICRegLoss,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#vicregloss
 */
export function vicReg(first: Tensor, second: Tensor, options: VicRegOptions = {}): Tensor {
  const fn = "vicReg";
  const own = ["invarianceWeight", "varianceWeight", "covarianceWeight", "eps"];
  const reduction = checkOptions(fn, options, own);
  const { invarianceWeight = 25, varianceWeight = 25, covarianceWeight = 1, eps = 1e-4 } = options;
  inRange(fn, "invarianceWeight", invarianceWeight, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "varianceWeight", varianceWeight, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "covarianceWeight", covarianceWeight, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const views = viewsOf(fn, first, second, options.sampleWeight);
  if (views === null) return reduceLosses(noLosses(first, second), reduction, unweighted);
  const distance = views.first.sub(views.second).square().mul(views.share).sum({ axis: 0 });
  const spread = [views.first, views.second].map((x) => spreadOf(x, views, eps));
  const [a, b] = spread as [Spread, Spread];
  const losses = distance
    .mul(invarianceWeight)
    .add(a.missing.add(b.missing).mul(varianceWeight / 2))
    .add(a.shared.add(b.shared).mul(covarianceWeight));
  return reduceLosses(orNothing(losses, views), reduction, unweighted);
}

/** Per dim: what its standard deviation lacks to 1, and the sum of its squared covariances with the others. */
interface Spread {
  readonly missing: Tensor;
  readonly shared: Tensor;
}

function spreadOf(x: Tensor, { share, correction }: Views, eps: number): Spread {
  const z = centered(x, share);
  const safe = typeof correction === "number" ? correction : where(correction.greater(1e-6), correction, 1);
  const variance = z.square().mul(share).sum({ axis: 0 }).div(safe);
  const covariance = crossProducts(z, z, share).div(safe);
  const dim = arange(x.shape[1] as number);
  const others = where(dim.unsqueeze(1).equal(dim), 0, covariance);
  return { missing: variance.add(eps).sqrt().neg().add(1).relu(), shared: others.square().sum({ axis: -1 }) };
}
