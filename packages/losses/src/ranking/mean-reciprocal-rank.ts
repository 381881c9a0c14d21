import type { Tensor, TensorLike } from "@downhill/tensor";
import { binaryMeasure } from "../shared/sorted-lists.js";
import type { BinaryRankingMeasureOptions } from "./measure-options.js";

/**
 * Mean reciprocal rank: one over the rank of the first relevant item. It is a measure, not something to train on; 1 is best.
 *
 * $$ \mathrm{RR@}k = \max_{r \le k,\; y_{(r)} \ge \theta} \frac{1}{r} $$
 *
 * with $y_{(r)}$ the relevance of the item at rank r; 0 when none of the first k is relevant. Equal scores rank in the order of
 * their positions (TF-Ranking draws an order). allRank looks for the most relevant item instead of a relevant one. A list without
 * relevant items is worth 0, as in TF-Ranking and torchmetrics. Where a score is NaN the measure is, too.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0
 * @param options - `k` (an integer of at least 1, default all ranks), `threshold` (> 0, default 1), `withoutRelevant` (default
 * `"zero"`), `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; Error when its gradient is asked for
 * @example
 * import { meanReciprocalRank } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.5, 0.8, 0.4], [0.1, 0.2, 0.3]]);
 * await meanReciprocalRank(scores, [[1, 0, 0], [0, 0, 1]]).item(); // => 0.75
 * await meanReciprocalRank(scores, [[1, 0, 0], [0, 0, 1]], { k: 1 }).item(); // => 0.5
 * @category Ranking
 * @reference Voorhees (1999), The TREC-8 Question Answering Track Report; TF-Ranking's MRRMetric,
 * https://github.com/tensorflow/ranking
 */
export function meanReciprocalRank(
  prediction: Tensor,
  target: TensorLike,
  options: BinaryRankingMeasureOptions = {},
): Tensor {
  return binaryMeasure("meanReciprocalRank", [prediction, target], options, "approxMrr", ({ hits, rank }) =>
    hits.div(rank).max({ axis: -1 }),
  );
}
