import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, softplus } from "@downhill/tensor";
import { emptyLosses, maskedLogSumExp, pairsOf, reducePairs } from "../shared/embedding-pairs.js";
import { distances, groupsOf, rowsOf, unitRows } from "../shared/embeddings.js";
import { checkFlag } from "../shared/flag.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link liftedStructure}. */
export interface LiftedStructureOptions extends LossOptions {
  /** Distance that negatives shall keep, finite and > 0. @defaultValue 1 */
  readonly negativeMargin?: number | undefined;
  /** Taken off the distance of the positives, finite and >= 0. @defaultValue 0 */
  readonly positiveMargin?: number | undefined;
  /** Whether embeddings are brought to length 1 first; the paper does not. @defaultValue true */
  readonly normalize?: boolean | undefined;
}

/**
 * Lifted structured loss: each positive pair shall be closer than all negatives of both of its members, softly.
 *
 * $$ \ell_{ij} = \tfrac12 \max\Big(0,\; \ln\Big(\sum_{k \in N_i} e^{m_- - d_{ik}} + \sum_{k \in N_j} e^{m_- - d_{jk}}\Big)
 *    + d_{ij} - m_+\Big)^2 \qquad y_i = y_j,\; i \ne j $$
 *
 * with distances $d$ and the negatives $N_i$ of an embedding. The mean is over all positive pairs (each counted in both orders); a
 * batch without a positive or without a negative pair gives 0 with gradient 0. So is the gradient of a distance that is 0.
 *
 * @param embeddings - `[batch, dims]`, any real numbers
 * @param labels - `[batch]`, integers
 * @param options - `negativeMargin` (> 0, default 1), `positiveMargin` (>= 0, default 0), `normalize` (default true, as in
 * pytorch-metric-learning), `reduction`, `sampleWeight` (per embedding as the first of its pairs, or per pair)
 * @returns the mean over all positive pairs (a scalar); for reduction `"none"` `[batch, batch]` with 0 for what is no positive pair
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { liftedStructure } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const embeddings = tensor([[1, 0], [0.8, 0.6], [0, 1]]);
 * await liftedStructure(embeddings, [0, 0, 1]).item(); // => 0.725628
 * @category Metric learning
 * @reference Song et al. (2016), Deep Metric Learning via Lifted Structured Feature Embedding, https://arxiv.org/abs/1511.06452;
 * pytorch-metric-learning, LiftedStructureLoss,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#liftedstructureloss
 */
export function liftedStructure(embeddings: Tensor, labels: TensorLike, options: LiftedStructureOptions = {}): Tensor {
  const fn = "liftedStructure";
  const reduction = checkOptions(fn, options, ["negativeMargin", "positiveMargin", "normalize"]);
  const { negativeMargin = 1, positiveMargin = 0, normalize = true } = options;
  inRange(fn, "negativeMargin", negativeMargin, 0, Number.POSITIVE_INFINITY, "low");
  inRange(fn, "positiveMargin", positiveMargin, 0, Number.POSITIVE_INFINITY);
  checkFlag(fn, "normalize", normalize);
  const x = rowsOf(fn, "embeddings", embeddings);
  const batch = x.shape[0] as number;
  const { positive, negative, positives } = pairsOf(groupsOf(fn, labels, batch));
  const lossPerPair = (d: Tensor): Tensor => {
    const crowd = maskedLogSumExp(d.neg().add(negativeMargin), negative);
    const [first, second] = [crowd.unsqueeze(1), crowd.unsqueeze(0)];
    // log(e^first + e^second)
    const both = first.add(softplus(second.sub(first)));
    return both.add(d).sub(positiveMargin).relu().square().mul(0.5);
  };
  const losses = batch === 0 ? emptyLosses(x, 2) : lossPerPair(distances(normalize ? unitRows(x) : x));
  return reducePairs(fn, losses, positive, positives, reduction, options);
}
