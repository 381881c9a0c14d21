import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { averageOf, emptyLosses, pairsOf, reducePairs } from "../shared/embedding-pairs.js";
import { distances, groupsOf, rowsOf, unitRows } from "../shared/embeddings.js";
import { checkFlag } from "../shared/flag.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link contrastive}. */
export interface ContrastiveOptions extends LossOptions {
  /** Distance up to which positives cost nothing, finite and >= 0. @defaultValue 0 */
  readonly positiveMargin?: number | undefined;
  /** Distance from which on negatives cost nothing, finite and > 0. @defaultValue 1 */
  readonly negativeMargin?: number | undefined;
  /** Whether every excess over a margin is squared, as in the paper. @defaultValue false */
  readonly squared?: boolean | undefined;
  /** Whether embeddings are brought to length 1 first. @defaultValue true */
  readonly normalize?: boolean | undefined;
  /** What the mean is over: the pairs whose loss is not 0, or all pairs. @defaultValue "nonZero" */
  readonly average?: "nonZero" | "all" | undefined;
}

/**
 * Contrastive loss: pairs of one label get close to each other, pairs of different labels at least a margin apart.
 *
 * $$ \ell_{ij} = \begin{cases} \max(0,\; d_{ij} - m_+) & y_i = y_j \\ \max(0,\; m_- - d_{ij}) & \text{otherwise} \end{cases}
 *    \qquad d_{ij} = \lVert x_i - x_j \rVert_2 $$
 *
 * The mean over the positive pairs and the mean over the negative ones are added, each (by default) over the pairs whose loss is
 * not 0, as in pytorch-metric-learning. Without a pair the loss is 0 with gradient 0; so is the gradient of a distance that is 0.
 * The paper squares each excess (and halves it) and does not normalize: `squared: true, normalize: false, average: "all"`.
 *
 * @param embeddings - `[batch, dims]`, any real numbers
 * @param labels - `[batch]`, integers
 * @param options - `positiveMargin` (>= 0, default 0), `negativeMargin` (> 0, default 1), `squared` (default false), `normalize`
 * (default true), `average` ("nonZero" or "all", default "nonZero"), `reduction`, `sampleWeight` (per embedding as the first of its
 * pairs, or per pair)
 * @returns a scalar; for reduction `"none"` `[batch, batch]` with 0 where an embedding meets itself
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { contrastive } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const embeddings = tensor([[1, 0], [0.8, 0.6], [0, 1]]);
 * await contrastive(embeddings, [0, 0, 1]).item(); // => 0.738028
 * await contrastive(embeddings, [0, 1, 2]).item(); // => 0.236559
 * @category Metric learning
 * @reference Hadsell, Chopra & LeCun (2006), Dimensionality Reduction by Learning an Invariant Mapping,
 * https://doi.org/10.1109/CVPR.2006.100; pytorch-metric-learning, ContrastiveLoss,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#contrastiveloss
 */
export function contrastive(embeddings: Tensor, labels: TensorLike, options: ContrastiveOptions = {}): Tensor {
  const fn = "contrastive";
  const reduction = checkOptions(fn, options, ["positiveMargin", "negativeMargin", "squared", "normalize", "average"]);
  const { positiveMargin = 0, negativeMargin = 1, squared = false, normalize = true } = options;
  inRange(fn, "positiveMargin", positiveMargin, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "negativeMargin", negativeMargin, 0, Number.POSITIVE_INFINITY, "low");
  checkFlag(fn, "squared", squared);
  checkFlag(fn, "normalize", normalize);
  const average = averageOf(fn, options.average, "nonZero");
  const x = rowsOf(fn, "embeddings", embeddings);
  const batch = x.shape[0] as number;
  const { positive, negative, positives, negatives } = pairsOf(groupsOf(fn, labels, batch));
  const distance = batch === 0 ? emptyLosses(x, 2) : distances(normalize ? unitRows(x) : x);
  const excess = (by: Tensor): Tensor => (squared ? by.relu().square() : by.relu());
  const near = excess(distance.sub(positiveMargin));
  const far = excess(distance.neg().add(negativeMargin));
  return reducePairs(fn, near, positive, positives, reduction, options, average).add(
    reducePairs(fn, far, negative, negatives, reduction, options, average),
  );
}
