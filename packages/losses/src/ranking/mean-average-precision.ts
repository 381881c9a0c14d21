import type { Tensor, TensorLike } from "@downhill/tensor";
import { cumsum } from "@downhill/tensor";
import { binaryMeasure } from "../shared/sorted-lists.js";
import type { BinaryRankingMeasureOptions } from "./measure-options.js";

/**
 * Mean average precision: the share of relevant items up to each relevant one, averaged over them. It is a measure, not something
 * to train on; 1 is best.
 *
 * $$ \mathrm{AP@}k = \frac{1}{R} \sum_{r \le k,\; y_{(r)} \ge \theta} \mathrm{P@}r $$
 *
 * with $y_{(r)}$ the relevance of the item at rank r and P@r the share of relevant items among the first r. R is the number of
 * relevant items in the list, also of those beyond rank k, as in TF-Ranking and TREC; torchmetrics counts those among the first k.
 * Equal scores rank in the order of their positions (TF-Ranking draws an order). A list without relevant items is worth 0, as in
 * both. Where a score is NaN the measure is, too.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0
 * @param options - `k` (an integer of at least 1, default all ranks), `threshold` (> 0, default 1), `withoutRelevant` (default
 * `"zero"`), `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; Error when its gradient is asked for
 * @example
 * import { meanAveragePrecision } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.5, 0.8, 0.4]]);
 * await meanAveragePrecision(scores, [[1, 0, 1]]).item(); // => 0.583333
 * await meanAveragePrecision(scores, [[1, 0, 1]], { k: 2 }).item(); // => 0.25
 * @category Ranking
 * @reference Manning, Raghavan & Schütze (2008), Introduction to Information Retrieval, section 8.4; TF-Ranking's
 * MeanAveragePrecisionMetric, https://github.com/tensorflow/ranking
 */
export function meanAveragePrecision(
  prediction: Tensor,
  target: TensorLike,
  options: BinaryRankingMeasureOptions = {},
): Tensor {
  return binaryMeasure("meanAveragePrecision", [prediction, target], options, "approxNdcg", ({ hits, rank, total }) =>
    cumsum(hits).div(rank).mul(hits).sum({ axis: -1 }).div(total.maximum(1)),
  );
}
