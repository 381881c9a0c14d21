import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, sameShape, where } from "@downhill/tensor";
import { pairOf } from "../shared/elementwise.js";
import { refuseProbabilities, tensorOf } from "../shared/inputs.js";
import { crossEntropyWith, logSoftmaxTerms } from "../shared/log-softmax-terms.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import type { Factors } from "../shared/weights.js";
import { product, sampleFactors, weightingOf } from "../shared/weights.js";

/** Options of {@link listNet}. */
export interface ListNetOptions extends LossOptions {
  /**
   * Which items count, in the shape of the prediction: false (or 0) for those that only fill up a short list. A list without any
   * item is left out of the mean.
   *
   * @defaultValue all count
   */
  readonly mask?: TensorLike | undefined;
}

// Far below any score, and finite, so that 0 times it is 0.
const absent = -1e30;

/**
 * ListNet: ranks lists of items by a cross entropy between the order that the relevances imply and the one of the scores (the
 * probability of each item to come first).
 *
 * $$ \ell(s, y) = -\sum_i \mathrm{softmax}(y)_i \, \ln \mathrm{softmax}(s)_i $$
 *
 * A list in which all relevances are equal still has a target: equal scores.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: any real numbers; larger should rank higher
 * @param options - `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when the prediction comes out of a softmax or
 * sigmoid
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
export function listNet(prediction: Tensor, target: TensorLike, options: ListNetOptions = {}): Tensor {
  const fn = "listNet";
  const reduction = checkOptions(fn, options, ["mask"]);
  const [scores, relevance] = pairOf(fn, prediction, target);
  refuseProbabilities(fn, prediction, "scores");
  if (scores.rank === 0)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the items), got a scalar`);
  const lists = scores.shape.slice(0, -1);
  const sample = sampleFactors(fn, options.sampleWeight, lists);
  const mask = options.mask === undefined ? null : tensorOf(fn, "mask", options.mask);
  if (mask !== null) sameShape(fn, { prediction: scores, mask });
  const factors = product(lists, sample, mask === null ? null : nonEmpty(mask));
  return reduceLosses(lossPerList(scores, relevance, mask), reduction, weightingOf(lists, factors));
}

function lossPerList(scores: Tensor, relevance: Tensor, mask: Tensor | null): Tensor {
  if (scores.size === 0) return scores.sum({ axis: -1 });
  if (mask === null) return crossEntropyWith(relevance.softmax(), logSoftmaxTerms(scores));
  return crossEntropyWith(where(mask, relevance, absent).softmax(), logSoftmaxTerms(where(mask, scores, absent)));
}

/** 1 for lists with an item, 0 for others. */
function nonEmpty(mask: Tensor): Factors {
  const host = hostValues(mask);
  if (host === null) return mask.any({ axis: -1 }).cast("float32");
  const items = mask.shape.at(-1) as number;
  const lists = mask.shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
  return Array.from({ length: lists }, (_, i) =>
    Number(host.subarray(i * items, (i + 1) * items).some((value) => value !== 0)),
  );
}
