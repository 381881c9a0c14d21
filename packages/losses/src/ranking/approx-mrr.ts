import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { approximateRanks } from "../shared/approximate-ranks.js";
import { ratio } from "../shared/gains.js";
import { listLoss, nonnegative } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import type { ListOptions } from "./list-options.js";

/** Options of {@link approxMrr}. */
export interface ApproxMrrOptions extends ListOptions {
  /** How far scores must be apart to count as ordered, finite and > 0; smaller is closer to the true ranks. @defaultValue 0.1 */
  readonly temperature?: number | undefined;
}

/**
 * ApproxMRR: the negative reciprocal rank of the relevant items of a list, made smooth by ranks that are sums of sigmoids of score
 * differences.
 *
 * $$ \ell(s, y) = -\frac{1}{\sum_i y_i} \sum_i \frac{y_i}{\hat r_i} \qquad
 *    \hat r_i = 1 + \sum_{j \ne i} \frac{1}{1 + e^{-(s_j - s_i) / T}} $$
 *
 * With one relevant item it is the negative reciprocal rank; with several it is the mean over them, weighted by relevance, as in
 * TF-Ranking (the measure {@link meanReciprocalRank} only looks at the first). The value is between -1 and 0; add 1 for 1 - MRR. A
 * list without relevant items is left out of the mean; for reduction `"none"` it is 0.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0; larger should rank higher
 * @param options - `temperature` (> 0, default 0.1), `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists with relevant items (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { approxMrr } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await approxMrr(tensor([[0.6, 0.8]]), [[1, 0]]).item(); // => -0.531689
 * @category Ranking
 * @reference Qin, Liu & Li (2010), A General Approximation Framework for Direct Optimization of Information Retrieval Measures,
 * https://doi.org/10.1007/s10791-009-9124-x; TF-Ranking's ApproxMRRLoss, https://github.com/tensorflow/ranking
 */
export function approxMrr(prediction: Tensor, target: TensorLike, options: ApproxMrrOptions = {}): Tensor {
  const fn = "approxMrr";
  const reduction = checkOptions(fn, options, ["temperature", "mask"]);
  const { temperature = 0.1 } = options;
  inRange(fn, "temperature", temperature, 0, Number.POSITIVE_INFINITY, "low");
  return listLoss(
    fn,
    [prediction, target],
    options,
    reduction,
    { relevances: nonnegative },
    ({ scores, relevance, mask }) => {
      const total = relevance.sum({ axis: -1 });
      const sum = relevance.div(approximateRanks(scores, mask, temperature)).sum({ axis: -1 });
      return { losses: ratio(sum, total).neg(), counts: total };
    },
  );
}
