import type { Tensor, TensorLike } from "@downhill/tensor";
import { describe, inRange, softplus, where } from "@downhill/tensor";
import { checkChoice } from "../shared/choice.js";
import { checkCutoff, checkGain, discounts, normalizedGains } from "../shared/gains.js";
import type { Lists } from "../shared/lists.js";
import { listLoss, nonnegative } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import { differences, first, overPairs, preferred, second } from "../shared/pairs.js";
import { ranks } from "../shared/ranks.js";
import type { Gain, ListOptions } from "./list-options.js";

/** How {@link lambdaLoss} weights a pair; its doc comment has the formulas. */
export type LambdaScheme =
  | "ndcgLoss1"
  | "ndcgLoss2"
  | "ndcgLoss2PlusPlus"
  | "lambdaRank"
  | "rankNet"
  | "rankNetWeightedByDifference"
  | "rankNetWeightedByDifferenceOfSquares";

/** Options of {@link lambdaLoss}. */
export interface LambdaLossOptions extends ListOptions {
  /** How a pair is weighted. @defaultValue "ndcgLoss2PlusPlus" */
  readonly scheme?: LambdaScheme | undefined;
  /** Only pairs with both items among the first k by score count, an integer of at least 1. @defaultValue all ranks */
  readonly k?: number | undefined;
  /** Steepness of the logistic function of score differences, finite and > 0. @defaultValue 1 */
  readonly sigma?: number | undefined;
  /** Weight of the part of ndcgLoss2 in `"ndcgLoss2PlusPlus"`, finite and >= 0. @defaultValue 10 */
  readonly mu?: number | undefined;
  /** Logarithm of the probabilities, `"binary"` or `"natural"`. @defaultValue "binary" */
  readonly logarithm?: "binary" | "natural" | undefined;
  /** What a relevance is worth, `"exponential"` or `"linear"`. @defaultValue "exponential" */
  readonly gain?: Gain | undefined;
}

/** Weights of pairs, `[..., items, items]`, from normalised gains, ranks, relevances and mu; null for 1. */
type Weights = (gains: Tensor, rank: Tensor, relevance: Tensor, mu: number) => Tensor | null;

const all = Number.POSITIVE_INFINITY;
const swapped = (gains: Tensor, rank: Tensor): Tensor =>
  differences(discounts(rank, all)).mul(differences(gains)).abs();
const bounded = (gains: Tensor, rank: Tensor): Tensor => {
  // A pair of one item has no distance; its gains don't differ, so any finite number serves.
  const distance = differences(rank).abs().maximum(1);
  return discounts(distance, all)
    .sub(discounts(distance.add(1), all))
    .mul(differences(gains).abs());
};
const schemes: Readonly<Record<LambdaScheme, Weights>> = {
  ndcgLoss1: (gains, rank) => first(gains.mul(discounts(rank, all))),
  ndcgLoss2: bounded,
  ndcgLoss2PlusPlus: (gains, rank, _, mu) => bounded(gains, rank).mul(mu).add(swapped(gains, rank)),
  lambdaRank: swapped,
  rankNet: () => null,
  rankNetWeightedByDifference: (_g, _r, relevance) => differences(relevance).abs(),
  rankNetWeightedByDifferenceOfSquares: (_g, _r, relevance) => differences(relevance.square()).abs(),
};

/**
 * LambdaLoss: a family of pairwise losses whose weights make them bounds of a ranking measure, NDCG above all.
 *
 * $$ \ell(s, y) = -\sum_{y_i > y_j} w_{ij} \log_2 \frac{1}{1 + e^{-\sigma (s_i - s_j)}} $$
 *
 * With $G$ the gains $2^y - 1$ divided by the largest DCG of the list (at k), $r$ the ranks by score (from 1; equal scores in the
 * order of their positions) and $D(r) = \log_2(1 + r)$, the schemes are
 *
 * - `"ndcgLoss1"`: $w_{ij} = G_i / D(r_i)$, and the sum is over all pairs, also equal ones and i = j
 * - `"ndcgLoss2"`: $w_{ij} = |G_i - G_j| \, |1 / D(|r_i - r_j|) - 1 / D(|r_i - r_j| + 1)|$
 * - `"lambdaRank"`: $w_{ij} = |G_i - G_j| \, |1 / D(r_i) - 1 / D(r_j)|$
 * - `"ndcgLoss2PlusPlus"`: $\mu$ times the weight of ndcgLoss2 plus that of lambdaRank
 * - `"rankNet"`: 1 (allRank's None, too); `"rankNetWeightedByDifference"`: $|y_i - y_j|$;
 *   `"rankNetWeightedByDifferenceOfSquares"`: $|y_i^2 - y_j^2|$
 *
 * The weights are constants for the gradient. The mean is that over all pairs in the sum (allRank's `reduction="mean"`); its
 * default is `"sum"` over the batch. allRank cuts probabilities off at 1e-10, where the gradient ends; here they go on. It has no
 * default scheme; the default here is the hybrid that the paper arrives at.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0; larger should rank higher
 * @param options - `scheme` (default `"ndcgLoss2PlusPlus"`), `k` (an integer of at least 1, default all ranks), `sigma` (> 0,
 * default 1), `mu` (>= 0, default 10), `logarithm` (default `"binary"`), `gain` (default `"exponential"`), `mask` (default: all
 * items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all pairs (a scalar); `[...lists]`, the sums per list, for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { lambdaLoss } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.5, 0.8, 0.4]]);
 * await lambdaLoss(scores, [[0, 2, 1]]).item(); // => 1.516875
 * await lambdaLoss(scores, [[0, 2, 1]], { scheme: "lambdaRank", reduction: "sum" }).item(); // => 0.486444
 * @category Ranking
 * @reference Wang et al. (2018), The LambdaLoss Framework for Ranking Metric Optimization, https://doi.org/10.1145/3269206.3271784;
 * allRank's lambdaLoss, https://github.com/allegro/allRank
 */
export function lambdaLoss(prediction: Tensor, target: TensorLike, options: LambdaLossOptions = {}): Tensor {
  const fn = "lambdaLoss";
  const reduction = checkOptions(fn, options, ["scheme", "k", "sigma", "mu", "logarithm", "gain", "mask"]);
  const { scheme = "ndcgLoss2PlusPlus", sigma = 1, mu = 10, logarithm = "binary", gain = "exponential" } = options;
  if (!Object.hasOwn(schemes, scheme)) {
    const names = Object.keys(schemes).map((name) => `"${name}"`);
    throw new RangeError(`${fn}: "scheme" expected one of ${names.join(", ")}, got ${describe(scheme)}`);
  }
  inRange(fn, "sigma", sigma, 0, Number.POSITIVE_INFINITY, "low");
  inRange(fn, "mu", mu, 0, Number.POSITIVE_INFINITY);
  checkChoice(fn, "logarithm", logarithm, ["binary", "natural"]);
  checkGain(fn, gain);
  const k = checkCutoff(fn, options.k);
  return listLoss(fn, [prediction, target], options, reduction, { relevances: nonnegative }, (lists) => {
    const { scores, relevance, mask } = lists;
    const rank = ranks(scores, mask);
    const pairs = chosen(lists, rank, scheme, k);
    const each = softplus(differences(scores).mul(-sigma)).mul(logarithm === "binary" ? Math.LOG2E : 1);
    const weights = schemes[scheme](normalizedGains(relevance, gain, k), rank, relevance, mu);
    return {
      losses: overPairs(where(pairs, weights === null ? each : each.mul(weights), 0)),
      terms: overPairs(pairs.cast("float32")),
    };
  });
}

/** The pairs in the sum. */
function chosen(lists: Lists, rank: Tensor, scheme: LambdaScheme, k: number): Tensor {
  const { scores, mask } = lists;
  // The items that are there have the first ranks.
  const count =
    mask === null ? scores.shape.at(-1) : mask.cast("bool").cast("float32").sum({ axis: -1, keepDims: true });
  const last = typeof count === "object" ? count.minimum(k).unsqueeze(-1) : Math.min(k, count as number);
  const inside = first(rank).maximum(second(rank)).lessEqual(last);
  if (scheme === "ndcgLoss1") return inside;
  return k === all ? preferred(lists) : preferred(lists).logicalAnd(inside);
}
