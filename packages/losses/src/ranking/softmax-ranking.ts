import type { Tensor, TensorLike } from "@downhill/tensor";
import { absentScore, listLoss, nonnegative } from "../shared/lists.js";
import { crossEntropyWith, logSoftmaxTerms } from "../shared/log-softmax-terms.js";
import { checkOptions } from "../shared/options.js";
import type { ListOptions } from "./list-options.js";

/**
 * Softmax ranking loss: a cross entropy of the scores of a list, each item weighted by its relevance. With one relevant item (a
 * click) it is its probability to be chosen from the list.
 *
 * $$ \ell(s, y) = -\sum_i y_i \, \ln \mathrm{softmax}(s)_i $$
 *
 * The relevances are taken as they are, as in Optax and TF-Ranking (there in the form of a list weight $\sum_i y_i$), so lists with
 * more relevance weigh more; divide them by their sum for the cross entropy of a distribution. A list without relevant items has
 * loss 0 and counts in the mean. {@link listNet} takes the softmax of the relevances instead.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0; larger should rank higher
 * @param options - `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; TypeError when the prediction comes out of a softmax or
 * sigmoid
 * @example
 * import { softmaxRanking } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await softmaxRanking(tensor([[0.6, 0.8]]), [[1, 0]]).item(); // => 0.798139
 * const padded = tensor([[1.5, -0.5, 0.25, 9]]);
 * await softmaxRanking(padded, [[2, 0, 1, 0]], { mask: [[1, 1, 1, 0]] }).item(); // => 2.305856
 * @category Ranking
 * @reference Bruch et al. (2019), An Analysis of the Softmax Cross Entropy Loss for Learning-to-Rank with Binary Relevance,
 * https://doi.org/10.1145/3341981.3344221; Optax's ranking_softmax_loss, https://github.com/google-deepmind/optax
 */
export function softmaxRanking(prediction: Tensor, target: TensorLike, options: ListOptions = {}): Tensor {
  const fn = "softmaxRanking";
  const reduction = checkOptions(fn, options, ["mask"]);
  const rules = { softmax: true, relevances: nonnegative, absent: { score: absentScore } };
  return listLoss(fn, [prediction, target], options, reduction, rules, ({ scores, relevance }) => ({
    losses: crossEntropyWith(relevance, logSoftmaxTerms(scores)),
  }));
}
