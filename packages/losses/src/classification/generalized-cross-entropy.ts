import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { classInputs, classOptions, classWeight, complement, surpriseLoss } from "../shared/classes.js";
import { checkOptions } from "../shared/options.js";
import type { WeightedClassLossOptions } from "./class-options.js";

/** Options of {@link generalizedCrossEntropy}. */
export interface GeneralizedCrossEntropyOptions extends WeightedClassLossOptions {
  /** Between the cross entropy (towards 0) and the mean absolute error (at 1), above 0 and at most 1. @defaultValue 0.7 */
  readonly q?: number | undefined;
}

/**
 * Generalized cross entropy: for labels of which some are wrong, because no example can cost more than $1 / q$.
 *
 * $$ \ell(x, y) = w_y \, \frac{1 - p_y^q}{q} \qquad p = \mathrm{softmax}(x) $$
 *
 * For a target of probabilities it is the expectation over the classes. `q` is 0.7 as in the paper; Keras takes 0.5, and probabilities
 * as prediction.
 *
 * @param prediction - `[..., classes]`, logits: any real numbers, before a softmax
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1
 * @param options - `q` (above 0, at most 1, default 0.7), `weight` (default all 1), `ignoreIndex` (default -100), `mask` (default all
 * count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), a probability is outside [0, 1], a shape or an option does not
 * fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { generalizedCrossEntropy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await generalizedCrossEntropy(logits, [0, 2]).item(); // => 0.4710795
 * await generalizedCrossEntropy(logits, [0, 2], { q: 0.5 }).item(); // => 0.5077191
 * @category Classification
 * @reference Zhang & Sabuncu (2018), Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels,
 * https://arxiv.org/abs/1805.07836
 */
export function generalizedCrossEntropy(
  prediction: Tensor,
  target: TensorLike,
  options: GeneralizedCrossEntropyOptions = {},
): Tensor {
  const fn = "generalizedCrossEntropy";
  const reduction = checkOptions(fn, options, ["q", "weight", ...classOptions]);
  const { q = 0.7 } = options;
  inRange(fn, "q", q, 0, 1, "low");
  const inputs = classInputs(fn, prediction, target, options);
  const weight = classWeight(fn, "weight", options.weight, inputs.classes);
  // p^q = e^(-q · surprise): nothing to raise to a power, and 1 - p^q keeps its digits.
  const ofSurprise = (surprise: Tensor): Tensor => complement(surprise.mul(q)).mul(1 / q);
  return surpriseLoss(inputs, reduction, ofSurprise, { weight });
}
