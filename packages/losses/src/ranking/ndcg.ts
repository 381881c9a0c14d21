import type { Tensor, TensorLike } from "@downhill/tensor";
import { bestDcg, checkGain, dcg, ratio, scaledGains } from "../shared/gains.js";
import { listMeasure } from "../shared/sorted-lists.js";
import type { Gain } from "./list-options.js";
import type { RankingMeasureOptions } from "./measure-options.js";

/** Options of {@link ndcg}. */
export interface NdcgOptions extends RankingMeasureOptions {
  /** What a relevance is worth, `"exponential"` or `"linear"`. @defaultValue "exponential" */
  readonly gain?: Gain | undefined;
}

/**
 * Normalised discounted cumulative gain: how much relevance the first ranks hold, as a share of what the best order has. It is a
 * measure, not something to train on; 1 is best.
 *
 * $$ \mathrm{NDCG@}k = \frac{\mathrm{DCG@}k}{\mathrm{maxDCG@}k} \qquad
 *    \mathrm{DCG@}k = \sum_{r \le k} \frac{2^{y_{(r)}} - 1}{\log_2(1 + r)} $$
 *
 * with $y_{(r)}$ the relevance of the item at rank r. Equal scores rank in the order of their positions; scikit-learn averages over
 * their orders, TF-Ranking draws one. A list without relevant items is worth 0, as in TF-Ranking, scikit-learn and torchmetrics;
 * `withoutRelevant: "one"` is allRank's choice. Where a score is NaN the measure is, too.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0
 * @param options - `k` (an integer of at least 1, default all ranks), `gain` (default `"exponential"`; scikit-learn and
 * torchmetrics: `"linear"`), `withoutRelevant` (default `"zero"`), `mask` (default: all items count), `reduction`, `sampleWeight`
 * (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; Error when its gradient is asked for
 * @example
 * import { ndcg } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.5, 0.8, 0.4]]);
 * await ndcg(scores, [[2, 0, 1]]).item(); // => 0.659002
 * await ndcg(scores, [[2, 0, 1]], { k: 2, gain: "linear" }).item(); // => 0.479625
 * await ndcg(scores, [[0, 0, 0]]).item(); // => 0
 * @category Ranking
 * @reference Järvelin & Kekäläinen (2002), Cumulated Gain-Based Evaluation of IR Techniques,
 * https://doi.org/10.1145/582415.582418; allRank's metrics.ndcg, https://github.com/allegro/allRank
 */
export function ndcg(prediction: Tensor, target: TensorLike, options: NdcgOptions = {}): Tensor {
  const fn = "ndcg";
  const gain = (): Gain => options.gain ?? "exponential";
  const own = { gain: (): void => checkGain(fn, gain()) };
  return listMeasure(fn, [prediction, target], options, own, "approxNdcg", ({ sorted, relevance, k }) => {
    const best = bestDcg(scaledGains(relevance, gain()), k);
    return { value: ratio(dcg(scaledGains(sorted, gain()), k), best), relevant: best };
  });
}
