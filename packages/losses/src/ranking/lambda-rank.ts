import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, softplus, where } from "@downhill/tensor";
import { checkCutoff, checkGain, discounts, normalizedGains } from "../shared/gains.js";
import { listLoss, nonnegative } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import { differences, first, overPairs, preferred, second } from "../shared/pairs.js";
import { ranks } from "../shared/ranks.js";
import type { Gain, ListOptions } from "./list-options.js";

/** Options of {@link lambdaRank}. */
export interface LambdaRankOptions extends ListOptions {
  /** Steepness of the logistic function of score differences, finite and > 0. @defaultValue 1 */
  readonly sigma?: number | undefined;
  /** Optimizes NDCG@k, an integer of at least 1. @defaultValue all ranks */
  readonly k?: number | undefined;
  /** What a relevance is worth, `"exponential"` or `"linear"`. @defaultValue "exponential" */
  readonly gain?: Gain | undefined;
}

/**
 * LambdaRank: RankNet whose pairs weigh as much as NDCG would change if the two items swapped places.
 *
 * $$ \ell(s, y) = \sum_{y_i > y_j} |\Delta \mathrm{NDCG}_{ij}| \, \ln\left(1 + e^{-\sigma (s_i - s_j)}\right) \qquad
 *    |\Delta \mathrm{NDCG}_{ij}| = \frac{|g_i - g_j|}{\mathrm{maxDCG}} \left| \frac{1}{D(r_i)} - \frac{1}{D(r_j)} \right| $$
 *
 * with the gain $g = 2^y - 1$, the rank $r$ of an item by its score (from 1; equal scores in the order of their positions) and
 * $D(r) = \log_2(1 + r)$. The weights are constants for the gradient, which is that of the lambdas. With `k`, $1 / D$ is 0 beyond
 * rank k: pairs of which one item is among the first k count. allRank's `lambdaRank_scheme` only keeps pairs with both items among
 * them and has a binary logarithm: `lambdaLoss(s, y, { scheme: "lambdaRank", k })`.
 *
 * The mean is that over all these pairs of the batch; reduction `"none"` gives the sum per list, which is the usual scale. The mean
 * per list is `"sum"` divided by the number of lists.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0; larger should rank higher
 * @param options - `sigma` (> 0, default 1), `k` (an integer of at least 1, default all ranks), `gain` (default `"exponential"`),
 * `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all pairs (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { lambdaRank } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.5, 0.8, 0.4]]);
 * await lambdaRank(scores, [[0, 2, 1]], { reduction: "none" }).array(); // => [0.337177]
 * await lambdaRank(scores, [[0, 2, 1]], { k: 1, reduction: "none" }).array(); // => [0.896365]
 * @category Ranking
 * @reference Burges (2010), From RankNet to LambdaRank to LambdaMART: An Overview; TF-Ranking's DCGLambdaWeight with
 * smooth_fraction 1, without its factor list_size, https://github.com/tensorflow/ranking
 */
export function lambdaRank(prediction: Tensor, target: TensorLike, options: LambdaRankOptions = {}): Tensor {
  const fn = "lambdaRank";
  const reduction = checkOptions(fn, options, ["sigma", "k", "gain", "mask"]);
  const { sigma = 1, gain = "exponential" } = options;
  inRange(fn, "sigma", sigma, 0, Number.POSITIVE_INFINITY, "low");
  checkGain(fn, gain);
  const k = checkCutoff(fn, options.k);
  return listLoss(fn, [prediction, target], options, reduction, { relevances: nonnegative }, (lists) => {
    const { scores, relevance, mask } = lists;
    const rank = ranks(scores, mask);
    const gains = normalizedGains(relevance, gain, k);
    const change = differences(gains)
      .mul(differences(discounts(rank, k)))
      .abs();
    const ordered = preferred(lists);
    const pairs =
      k === Number.POSITIVE_INFINITY ? ordered : ordered.logicalAnd(first(rank).minimum(second(rank)).lessEqual(k));
    const each = softplus(differences(scores).mul(-sigma)).mul(change);
    return {
      losses: overPairs(where(pairs, each, 0)),
      terms: overPairs(pairs.cast("float32")),
    };
  });
}
