import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { listLoss } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import { differences, overPairs, preferred } from "../shared/pairs.js";
import type { ListOptions } from "./list-options.js";

/** Options of {@link pairwiseHinge}. */
export interface PairwiseHingeOptions extends ListOptions {
  /** How far apart the scores of a pair shall be, finite and > 0: without a margin equal scores would be right. @defaultValue 1 */
  readonly margin?: number | undefined;
}

/**
 * Pairwise hinge loss: in each pair of items of a list, the more relevant one shall score higher by a margin.
 *
 * $$ \ell(s, y) = \sum_{y_i > y_j} \max(0,\; m - (s_i - s_j)) $$
 *
 * The mean is that over all pairs of the batch with different relevances, whatever list they are in; reduction `"none"` gives the
 * sum per list. TF-Ranking's Keras loss divides the sum over all pairs by lists × items instead. A list without such pairs adds
 * nothing. The gradient exactly at the margin is 0.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: any finite numbers; larger should rank higher
 * @param options - `margin` (> 0, default 1), `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all pairs (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite (those that the device
 * computes are not checked) or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { pairwiseHinge } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.6, 0.8]]);
 * await pairwiseHinge(scores, [[1, 0]]).item(); // => 1.2
 * await pairwiseHinge(scores, [[1, 0]], { margin: 0.5 }).item(); // => 0.7
 * @category Ranking
 * @reference Herbrich, Graepel & Obermayer (2000), Large Margin Rank Boundaries for Ordinal Regression; TF-Ranking's
 * PairwiseHingeLoss, https://github.com/tensorflow/ranking
 */
export function pairwiseHinge(prediction: Tensor, target: TensorLike, options: PairwiseHingeOptions = {}): Tensor {
  const fn = "pairwiseHinge";
  const reduction = checkOptions(fn, options, ["margin", "mask"]);
  const { margin = 1 } = options;
  inRange(fn, "margin", margin, 0, Number.POSITIVE_INFINITY, "low");
  return listLoss(fn, [prediction, target], options, reduction, {}, (lists) => {
    const pairs = preferred(lists);
    const missing = differences(lists.scores).neg().add(margin).relu();
    return {
      losses: overPairs(where(pairs, missing, 0)),
      terms: overPairs(pairs.cast("float32")),
    };
  });
}
