import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { overlapLoss } from "../shared/overlap.js";
import { tverskyLosses } from "../shared/tversky.js";
import type { OverlapOptions } from "./segmentation-options.js";

/** Options of {@link focalTversky}. */
export interface FocalTverskyOptions extends OverlapOptions {
  /** Weight of false positives, finite and >= 0. @defaultValue 0.3 */
  readonly alpha?: number | undefined;
  /** Weight of false negatives, finite and >= 0. @defaultValue 0.7 */
  readonly beta?: number | undefined;
  /** Exponent, finite and > 0: below 1 it favours classes that are nearly right, above 1 those that are not. @defaultValue 0.75 */
  readonly gamma?: number | undefined;
}

/**
 * Focal Tversky loss: the Tversky loss of each class to a power, for small and rare regions.
 *
 * $$ \ell = \frac1C \sum_c \left( 1 - \frac{TP_c + s}{TP_c + \alpha \, FP_c + \beta \, FN_c + s} \right)^{\gamma} $$
 *
 * with the terms of {@link tversky}. The paper's exponent is $1 / \gamma$ with $\gamma = 4/3$, and its $\alpha$ = 0.7 belongs to the false
 * negatives: these are our defaults. segmentation_models.pytorch takes the power of the mean over the classes, and its gamma is 1; the
 * two are the same for one class. At loss 0 the gradient is 0.
 * Classes without a pixel in the target count as 0 and the pixels of the whole batch are pooled, as in segmentation_models.pytorch;
 * `absent` and `perImage` say otherwise (MONAI and Optax: per image).
 *
 * @param prediction - `[images, ...shape]` (binary) or `[images, classes, ...shape]`, logits: any real numbers
 * @param target - class indices `[images, ...shape]`; or, in the shape of `prediction`, 0 and 1 or probabilities
 * @param options - `alpha` (default 0.3), `beta` (default 0.7), `gamma` (default 0.75), `mode`, `axis` (default 1), `fromLogits` (default true), `ignoreIndex` (default -100), `mask`, `perImage` (default
 * false), `absent` (default "zero"), `weight` (per class), `smooth` (default 0), `eps` (default 1e-7), `reduction`, `sampleWeight` (per
 * image)
 * @returns the loss of the batch (a scalar); with `perImage` the mean over the images, `[images]` for reduction `"none"`
 * @throws RangeError when a target is out of its range (naming it, where JavaScript knows it), a shape or an option does not fit;
 * TypeError when logits come out of a softmax or sigmoid
 * @example
 * import { focalTversky } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await focalTversky(tensor([[[2, -1], [0, 1]]]), [[[1, 0], [0, 1]]]).item(); // => 0.340338
 * @category Segmentation
 * @reference Abraham and Khan (2019), A Novel Focal Tversky Loss Function, https://arxiv.org/abs/1810.07842
 */
export function focalTversky(prediction: Tensor, target: TensorLike, options: FocalTverskyOptions = {}): Tensor {
  const fn = "focalTversky";
  const { alpha = 0.3, beta = 0.7, gamma = 0.75 } = options;
  inRange(fn, "gamma", gamma, 0, Number.POSITIVE_INFINITY, "low");
  return overlapLoss(fn, prediction, target, options, ["alpha", "beta", "gamma"], (areas) => {
    const losses = tverskyLosses(fn, areas, alpha, beta);
    // A power below 1 has an infinite slope at 0, which rounding may also miss by a little.
    const none = losses.lessEqual(0);
    return where(none, 0, where(none, 1, losses).pow(gamma));
  });
}
