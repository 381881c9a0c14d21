import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, softplus } from "@downhill/tensor";
import { averageOf, emptyLosses, maskedLogSumExp, pairsOf, reduceAnchors, some } from "../shared/embedding-pairs.js";
import { cosines, groupsOf, rowsOf } from "../shared/embeddings.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { product } from "../shared/weights.js";

/** Options of {@link circle}. */
export interface CircleOptions extends LossOptions {
  /** Relaxation: cosines shall be above 1 - margin for positives, below margin for negatives; from -1 to 1. @defaultValue 0.4 */
  readonly margin?: number | undefined;
  /** Scale of the cosines, finite and > 0. @defaultValue 80 */
  readonly gamma?: number | undefined;
  /**
   * What the mean is over: the embeddings that have both a positive and a negative (all others have loss 0), or all.
   *
   * @defaultValue "nonZero"
   */
  readonly average?: "nonZero" | "all" | undefined;
}

/**
 * Circle loss: pulls positives and pushes negatives, each the harder the farther it is from where it should be.
 *
 * $$ \ell_i = \ln\Big(1 + \sum_{n \in N_i} e^{\gamma \alpha_n (s_{in} - m)} \sum_{p \in P_i} e^{-\gamma \alpha_p (s_{ip} - 1 + m)}\Big)
 *    \qquad \alpha_n = \max(0,\, s_{in} + m), \quad \alpha_p = \max(0,\, 1 + m - s_{ip}) $$
 *
 * with cosines $s$. As in the paper and pytorch-metric-learning no gradient flows through the weights $\alpha$, so that the gradient
 * is not that of the value (Keras lets it flow). pytorch-metric-learning and Keras also leave losses out of the mean that are 0 in
 * their precision. Without an embedding that has a positive and a negative the loss is 0 with gradient 0.
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, integers
 * @param options - `margin` (-1 to 1, default 0.4; the paper: 0.25 for faces), `gamma` (> 0, default 80; 256 for faces), `average`
 * ("nonZero" or "all", default "nonZero"), `reduction`, `sampleWeight` (per embedding)
 * @returns the mean over the embeddings that have a positive and a negative (a scalar); `[batch]` for reduction `"none"`
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { circle } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const embeddings = tensor([[1, 0], [0.8, 0.6], [0, 1]]);
 * await circle(embeddings, [0, 0, 1], { gamma: 4 }).item(); // => 0.574135
 * @category Metric learning
 * @reference Sun et al. (2020), Circle Loss: A Unified Perspective of Pair Similarity Optimization,
 * https://arxiv.org/abs/2002.10857; pytorch-metric-learning, CircleLoss,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#circleloss
 */
export function circle(embeddings: Tensor, labels: TensorLike, options: CircleOptions = {}): Tensor {
  const fn = "circle";
  const reduction = checkOptions(fn, options, ["margin", "gamma", "average"]);
  const { margin = 0.4, gamma = 80 } = options;
  inRange(fn, "margin", margin, -1, 1, "both");
  inRange(fn, "gamma", gamma, 0, Number.POSITIVE_INFINITY, "low");
  const average = averageOf(fn, options.average, "nonZero");
  const x = rowsOf(fn, "embeddings", embeddings);
  const batch = x.shape[0] as number;
  const { positive, negative, positives, negatives } = pairsOf(groupsOf(fn, labels, batch));
  const lossPerAnchor = (s: Tensor): Tensor => {
    const fixed = s.detach();
    const pull = fixed
      .neg()
      .add(1 + margin)
      .relu()
      .mul(s.sub(1 - margin))
      .mul(-gamma);
    const push = fixed.add(margin).relu().mul(s.sub(margin)).mul(gamma);
    return softplus(maskedLogSumExp(pull, positive).add(maskedLogSumExp(push, negative)));
  };
  const losses = batch === 0 ? emptyLosses(x, 1) : lossPerAnchor(cosines(x));
  const valid = product([batch], some(positives), some(negatives)) ?? [];
  return reduceAnchors(fn, losses, valid, reduction, options, average);
}
