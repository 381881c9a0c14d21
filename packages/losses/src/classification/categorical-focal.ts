import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { classInputs, classOptions, classWeight, complement, surpriseLoss } from "../shared/classes.js";
import { checkOptions } from "../shared/options.js";
import { power } from "../shared/power.js";
import type { ClassLossOptions } from "./class-options.js";

/** Options of {@link categoricalFocal}. */
export interface CategoricalFocalOptions extends ClassLossOptions {
  /** Weight of all classes, or one of each class, `[classes]`: finite and >= 0. 1 leaves it out. @defaultValue 0.25 */
  readonly alpha?: TensorLike | undefined;
  /** How much less what is already right counts, finite and >= 0; 0 gives the cross entropy times alpha. @defaultValue 2 */
  readonly gamma?: number | undefined;
  /** Share of the target that is spread evenly over all classes, from 0 to 1. @defaultValue 0 */
  readonly labelSmoothing?: number | undefined;
}

/**
 * Focal loss of exclusive classes: a cross entropy in which examples that are already right count little. The softmax is part of the
 * loss.
 *
 * $$ \ell(x, q) = -\sum_c \alpha_c \, q_c \, (1 - p_c)^\gamma \ln p_c \qquad p = \mathrm{softmax}(x) $$
 *
 * For a class index $y$, $q$ is 1 at $y$ and 0 elsewhere. As in Keras, `alpha` is 0.25 for all classes by default (1 leaves it out)
 * and the mean divides by the number of examples; Keras takes probabilities unless told `from_logits`.
 *
 * @param prediction - `[..., classes]`, logits: any real numbers, before a softmax
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1
 * @param options - `alpha` (>= 0, default 0.25), `gamma` (>= 0, default 2), `labelSmoothing` (0 to 1, default 0), `ignoreIndex`
 * (default -100), `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), a probability is outside [0, 1], a shape or an option does not
 * fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { categoricalFocal } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await categoricalFocal(logits, [0, 2]).item(); // => 0.0515438
 * await categoricalFocal(logits, [0, 2], { alpha: 1, gamma: 0 }).item(); // => 0.621627
 * await categoricalFocal(logits, [0, 2], { alpha: [0.5, 0.2, 0.3] }).item(); // => 0.0629618
 * @category Classification
 * @reference Lin et al. (2017), Focal Loss for Dense Object Detection, https://arxiv.org/abs/1708.02002; Keras 3,
 * categorical_focal_crossentropy, https://keras.io/api/losses/probabilistic_losses/
 */
export function categoricalFocal(
  prediction: Tensor,
  target: TensorLike,
  options: CategoricalFocalOptions = {},
): Tensor {
  const fn = "categoricalFocal";
  const reduction = checkOptions(fn, options, ["alpha", "gamma", "labelSmoothing", ...classOptions]);
  const { alpha = 0.25, gamma = 2, labelSmoothing = 0 } = options;
  inRange(fn, "gamma", gamma, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "labelSmoothing", labelSmoothing, 0, 1);
  if (typeof alpha === "number") inRange(fn, "alpha", alpha, 0, Number.POSITIVE_INFINITY);
  const inputs = classInputs(fn, prediction, target, options);
  const weight = typeof alpha === "number" ? null : classWeight(fn, "alpha", alpha, inputs.classes);
  const ofSurprise = (surprise: Tensor): Tensor => {
    const factor = power(complement(surprise), gamma);
    const focused = factor === null ? surprise : factor.mul(surprise);
    return typeof alpha === "number" && alpha !== 1 ? focused.mul(alpha) : focused;
  };
  return surpriseLoss(inputs, reduction, ofSurprise, { weight, divides: false, smoothing: labelSmoothing });
}
