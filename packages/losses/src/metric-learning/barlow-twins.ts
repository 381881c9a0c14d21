import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, inRange, where } from "@downhill/tensor";
import type { LossOptions, Reduction } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses, unweighted } from "../shared/reduce.js";
import { centered, crossProducts, noLosses, orNothing, viewsOf } from "../shared/views.js";

/** Options of {@link barlowTwins}. */
export interface BarlowTwinsOptions extends LossOptions {
  /** Factor of squared correlations between different dims, finite and >= 0. @defaultValue 0.005 */
  readonly lambda?: number | undefined;
  /** Added to variances under the root, finite and > 0. @defaultValue 1e-5, that of batch normalization */
  readonly eps?: number | undefined;
  /** `"sum"` over the dims, `"mean"`, or `"none"` for one loss per dim. @defaultValue "sum", the loss of the paper */
  readonly reduction?: Reduction | undefined;
  /**
   * Importance of each example in means, variances and correlations, finite and >= 0: `[batch]`.
   *
   * @defaultValue all 1
   */
  readonly sampleWeight?: TensorLike | undefined;
}

/**
 * Barlow Twins: learns from two views of the same examples, without labels and negatives, by making the correlations between the
 * dims of both an identity matrix.
 *
 * $$ \sum_d (1 - C_{dd})^2 + \lambda \sum_d \sum_{j \ne d} C_{dj}^2 \qquad
 *    C_{dj} = \frac1n \sum_i \hat a_{id} \, \hat b_{ij}, \quad \hat z = \frac{z - \bar z}{\sqrt{\mathrm{Var}(z) + \varepsilon}} $$
 *
 * As in the authors' code and lightly, each dim is normalized as by batch normalization, by its biased variance over the $n$
 * examples. MONAI divides by the unbiased standard deviation plus 1e-6, which makes every correlation $(n - 1)/n$ of this one. The
 * authors' code has $\lambda$ 0.0051, the paper 0.005. An empty batch, or one without weight, gives 0 with gradient 0; so do less
 * than two examples whose weight the device computes.
 *
 * @param first - `[batch, dims]`, embeddings of the first view, any real numbers; at least 2 examples (or none)
 * @param second - `[batch, dims]`, embeddings of the second view of the same examples
 * @param options - `lambda` (>= 0, default 0.005), `eps` (> 0, default 1e-5), `reduction` (over the dims, default "sum"),
 * `sampleWeight` (per example)
 * @returns the sum over the dims (a scalar); `[dims]` for reduction `"none"`
 * @throws RangeError when there is only one example, the shapes differ or an option is out of its range; TypeError when an argument
 * is of the wrong kind
 * @example
 * import { barlowTwins } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const first = tensor([[1, 0], [0, 1], [0.5, -0.5]]);
 * const second = tensor([[0.5, 0], [0, 0.5], [0.5, -1]]);
 * await barlowTwins(first, second).item(); // => 0.0280815
 * @category Metric learning
 * @reference Zbontar et al. (2021), Barlow Twins: Self-Supervised Learning via Redundancy Reduction,
 * https://arxiv.org/abs/2103.03230; the authors' code, https://github.com/facebookresearch/barlowtwins
 */
export function barlowTwins(first: Tensor, second: Tensor, options: BarlowTwinsOptions = {}): Tensor {
  const fn = "barlowTwins";
  const given = checkOptions(fn, options, ["lambda", "eps"]);
  const reduction = options.reduction === undefined ? "sum" : given;
  const { lambda = 0.005, eps = 1e-5 } = options;
  inRange(fn, "lambda", lambda, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const views = viewsOf(fn, first, second, options.sampleWeight);
  if (views === null) return reduceLosses(noLosses(first, second), reduction, unweighted);
  const { share } = views;
  const normal = (x: Tensor): Tensor => {
    const z = centered(x, share);
    return z.div(z.square().mul(share).sum({ axis: 0 }).add(eps).sqrt());
  };
  const correlation = crossProducts(normal(views.first), normal(views.second), share);
  const dim = arange(first.shape[1] as number);
  const error = where(dim.unsqueeze(1).equal(dim), correlation.neg().add(1).square(), correlation.square().mul(lambda));
  return reduceLosses(orNothing(error.sum({ axis: -1 }), views), reduction, unweighted);
}
