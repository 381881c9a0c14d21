import type { Tensor, TensorLike } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkProbabilities, refuseProbabilities } from "../shared/inputs.js";
import { logisticLoss, logisticTail } from "../shared/logistic.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { elementWeight } from "../shared/weights.js";

/** Options of {@link binaryCrossEntropyWithLogits}. */
export interface BinaryCrossEntropyWithLogitsOptions extends LossOptions {
  /**
   * Factor of the positive part of each label, finite and >= 0: `[labels]`, a number, or any shape that broadcasts to that of the
   * prediction. Above 1 it favours recall, below 1 precision; `negatives / positives` balances a label.
   *
   * @defaultValue 1
   */
  readonly posWeight?: TensorLike | undefined;
  /**
   * Factor of each element, finite and >= 0, in a shape that broadcasts to that of the prediction. Unlike `sampleWeight` it leaves
   * the divisor of the mean alone.
   *
   * @defaultValue 1
   */
  readonly weight?: TensorLike | undefined;
}

/**
 * Binary cross entropy of logits: each element is a yes-or-no question of its own. The sigmoid is part of the loss, so that
 * nothing saturates or overflows.
 *
 * $$ \ell(x, t) = w \, \bigl( v\,t \ln(1 + e^{-x}) + (1 - t) \ln(1 + e^x) \bigr) $$
 *
 * with $w$ = `weight` and $v$ = `posWeight`; both logarithms are computed as $\max(\pm x, 0) + \ln(1 + e^{-|x|})$.
 *
 * @param prediction - `[...shape]`, logits: any real numbers, before a sigmoid
 * @param target - `[...shape]`, the shape of `prediction`: 0, 1 or a probability between them
 * @param options - `posWeight` (default 1), `weight` (default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is outside [0, 1] (naming it; targets that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when the prediction comes out of a sigmoid or softmax
 * @example
 * import { binaryCrossEntropyWithLogits } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([1.5, -0.5]);
 * await binaryCrossEntropyWithLogits(logits, [1, 0]).item(); // => 0.337745
 * await binaryCrossEntropyWithLogits(logits, [1, 0], { posWeight: 3 }).item(); // => 0.539158
 * binaryCrossEntropyWithLogits(logits.sigmoid(), [1, 0]); // throws TypeError: binaryCrossEntropyWithLogits: "prediction" expected
 * // logits, got the output of a sigmoid; remove the sigmoid, the loss applies its own
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.BCEWithLogitsLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export function binaryCrossEntropyWithLogits(
  prediction: Tensor,
  target: TensorLike,
  options: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  const fn = "binaryCrossEntropyWithLogits";
  const reduction = checkOptions(fn, options, ["posWeight", "weight"]);
  const [x, t] = pairOf(fn, prediction, target);
  refuseProbabilities(fn, prediction, "logits");
  checkProbabilities(fn, "target", t);
  const { posWeight, weight } = options;

  let losses: Tensor;
  if (posWeight === undefined) losses = logisticLoss(x, t);
  else {
    const positive = t.mul(elementWeight(fn, "posWeight", posWeight, x.shape));
    const negative = t.neg().add(1);
    losses = negative
      .mul(x.maximum(0))
      .add(positive.mul(x.neg().maximum(0)))
      .add(positive.add(negative).mul(logisticTail(x)));
  }
  if (weight !== undefined) losses = losses.mul(elementWeight(fn, "weight", weight, x.shape));
  return reduced(fn, losses, reduction, options);
}
