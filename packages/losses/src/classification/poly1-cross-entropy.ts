import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { classInputs, classOptions, classWeight, complement, surpriseLoss } from "../shared/classes.js";
import { checkOptions } from "../shared/options.js";
import type { WeightedClassLossOptions } from "./class-options.js";

/** Options of {@link poly1CrossEntropy}. */
export interface Poly1CrossEntropyOptions extends WeightedClassLossOptions {
  /**
   * Factor of the added term, finite; the paper takes 2 for images, -1 for detection. Below -1 right answers are punished.
   *
   * @defaultValue 2
   */
  readonly epsilon?: number | undefined;
  /** Share of the target that is spread evenly over all classes, from 0 to 1. @defaultValue 0 */
  readonly labelSmoothing?: number | undefined;
}

/**
 * Poly-1 loss: a cross entropy whose first polynomial coefficient is another one, a single number to tune.
 *
 * $$ \ell(x, q) = \sum_c w_c \, q_c \, \bigl( -\ln p_c + \varepsilon \, (1 - p_c) \bigr) \qquad p = \mathrm{softmax}(x) $$
 *
 * For a class index $y$, $q$ is 1 at $y$ and 0 elsewhere. `epsilon` is 2 as in Optax, the paper's number for ImageNet; TF-Ranking takes
 * 1.
 *
 * @param prediction - `[..., classes]`, logits: any real numbers, before a softmax
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1
 * @param options - `epsilon` (default 2), `weight` (default all 1), `labelSmoothing` (0 to 1, default 0), `ignoreIndex` (default -100),
 * `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), a probability is outside [0, 1], a shape or an option does not
 * fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { poly1CrossEntropy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await poly1CrossEntropy(logits, [0, 2]).item(); // => 1.468865
 * await poly1CrossEntropy(logits, [0, 2], { epsilon: 0 }).item(); // => 0.621627
 * @category Classification
 * @reference Leng et al. (2022), PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions,
 * https://arxiv.org/abs/2204.12511; Optax, poly_loss_cross_entropy, https://optax.readthedocs.io/en/latest/api/losses.html
 */
export function poly1CrossEntropy(
  prediction: Tensor,
  target: TensorLike,
  options: Poly1CrossEntropyOptions = {},
): Tensor {
  const fn = "poly1CrossEntropy";
  const reduction = checkOptions(fn, options, ["epsilon", "weight", "labelSmoothing", ...classOptions]);
  const { epsilon = 2, labelSmoothing = 0 } = options;
  inRange(fn, "epsilon", epsilon, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  inRange(fn, "labelSmoothing", labelSmoothing, 0, 1);
  const inputs = classInputs(fn, prediction, target, options);
  const weight = classWeight(fn, "weight", options.weight, inputs.classes);
  const ofSurprise = (surprise: Tensor): Tensor => surprise.add(complement(surprise).mul(epsilon));
  return surpriseLoss(inputs, reduction, ofSurprise, { weight, smoothing: labelSmoothing });
}
