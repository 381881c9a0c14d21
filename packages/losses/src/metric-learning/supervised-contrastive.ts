import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { averageOf, emptyLosses, maskedSoftmaxTerms, pairsOf, reduceAnchors, some } from "../shared/embedding-pairs.js";
import { cosines, groupsOf, rowsOf } from "../shared/embeddings.js";
import { crossEntropyWith } from "../shared/log-softmax-terms.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { asTensor } from "../shared/weights.js";

/** Options of {@link supervisedContrastive}. */
export interface SupervisedContrastiveOptions extends LossOptions {
  /** What cosines are divided by, finite and > 0: a small one looks mostly at the hardest pairs. @defaultValue 0.1 */
  readonly temperature?: number | undefined;
  /**
   * What the mean is over: the embeddings that have a positive (all others have loss 0), as in pytorch-metric-learning, or all, as
   * in the paper's code.
   *
   * @defaultValue "nonZero"
   */
  readonly average?: "nonZero" | "all" | undefined;
}

/**
 * Supervised contrastive loss (SupCon): among all other embeddings of a batch, each picks out those of its label.
 *
 * $$ \ell_i = -\frac{1}{|P_i|} \sum_{p \in P_i} \ln \frac{e^{s_{ip}/\tau}}{\sum_{k \ne i} e^{s_{ik}/\tau}} \qquad
 *    P_i = \{p \ne i : y_p = y_i\} $$
 *
 * with cosines $s$. Without a positive pair the loss is 0 with gradient 0. Two places where code differs: a batch of a single label
 * is contrasted within itself, as in the paper's code (pytorch-metric-learning: 0), and the paper's code also multiplies by its
 * temperature over 0.07.
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, integers
 * @param options - `temperature` (> 0, default 0.1), `average` ("nonZero" or "all", default "nonZero"), `reduction`, `sampleWeight`
 * (per embedding)
 * @returns the mean over the embeddings that have a positive (a scalar); `[batch]` for reduction `"none"`
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { supervisedContrastive } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const embeddings = tensor([[1, 0], [0.8, 0.6], [0, 1]]);
 * await supervisedContrastive(embeddings, [0, 0, 1], { temperature: 0.5 }).item(); // => 0.348458
 * await supervisedContrastive(embeddings, [0, 0, 1], { temperature: 0.5, average: "all" }).item(); // => 0.232305
 * @category Metric learning
 * @reference Khosla et al. (2020), Supervised Contrastive Learning, https://arxiv.org/abs/2004.11362; pytorch-metric-learning,
 * SupConLoss, https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#supconloss
 */
export function supervisedContrastive(
  embeddings: Tensor,
  labels: TensorLike,
  options: SupervisedContrastiveOptions = {},
): Tensor {
  const fn = "supervisedContrastive";
  const reduction = checkOptions(fn, options, ["temperature", "average"]);
  const { temperature = 0.1 } = options;
  inRange(fn, "temperature", temperature, 0, Number.POSITIVE_INFINITY, "low");
  const average = averageOf(fn, options.average, "nonZero");
  const x = rowsOf(fn, "embeddings", embeddings);
  const batch = x.shape[0] as number;
  const { positive, other, positives } = pairsOf(groupsOf(fn, labels, batch));
  const lossPerAnchor = (scores: Tensor): Tensor => {
    const share = positive.cast("float32").div(asTensor(positives, [batch]).maximum(1).unsqueeze(1));
    return crossEntropyWith(share, maskedSoftmaxTerms(scores, other));
  };
  const losses = batch === 0 ? emptyLosses(x, 1) : lossPerAnchor(cosines(x).div(temperature));
  return reduceAnchors(fn, losses, some(positives), reduction, options, average);
}
