import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { reduced } from "../shared/elementwise.js";
import { emptyLosses, maskedSoftplus, pairsOf } from "../shared/embedding-pairs.js";
import { cosines, groupsOf, rowsOf } from "../shared/embeddings.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link multiSimilarity}. */
export interface MultiSimilarityOptions extends LossOptions {
  /** Sharpness for positives, finite and > 0. @defaultValue 2 */
  readonly alpha?: number | undefined;
  /** Sharpness for negatives, finite and > 0. @defaultValue 50 */
  readonly beta?: number | undefined;
  /** The cosine that positives shall be above and negatives below, from -1 to 1. @defaultValue 0.5 */
  readonly base?: number | undefined;
}

/**
 * Multi-similarity loss: weighs each pair by its own similarity and by how it compares with the other pairs of its anchor.
 *
 * $$ \ell_i = \frac1\alpha \ln\Big(1 + \sum_{p \in P_i} e^{-\alpha (s_{ip} - \lambda)}\Big)
 *           + \frac1\beta \ln\Big(1 + \sum_{n \in N_i} e^{\beta (s_{in} - \lambda)}\Big) $$
 *
 * with cosines $s$. The mean is over all embeddings of the batch, with or without pairs, as in pytorch-metric-learning and the
 * paper's code. The paper first drops easy pairs, by a mining step that is not part of this loss. A batch without pairs gives 0 with
 * gradient 0.
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, integers
 * @param options - `alpha` (> 0, default 2), `beta` (> 0, default 50), `base` (-1 to 1, default 0.5), `reduction`, `sampleWeight`
 * (per embedding)
 * @returns the mean over all embeddings (a scalar); `[batch]` for reduction `"none"`
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { multiSimilarity } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const embeddings = tensor([[1, 0], [0.8, 0.6], [0, 1]]);
 * await multiSimilarity(embeddings, [0, 0, 1]).item(); // => 0.212586
 * @category Metric learning
 * @reference Wang et al. (2019), Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning,
 * https://arxiv.org/abs/1904.06627; pytorch-metric-learning, MultiSimilarityLoss,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#multisimilarityloss
 */
export function multiSimilarity(embeddings: Tensor, labels: TensorLike, options: MultiSimilarityOptions = {}): Tensor {
  const fn = "multiSimilarity";
  const reduction = checkOptions(fn, options, ["alpha", "beta", "base"]);
  const { alpha = 2, beta = 50, base = 0.5 } = options;
  inRange(fn, "alpha", alpha, 0, Number.POSITIVE_INFINITY, "low");
  inRange(fn, "beta", beta, 0, Number.POSITIVE_INFINITY, "low");
  inRange(fn, "base", base, -1, 1);
  const x = rowsOf(fn, "embeddings", embeddings);
  const batch = x.shape[0] as number;
  const { positive, negative } = pairsOf(groupsOf(fn, labels, batch));
  if (batch === 0) return reduced(fn, emptyLosses(x, 1), reduction, options);
  const above = cosines(x).sub(base);
  const pull = maskedSoftplus(above.mul(-alpha), positive).div(alpha);
  const push = maskedSoftplus(above.mul(beta), negative).div(beta);
  return reduced(fn, pull.add(push), reduction, options);
}
