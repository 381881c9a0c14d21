import type { Tensor, TensorLike } from "@downhill/tensor";
import { softplus, where } from "@downhill/tensor";
import { emptyLosses, maskedSoftplus, pairsOf, reducePairs } from "../shared/embedding-pairs.js";
import { cosines, groupsOf, rowsOf } from "../shared/embeddings.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { checkRadians } from "../shared/radians.js";

/** Options of {@link angular}. */
export interface AngularOptions extends LossOptions {
  /** Largest angle at the negative, in radians above 0 and below π/2. @defaultValue 0.6981, which is 40 degrees */
  readonly alpha?: number | undefined;
}

/**
 * Angular loss: bounds the angle under which a negative sees an anchor and its positive, whatever the scale of the distances.
 *
 * $$ \ell_{ap} = \ln\Big(1 + \sum_{n : y_n \ne y_a} e^{4 \tan^2\!\alpha\, (x_a + x_p) \cdot x_n - 2 (1 + \tan^2\!\alpha)\, x_a \cdot x_p}\Big) $$
 *
 * for embeddings of length 1. The mean is over all positive pairs; without one the loss is 0 with gradient 0, and a pair without a
 * negative has loss 0. pytorch-metric-learning counts the angle in degrees and brings anchors and positives to length 1, but not
 * the negatives: the two agree on embeddings of length 1. Memory grows with the square of
 * the batch up to 65 degrees, above with its third power.
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, integers
 * @param options - `alpha` (radians, between 0 and π/2, default 40 degrees; the paper: 36 to 55 degrees), `reduction`,
 * `sampleWeight` (per embedding as the first of its pairs, or per pair)
 * @returns the mean over all positive pairs (a scalar); for reduction `"none"` `[batch, batch]` with 0 for what is no positive pair
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { angular } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const embeddings = tensor([[1, 0], [0.8, 0.6], [0, 1]]);
 * await angular(embeddings, [0, 0, 1]).item(); // => 0.303515
 * @category Metric learning
 * @reference Wang et al. (2017), Deep Metric Learning with Angular Loss, https://arxiv.org/abs/1708.01682;
 * pytorch-metric-learning, AngularLoss, https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#angularloss
 */
export function angular(embeddings: Tensor, labels: TensorLike, options: AngularOptions = {}): Tensor {
  const fn = "angular";
  const reduction = checkOptions(fn, options, ["alpha"]);
  const { alpha = (40 / 180) * Math.PI } = options;
  checkRadians(fn, "alpha", alpha, Math.PI / 2, "π/2");
  const x = rowsOf(fn, "embeddings", embeddings);
  const batch = x.shape[0] as number;
  const { positive, negative, positives } = pairsOf(groupsOf(fn, labels, batch));
  const square = Math.tan(alpha) ** 2;
  const losses = batch === 0 ? emptyLosses(x, 2) : lossPerPair(cosines(x), negative, square);
  return reducePairs(fn, losses, positive, positives, reduction, options);
}

/** The losses, right where two embeddings have the same label and so the same negatives. */
function lossPerPair(s: Tensor, negative: Tensor, square: number): Tensor {
  const [sharpness, own] = [4 * square, s.mul(2 * (1 + square))];
  // Above 65.9 degrees the product below could underflow.
  if (square > 5) {
    const both = s.unsqueeze(1).add(s.unsqueeze(0)).mul(sharpness);
    return maskedSoftplus(both.sub(own.unsqueeze(2)), negative.unsqueeze(1));
  }
  // exp(a + p) = exp(a) exp(p): the sum over the negatives of both is a matrix product.
  const top = where(negative, s, -1).max({ axis: -1, keepDims: true }).detach();
  const share = where(negative, s.sub(top).mul(sharpness).exp(), 0);
  const sum = share.matmul(share.transpose());
  const none = sum.equal(0);
  const crowd = where(none, 1, sum).log().add(top.add(top.transpose()).mul(sharpness));
  return where(none, 0, softplus(crowd.sub(own)));
}
