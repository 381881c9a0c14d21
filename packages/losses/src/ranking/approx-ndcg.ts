import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { approximateRanks } from "../shared/approximate-ranks.js";
import { bestDcg, checkGain, discounts, ratio, scaledGains } from "../shared/gains.js";
import { listLoss, nonnegative } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import type { Gain, ListOptions } from "./list-options.js";

/** Options of {@link approxNdcg}. */
export interface ApproxNdcgOptions extends ListOptions {
  /** How far scores must be apart to count as ordered, finite and > 0; smaller is closer to NDCG. @defaultValue 0.1 */
  readonly temperature?: number | undefined;
  /** What a relevance is worth, `"exponential"` or `"linear"`. @defaultValue "exponential" */
  readonly gain?: Gain | undefined;
}

/**
 * ApproxNDCG: the negative NDCG of a list, made smooth by ranks that are sums of sigmoids of score differences.
 *
 * $$ \ell(s, y) = -\frac{1}{\mathrm{maxDCG}} \sum_i \frac{2^{y_i} - 1}{\log_2(1 + \hat r_i)} \qquad
 *    \hat r_i = 1 + \sum_{j \ne i} \frac{1}{1 + e^{-(s_j - s_i) / T}} $$
 *
 * The value is between -1 (the best order) and 0, as in TF-Ranking and allRank; add 1 for 1 - NDCG. The temperature is that of
 * TF-Ranking; allRank's default is `temperature: 1`. A list without relevant items is left out of the mean (allRank averages its
 * 0 in); for reduction `"none"` it is 0.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0; larger should rank higher
 * @param options - `temperature` (> 0, default 0.1), `gain` (default `"exponential"`), `mask` (default: all items count),
 * `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists with relevant items (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { approxNdcg } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.6, 0.8]]);
 * await approxNdcg(scores, [[1, 0]]).item(); // => -0.655107
 * await approxNdcg(scores, [[1, 0]], { temperature: 0.01 }).item(); // => -0.63093
 * @category Ranking
 * @reference Qin, Liu & Li (2010), A General Approximation Framework for Direct Optimization of Information Retrieval Measures,
 * https://doi.org/10.1007/s10791-009-9124-x; TF-Ranking's ApproxNDCGLoss, https://github.com/tensorflow/ranking
 */
export function approxNdcg(prediction: Tensor, target: TensorLike, options: ApproxNdcgOptions = {}): Tensor {
  const fn = "approxNdcg";
  const reduction = checkOptions(fn, options, ["temperature", "gain", "mask"]);
  const { temperature = 0.1, gain = "exponential" } = options;
  inRange(fn, "temperature", temperature, 0, Number.POSITIVE_INFINITY, "low");
  checkGain(fn, gain);
  return listLoss(
    fn,
    [prediction, target],
    options,
    reduction,
    { relevances: nonnegative },
    ({ scores, relevance, mask }) => {
      const all = Number.POSITIVE_INFINITY;
      const gains = scaledGains(relevance, gain);
      const best = bestDcg(gains, all);
      const dcg = gains.mul(discounts(approximateRanks(scores, mask, temperature), all)).sum({ axis: -1 });
      return { losses: ratio(dcg, best).neg(), counts: best };
    },
  );
}
