import type { Tensor, TensorLike } from "@downhill/tensor";
import { binaryMeasure } from "../shared/sorted-lists.js";
import type { BinaryRankingMeasureOptions } from "./measure-options.js";

/**
 * Precision at k: the share of relevant items among the first k. It is a measure, not something to train on; 1 is best.
 *
 * $$ \mathrm{P@}k = \frac{|\{ r \le k : y_{(r)} \ge \theta \}|}{\min(k, n)} $$
 *
 * with $y_{(r)}$ the relevance of the item at rank r and n the number of items in the list. A list shorter than k is judged by what
 * it has, as in TF-Ranking (torchmetrics: `adaptive_k=True`); TREC divides by k all the same. Equal scores rank in the order of
 * their positions (TF-Ranking draws an order). A list without relevant items is worth 0. Where a score is NaN the measure is, too.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0
 * @param options - `k` (an integer of at least 1, default all ranks), `threshold` (> 0, default 1), `withoutRelevant` (default
 * `"zero"`), `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; Error when its gradient is asked for
 * @example
 * import { precisionAt } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.5, 0.8, 0.4]]);
 * await precisionAt(scores, [[1, 0, 1]], { k: 2 }).item(); // => 0.5
 * await precisionAt(scores, [[1, 0, 1]], { k: 5 }).item(); // => 0.66667
 * @category Ranking
 * @reference Manning, Raghavan & Schütze (2008), Introduction to Information Retrieval, section 8.4; TF-Ranking's PrecisionMetric,
 * https://github.com/tensorflow/ranking
 */
export function precisionAt(prediction: Tensor, target: TensorLike, options: BinaryRankingMeasureOptions = {}): Tensor {
  return binaryMeasure("precisionAt", [prediction, target], options, "approxNdcg", ({ hits, looked }) =>
    hits.sum({ axis: -1 }).div(looked),
  );
}
