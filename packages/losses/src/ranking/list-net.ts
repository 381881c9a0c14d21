import type { Tensor, TensorLike } from "@downhill/tensor";
import { absentScore, listLoss } from "../shared/lists.js";
import { crossEntropyWith, logSoftmaxTerms } from "../shared/log-softmax-terms.js";
import { checkOptions } from "../shared/options.js";
import type { ListOptions } from "./list-options.js";

/**
 * ListNet: ranks lists of items by a cross entropy between the order that the relevances imply and the one of the scores (the
 * probability of each item to come first).
 *
 * $$ \ell(s, y) = -\sum_i \mathrm{softmax}(y)_i \, \ln \mathrm{softmax}(s)_i $$
 *
 * A list in which all relevances are equal still has a target: equal scores.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: any finite numbers; larger should rank higher
 * @param options - `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite (those that the device
 * computes are not checked) or an option is out of its range; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { listNet } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await listNet(tensor([[1.5, -0.5, 0.25]]), [[2, 0, 1]]).item(); // => 0.837924
 * const padded = tensor([[1.5, -0.5, 0.25, 9]]);
 * await listNet(padded, [[2, 0, 1, 0]], { mask: [[1, 1, 1, 0]] }).item(); // => 0.837924
 * @category Ranking
 * @reference Cao et al. (2007), Learning to Rank: From Pairwise Approach to Listwise Approach,
 * https://doi.org/10.1145/1273496.1273513; allRank's listNet without its epsilon inside the logarithm
 */
export function listNet(prediction: Tensor, target: TensorLike, options: ListOptions = {}): Tensor {
  const fn = "listNet";
  const reduction = checkOptions(fn, options, ["mask"]);
  const rules = { softmax: true, absent: { score: absentScore, relevance: absentScore } };
  return listLoss(fn, [prediction, target], options, reduction, rules, ({ scores, relevance }) => ({
    losses: crossEntropyWith(relevance.softmax(), logSoftmaxTerms(scores)),
  }));
}
