import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, take, tensor, where } from "@downhill/tensor";
import { distances, groupsOf } from "../shared/embeddings.js";
import type { MinerOptions } from "../shared/mining.js";
import { farthest, minedRows } from "../shared/mining.js";
import type { Triplets } from "./triplets.js";

/** Options of {@link semiHard}. */
export interface SemiHardOptions extends MinerOptions {
  /** How much farther than the positive a negative may be, finite and > 0: the margin of the loss. @defaultValue 1 */
  readonly margin?: number | undefined;
}

/**
 * Semi-hard mining for {@link tripletMargin}: each positive pair with the nearest negative that is farther from the anchor than the
 * positive is, within the margin.
 *
 * $$ n_{ap} = \arg\min_n \{\, d(a, n) : y_n \ne y_a,\; d(a, p) < d(a, n) \le d(a, p) + m \,\} $$
 *
 * with Euclidean distances, as `tripletMargin` measures them; `normalize: true` measures as pytorch-metric-learning does, whose
 * TripletMarginMiner with "semihard" and margin 0.2 gives all such negatives. There is one triplet per positive pair, in both orders,
 * so that the shapes depend on the labels alone; the weight is 0 where there is no such negative (TensorFlow takes the farthest one
 * then). No gradient flows through the choice.
 *
 * @param embeddings - `[batch, dims]`, any real numbers
 * @param labels - `[batch]`, integers that JavaScript knows: data, or a tensor that was read
 * @param options - `margin` (> 0, default 1, that of `tripletMargin`; FaceNet: 0.2), `normalize` (default false)
 * @returns `anchor`, `positive` and `negative`, int32 `[positive pairs]`, and `weight`, float32 `[positive pairs]`
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when the
 * device computes the labels or an argument is of the wrong kind
 * @example
 * import { semiHard, tripletMargin } from "@downhill/losses";
 * import { take, tensor } from "@downhill/tensor";
 * const embeddings = tensor([[0, 0], [0, 1], [0.5, 0], [1.5, 0]]);
 * const { anchor, positive, negative, weight } = semiHard(embeddings, [0, 0, 1, 1]);
 * await anchor.array(); // => [0, 1, 2, 3]
 * await negative.array(); // => [3, 2, 1, 0]
 * await weight.array(); // => [1, 1, 1, 1]
 * const loss = tripletMargin(
 *   take(embeddings, anchor),
 *   take(embeddings, positive),
 *   take(embeddings, negative),
 *   { sampleWeight: weight },
 * );
 * await loss.item(); // => 0.690983
 * @category Metric learning
 * @reference Schroff, Kalenichenko & Philbin (2015), FaceNet: A Unified Embedding for Face Recognition and Clustering,
 * https://arxiv.org/abs/1503.03832; pytorch-metric-learning, TripletMarginMiner,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/miners/#tripletmarginminer
 */
export function semiHard(embeddings: Tensor, labels: TensorLike, options: SemiHardOptions = {}): Triplets {
  const fn = "semiHard";
  const x = minedRows(fn, embeddings, options, ["margin", "normalize"]);
  const { margin = 1 } = options;
  inRange(fn, "margin", margin, 0, Number.POSITIVE_INFINITY, "low");
  const batch = x.shape[0] as number;
  const { index, host } = groupsOf(fn, labels, batch);
  if (host === null)
    throw new TypeError(
      `${fn}: "labels" expected values that JavaScript knows, got a computed tensor; read them first, with await labels.data()`,
    );
  const pairs: [anchor: number, positive: number][] = [];
  for (let a = 0; a < batch; a++)
    for (let p = 0; p < batch; p++) if (p !== a && host[a] === host[p]) pairs.push([a, p]);
  const indices = (of: (pair: [number, number]) => number): Tensor => tensor(Int32Array.from(pairs, of));
  const anchor = indices(([a]) => a);
  const positive = indices(([, p]) => p);
  if (pairs.length === 0) return { anchor, positive, negative: anchor, weight: anchor.cast("float32") };
  const all = distances(x);
  const toPositive = take(
    all.flatten(),
    indices(([a, p]) => a * batch + p),
  ).unsqueeze(1);
  const distance = take(all, anchor);
  const fits = indices(([a]) => host[a] as number)
    .unsqueeze(1)
    .notEqual(index)
    .logicalAnd(distance.greater(toPositive))
    .logicalAnd(distance.lessEqual(toPositive.add(margin)));
  return {
    anchor,
    positive,
    negative: where(fits, distance, farthest).argmin({ axis: -1 }),
    weight: fits.any({ axis: -1 }).cast("float32"),
  };
}
