import type { Tensor, TensorLike } from "@downhill/tensor";
import { tensor, where } from "@downhill/tensor";
import { predictionOf, refuseProbabilities, tensorOf } from "../shared/inputs.js";
import { checkRelevances, maskOf } from "../shared/lists.js";
import { logisticLoss } from "../shared/logistic.js";
import { checkOptions } from "../shared/options.js";
import { positions } from "../shared/ranks.js";
import { reduceLosses } from "../shared/reduce.js";
import { same } from "../shared/same.js";
import { presence, product, sampleFactors, show, weightingOf } from "../shared/weights.js";
import type { ListOptions } from "./list-options.js";

/**
 * Ordinal loss: graded relevances as a row of questions, "is it at least 1?", "at least 2?" and so on, each with a binary cross
 * entropy.
 *
 * $$ \ell(x, y) = \sum_{k=1}^{K} \mathrm{BCE}\left(\sigma(x_k),\; [y \ge k]\right) $$
 *
 * Each item has one logit per level above 0; the sum of their sigmoids is its expected relevance, a score to rank by. A relevance
 * between two levels answers the question in between by its fraction: 1.2 is 1 at level 1 and 0.2 at level 2, as TF-Ranking's
 * `use_fraction_label`; floor the relevances for its default. allRank's ordinal takes probabilities, clipped logarithms and all.
 *
 * @param prediction - `[...lists, items, levels]`, logits: any real numbers, before a sigmoid
 * @param target - `[...lists, items]`, relevances from 0 to levels
 * @param options - `mask` (`[...lists, items]`, default: all items count), `reduction`, `sampleWeight` (per list, or per item)
 * @returns the mean over all items (a scalar); `[...lists, items]` for reduction `"none"`
 * @throws RangeError when a relevance is outside of its range (naming it; those that the device computes are not checked), the
 * shapes do not fit or an option is out of its range; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { ordinal } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[[0.6, 0.2], [0.8, 0.3]]]);
 * await ordinal(logits, [[1, 0]]).item(); // => 1.630541
 * await ordinal(logits, [[1, 0]], { mask: [[1, 0]] }).item(); // => 1.235627
 * ordinal(logits, [[1, 3]]); // throws RangeError: ordinal: "target" expected relevances from 0 to 2, got 3 at position 1
 * @category Ranking
 * @reference Frank & Hall (2001), A Simple Approach to Ordinal Classification, https://doi.org/10.1007/3-540-44795-4_13;
 * TF-Ranking's OrdinalLoss, https://github.com/tensorflow/ranking
 */
export function ordinal(prediction: Tensor, target: TensorLike, options: ListOptions = {}): Tensor {
  const fn = "ordinal";
  const reduction = checkOptions(fn, options, ["mask"]);
  const logits = predictionOf(fn, "prediction", prediction);
  refuseProbabilities(fn, prediction, "logits");
  const relevance = tensorOf(fn, "target", target, "float32");
  const items = logits.shape.slice(0, -1);
  if (logits.rank < 2)
    throw new RangeError(
      `${fn}: "prediction" expected items and levels, [..., items, levels], got shape ${show(logits.shape)}`,
    );
  const levels = logits.shape.at(-1) as number;
  if (levels === 0)
    throw new RangeError(`${fn}: "prediction" expected at least 1 level, got shape ${show(logits.shape)}`);
  if (!same(relevance.shape, items))
    throw new RangeError(
      `${fn}: "target" expected one relevance per item, shape ${show(items)}, got shape ${show(relevance.shape)}`,
    );
  const mask = maskOf(fn, options.mask, { target: relevance });
  checkRelevances(fn, relevance, mask, { low: 0, high: levels, wanted: `relevances from 0 to ${levels}` });
  const sample = sampleFactors(fn, options.sampleWeight, items);
  const weighting = weightingOf(items, product(items, sample, mask === null ? null : presence(mask)));
  if (logits.size === 0) return reduceLosses(logits.sum({ axis: -1 }), reduction, weighting);
  const fill = (x: Tensor, there: Tensor | null): Tensor => (there === null ? x : where(there, x, 0));
  const x = fill(logits, mask?.unsqueeze(-1) ?? null);
  const answers = fill(relevance, mask)
    .unsqueeze(-1)
    .sub(tensor(positions(levels)))
    .add(1)
    .clip(0, 1);
  const each = logisticLoss(x, answers);
  return reduceLosses(each.sum({ axis: -1 }), reduction, weighting);
}
