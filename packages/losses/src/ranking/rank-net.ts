import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, softplus, where } from "@downhill/tensor";
import { checkChoice } from "../shared/choice.js";
import { listLoss } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import { differences, overPairs, preferred } from "../shared/pairs.js";
import type { ListOptions } from "./list-options.js";

/** Options of {@link rankNet}. */
export interface RankNetOptions extends ListOptions {
  /** Steepness of the logistic function of score differences, finite and > 0: 1 / temperature. @defaultValue 1 */
  readonly sigma?: number | undefined;
  /**
   * Weight of a pair: 1 (`"uniform"`), how far its relevances are apart (`"difference"`, $y_i - y_j$) or their squares
   * (`"differenceOfSquares"`, $|y_i^2 - y_j^2|$).
   *
   * @defaultValue "uniform"
   */
  readonly weighting?: "uniform" | "difference" | "differenceOfSquares" | undefined;
}

/**
 * RankNet, also called pairwise logistic loss: in each pair of items of a list, the more relevant one shall score higher.
 *
 * $$ \ell(s, y) = \sum_{y_i > y_j} w_{ij} \ln\left(1 + e^{-\sigma (s_i - s_j)}\right) $$
 *
 * The mean is that over all pairs of the batch with different relevances, as in allRank, whatever list they are in; reduction
 * `"none"` gives the sum per list. Every list counts the same with `sampleWeight` 1 / number of its pairs. TF-Ranking's Keras loss
 * divides the sum over all pairs by lists × items instead. A list without such pairs adds nothing.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: any finite numbers; larger should rank higher
 * @param options - `sigma` (> 0, default 1), `weighting` (default `"uniform"`), `mask` (default: all items count), `reduction`,
 * `sampleWeight` (per list)
 * @returns the mean over all pairs (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite (those that the device
 * computes are not checked) or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { rankNet } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await rankNet(tensor([[0.6, 0.8]]), [[1, 0]]).item(); // => 0.798139
 * const padded = tensor([[0.5, 0.8, 0.4, 7]]);
 * await rankNet(padded, [[0, 2, 1, 0]], { mask: [[1, 1, 1, 0]] }).item(); // => 0.603922
 * rankNet(tensor([]), []); // throws RangeError: rankNet: "prediction" expected at least 1 item per list, got shape [0]
 * @category Ranking
 * @reference Burges et al. (2005), Learning to Rank using Gradient Descent, https://doi.org/10.1145/1102351.1102363; allRank's
 * rankNet, https://github.com/allegro/allRank
 */
export function rankNet(prediction: Tensor, target: TensorLike, options: RankNetOptions = {}): Tensor {
  const fn = "rankNet";
  const reduction = checkOptions(fn, options, ["sigma", "weighting", "mask"]);
  const { sigma = 1, weighting = "uniform" } = options;
  inRange(fn, "sigma", sigma, 0, Number.POSITIVE_INFINITY, "low");
  checkChoice(fn, "weighting", weighting, ["uniform", "difference", "differenceOfSquares"]);
  return listLoss(fn, [prediction, target], options, reduction, {}, (lists) => {
    const { scores, relevance } = lists;
    const pairs = preferred(lists);
    const each = softplus(differences(scores).mul(-sigma));
    const weighted =
      weighting === "uniform"
        ? each
        : each.mul(differences(weighting === "difference" ? relevance : relevance.square()).abs());
    return {
      losses: overPairs(where(pairs, weighted, 0)),
      terms: overPairs(pairs.cast("float32")),
    };
  });
}
