import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, where } from "@downhill/tensor";
import { pairsOf, some } from "../shared/embedding-pairs.js";
import { distances, groupsOf } from "../shared/embeddings.js";
import type { MinerOptions } from "../shared/mining.js";
import { farthest, minedRows } from "../shared/mining.js";
import { asTensor, product } from "../shared/weights.js";
import type { Triplets } from "./triplets.js";

/** Options of {@link batchHard}. */
export interface BatchHardOptions extends MinerOptions {}

/**
 * Batch-hard mining for {@link tripletMargin}: each embedding with its farthest positive and its nearest negative.
 *
 * $$ p_a = \arg\max_{p \ne a,\; y_p = y_a} d(a, p) \qquad n_a = \arg\min_{y_n \ne y_a} d(a, n) $$
 *
 * with Euclidean distances, as `tripletMargin` measures them; `normalize: true` mines as pytorch-metric-learning does. Among equal
 * distances the first counts. There is one triplet per embedding, so that every batch of a size has the same shapes; the weight is 0
 * where an embedding has no positive or no negative. No gradient flows through the choice.
 *
 * @param embeddings - `[batch, dims]`, any real numbers
 * @param labels - `[batch]`, integers; an embedding without others of its label gets weight 0
 * @param options - `normalize` (default false)
 * @returns `anchor`, `positive` and `negative`, int32 `[batch]`, and `weight`, float32 `[batch]`
 * @throws RangeError when labels are no integers or not one per embedding or a shape does not fit; TypeError when an argument is of
 * the wrong kind
 * @example
 * import { batchHard, tripletMargin } from "@downhill/losses";
 * import { Adam } from "@downhill/optimizers";
 * import { parameter, take, tensor } from "@downhill/tensor";
 * const inputs = tensor([[1, 0, 2], [0, 1, 2], [1, 1, 0], [0, 2, 1]]);
 * const labels = [0, 0, 1, 1];
 * const weight = parameter([[1, 0], [0, 1], [0.5, 0.5]]);
 * const optimizer = new Adam([weight], { lr: 0.05 });
 * const losses = [];
 * for (let step = 0; step < 100; step++) {
 *   const embeddings = inputs.matmul(weight);
 *   const found = batchHard(embeddings, labels);
 *   const loss = tripletMargin(
 *     take(embeddings, found.anchor),
 *     take(embeddings, found.positive),
 *     take(embeddings, found.negative),
 *     { margin: 0.5, sampleWeight: found.weight },
 *   );
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   await optimizer.step();
 *   losses.push(await loss.item());
 * }
 * losses[0]; // => 1.14412
 * losses.at(-1); // => 0
 * @category Metric learning
 * @reference Hermans, Beyer & Leibe (2017), In Defense of the Triplet Loss for Person Re-Identification,
 * https://arxiv.org/abs/1703.07737; pytorch-metric-learning, BatchHardMiner,
 * https://kevinmusgrave.github.io/pytorch-metric-learning/miners/#batchhardminer
 */
export function batchHard(embeddings: Tensor, labels: TensorLike, options: BatchHardOptions = {}): Triplets {
  const fn = "batchHard";
  const x = minedRows(fn, embeddings, options, ["normalize"]);
  const batch = x.shape[0] as number;
  const { positive, negative, positives, negatives } = pairsOf(groupsOf(fn, labels, batch));
  const anchor = arange(batch);
  const weight = asTensor(product([batch], some(positives), some(negatives)) ?? [], [batch]);
  if (batch === 0) return { anchor, positive: anchor, negative: anchor, weight };
  const distance = distances(x);
  return {
    anchor,
    positive: where(positive, distance, -1).argmax({ axis: -1 }),
    negative: where(negative, distance, farthest).argmin({ axis: -1 }),
    weight,
  };
}
