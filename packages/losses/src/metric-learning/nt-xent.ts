import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, softplus } from "@downhill/tensor";
import { emptyLosses, maskedLogSumExp, pairsOf, reducePairs } from "../shared/embedding-pairs.js";
import { cosines, groupsOf, rowsOf } from "../shared/embeddings.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link ntXent}. */
export interface NtXentOptions extends LossOptions {
  /** What cosines are divided by, finite and > 0: a small one looks mostly at the hardest negatives. @defaultValue 0.07 */
  readonly temperature?: number | undefined;
}

/**
 * NT-Xent, also called InfoNCE: among all negatives, each embedding picks out its positive (SimCLR).
 *
 * $$ \ell_{ij} = -\ln \frac{e^{s_{ij}/\tau}}{e^{s_{ij}/\tau} + \sum_{k : y_k \ne y_i} e^{s_{ik}/\tau}} \qquad y_i = y_j,\; i \ne j $$
 *
 * with cosines $s$. Several positives of one embedding make several pairs, none of which has the others in its denominator;
 * {@link supervisedContrastive} has. The mean is over all positive pairs; without one the loss is 0 with gradient 0. For two views
 * of a batch, put one below the other and number the labels twice, as below.
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, integers; equal ones make a positive pair
 * @param options - `temperature` (> 0, default 0.07 as in pytorch-metric-learning and Optax; SimCLR: 0.5), `reduction`,
 * `sampleWeight` (per embedding as the first of its pairs, or per pair)
 * @returns the mean over all positive pairs (a scalar); for reduction `"none"` `[batch, batch]` with 0 for what is no positive pair
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { ntXent } from "@downhill/losses";
 * import { concat, tensor } from "@downhill/tensor";
 * const first = tensor([[1, 0], [0, 1]]);
 * const second = tensor([[0.8, 0.6], [0.6, 0.8]]);
 * await ntXent(concat([first, second]), [0, 1, 0, 1], { temperature: 0.5 }).item(); // => 0.870714
 * @category Metric learning
 * @reference Chen et al. (2020), A Simple Framework for Contrastive Learning of Visual Representations,
 * https://arxiv.org/abs/2002.05709; pytorch-metric-learning, NTXentLoss,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#ntxentloss
 */
export function ntXent(embeddings: Tensor, labels: TensorLike, options: NtXentOptions = {}): Tensor {
  const fn = "ntXent";
  const reduction = checkOptions(fn, options, ["temperature"]);
  const { temperature = 0.07 } = options;
  inRange(fn, "temperature", temperature, 0, Number.POSITIVE_INFINITY, "low");
  const x = rowsOf(fn, "embeddings", embeddings);
  const batch = x.shape[0] as number;
  const { positive, negative, positives } = pairsOf(groupsOf(fn, labels, batch));
  const losses = batch === 0 ? emptyLosses(x, 2) : lossPerPair(cosines(x).div(temperature), negative);
  return reducePairs(fn, losses, positive, positives, reduction, options);
}

/** -log(e^s / (e^s + the sum over the negatives)) = log(1 + sum / e^s) */
function lossPerPair(scores: Tensor, negative: Tensor): Tensor {
  return softplus(maskedLogSumExp(scores, negative).unsqueeze(1).sub(scores));
}
