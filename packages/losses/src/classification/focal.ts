import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkProbabilities, refuseProbabilities } from "../shared/inputs.js";
import { logisticLoss } from "../shared/logistic.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { power } from "../shared/power.js";

/** Options of {@link focal}. */
export interface FocalOptions extends LossOptions {
  /** Weight of positives, from 0 to 1; negatives get 1 - alpha. -1 weights neither. @defaultValue 0.25 */
  readonly alpha?: number | undefined;
  /** How much less what is already right counts, finite and >= 0; 0 gives the cross entropy. @defaultValue 2 */
  readonly gamma?: number | undefined;
}

/**
 * Focal loss of logits: a binary cross entropy in which what is already right counts little, for rare positives among very many
 * negatives. The sigmoid is part of the loss.
 *
 * $$ \ell(x, t) = \alpha_t \, (1 - p_t)^\gamma \, \bigl( -t \ln \sigma(x) - (1 - t) \ln \sigma(-x) \bigr) $$
 *
 * with $p_t = t\,\sigma(x) + (1 - t)\,\sigma(-x)$ and $\alpha_t = t\,\alpha + (1 - t)(1 - \alpha)$. Detectors divide the sum by the
 * number of positives: take reduction `"sum"`. torchvision's default reduction is `"none"`; Keras and Optax weight only when asked
 * to: `alpha: -1`.
 *
 * @param prediction - `[...shape]`, logits: any real numbers, before a sigmoid
 * @param target - `[...shape]`, the shape of `prediction`: 0, 1 or a probability between them
 * @param options - `alpha` (0 to 1, or -1 for no weights; default 0.25), `gamma` (>= 0, default 2), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is outside [0, 1] (naming it; targets that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when the prediction comes out of a sigmoid or softmax
 * @example
 * import { focal } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([1.5, -0.5, -3]);
 * await focal(logits, [1, 0, 0], { reduction: "none" }).array(); // => [0.00167571, 0.0506801, 0.0000819625]
 * await focal(logits, [1, 0, 0], { alpha: -1, gamma: 0 }).item(); // => 0.2413592
 * focal(logits.sigmoid(), [1, 0, 0]); // throws TypeError: focal: "prediction" expected logits, got the output of a sigmoid;
 * // remove the sigmoid, the loss applies its own
 * @category Classification
 * @reference Lin et al. (2017), Focal Loss for Dense Object Detection, https://arxiv.org/abs/1708.02002; torchvision 0.28,
 * sigmoid_focal_loss, https://docs.pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html
 */
export function focal(prediction: Tensor, target: TensorLike, options: FocalOptions = {}): Tensor {
  const fn = "focal";
  const reduction = checkOptions(fn, options, ["alpha", "gamma"]);
  const { alpha = 0.25, gamma = 2 } = options;
  if (alpha !== -1) inRange(fn, "alpha", alpha, 0, 1);
  inRange(fn, "gamma", gamma, 0, Number.POSITIVE_INFINITY);
  const [x, t] = pairOf(fn, prediction, target);
  refuseProbabilities(fn, prediction, "logits");
  checkProbabilities(fn, "target", t);

  const entropy = logisticLoss(x, t);
  const negative = t.neg().add(1);
  // 1 - p_t as a sum of two parts, neither below 0: it keeps its digits where p_t is almost 1.
  const wrong = t.mul(x.neg().sigmoid()).add(negative.mul(x.sigmoid()));
  const factor = power(wrong, gamma);
  let losses = factor === null ? entropy : factor.mul(entropy);
  if (alpha !== -1) losses = losses.mul(t.mul(alpha).add(negative.mul(1 - alpha)));
  return reduced(fn, losses, reduction, options);
}
