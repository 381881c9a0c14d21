import type { Tensor, TensorLike } from "@downhill/tensor";
import { gather, pad, softplus, where } from "@downhill/tensor";
import { absentScore, listLoss } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import { descending } from "../shared/ranks.js";
import type { ListOptions } from "./list-options.js";

/**
 * ListMLE: the negative log-likelihood of the right order of a list when items are drawn one after the other by the softmax of
 * their scores (Plackett-Luce).
 *
 * $$ \ell(s, y) = \sum_i \left( \ln \sum_{j \,\text{not before}\, i} e^{s_j} - s_i \right) $$
 *
 * The right order is that of descending relevance. Equally relevant items are taken in the order of their positions; TF-Ranking and
 * allRank shuffle them, which makes the loss random: shuffle the items of a list beforehand for that. The suffixes are summed
 * apart, without the epsilon that allRank has inside its logarithm, so that nothing cancels or underflows.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: any finite numbers; larger should rank higher
 * @param options - `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite (those that the device
 * computes are not checked) or an option is out of its range; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { listMle } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await listMle(tensor([[0.6, 0.8]]), [[1, 0]]).item(); // => 0.798139
 * const padded = tensor([[1.5, -0.5, 0.25, 9]]);
 * await listMle(padded, [[2, 0, 1, 0]], { mask: [[1, 1, 1, 0]] }).item(); // => 0.738823
 * @category Ranking
 * @reference Xia et al. (2008), Listwise Approach to Learning to Rank: Theory and Algorithm,
 * https://doi.org/10.1145/1390156.1390306; allRank's listMLE, https://github.com/allegro/allRank
 */
export function listMle(prediction: Tensor, target: TensorLike, options: ListOptions = {}): Tensor {
  const fn = "listMle";
  const reduction = checkOptions(fn, options, ["mask"]);
  const rules = { softmax: true, absent: { score: absentScore } };
  return listLoss(fn, [prediction, target], options, reduction, rules, ({ scores, relevance, mask }) => {
    const sorted = gather(scores, descending(relevance, mask), -1);
    // The probability to be drawn before all that follows: a softplus keeps its digits where it is near 1.
    const each = softplus(following(sorted).sub(sorted));
    const there = mask === null ? each : where(sorted.equal(absentScore), 0, each);
    return { losses: there.sum({ axis: -1 }) };
  });
}

/** ln Σ exp of all that follow, for each item of a list: windows of 1, 2, 4, ... items are joined, so no sum underflows. */
function following(x: Tensor): Tensor {
  const items = x.shape.at(-1) as number;
  let sums = moved(x, 1);
  for (let window = 1; window < items - 1; window *= 2) {
    const next = moved(sums, window);
    sums = sums.maximum(next).add(sums.sub(next).abs().neg().exp().log1p());
  }
  return sums;
}

/** Each item replaced by the one so many places later. */
function moved(x: Tensor, places: number): Tensor {
  const starts = x.shape.map((_, axis) => (axis === x.rank - 1 ? Math.min(places, x.shape[axis] as number) : 0));
  return pad(
    x.slice(starts),
    starts.map((start) => [0, start] as const),
    absentScore,
  );
}
