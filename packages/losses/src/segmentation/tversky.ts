import type { Tensor, TensorLike } from "@downhill/tensor";
import { overlapLoss } from "../shared/overlap.js";
import { tverskyLosses } from "../shared/tversky.js";
import type { OverlapOptions } from "./segmentation-options.js";

/** Options of {@link tversky}. */
export interface TverskyOptions extends OverlapOptions {
  /** Weight of false positives, finite and >= 0. @defaultValue 0.5 */
  readonly alpha?: number | undefined;
  /** Weight of false negatives, finite and >= 0. @defaultValue 0.5 */
  readonly beta?: number | undefined;
}

/**
 * Tversky loss: the Dice loss with weights for the two kinds of error.
 *
 * $$ \ell = \frac1C \sum_c \left( 1 - \frac{TP_c + s}{TP_c + \alpha \, FP_c + \beta \, FN_c + s} \right) $$
 *
 * with $TP = \sum_i p_i t_i$, $FP = \sum_i p_i (1 - t_i)$, $FN = \sum_i (1 - p_i) t_i$, $p$ the sigmoid or softmax of the logits, and the
 * denominator at least `eps`. $\alpha = \beta = \tfrac12$ is {@link dice}, $\alpha = \beta = 1$ is {@link jaccard}; a larger $\beta$ favours
 * recall.
 * Classes without a pixel in the target count as 0 and the pixels of the whole batch are pooled, as in segmentation_models.pytorch;
 * `absent` and `perImage` say otherwise (MONAI and Optax: per image).
 *
 * @param prediction - `[images, ...shape]` (binary) or `[images, classes, ...shape]`, logits: any real numbers
 * @param target - class indices `[images, ...shape]`; or, in the shape of `prediction`, 0 and 1 or probabilities
 * @param options - `alpha` and `beta` (default 0.5), `mode`, `axis` (default 1), `fromLogits` (default true), `ignoreIndex` (default -100), `mask`, `perImage` (default
 * false), `absent` (default "zero"), `weight` (per class), `smooth` (default 0), `eps` (default 1e-7), `reduction`, `sampleWeight` (per
 * image)
 * @returns the loss of the batch (a scalar); with `perImage` the mean over the images, `[images]` for reduction `"none"`
 * @throws RangeError when a target is out of its range (naming it, where JavaScript knows it), a shape or an option does not fit;
 * TypeError when logits come out of a softmax or sigmoid
 * @example
 * import { tversky } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[[2, -1], [0, 1]]]);
 * await tversky(logits, [[[1, 0], [0, 1]]]).item(); // => 0.264127
 * await tversky(logits, [[[1, 0], [0, 1]]], { alpha: 0.3, beta: 0.7 }).item(); // => 0.237619
 * @category Segmentation
 * @reference Salehi et al. (2017), Tversky loss function for image segmentation, https://arxiv.org/abs/1706.05721;
 * segmentation_models.pytorch 0.5, TverskyLoss, https://smp.readthedocs.io/en/latest/losses.html
 */
export function tversky(prediction: Tensor, target: TensorLike, options: TverskyOptions = {}): Tensor {
  const { alpha = 0.5, beta = 0.5 } = options;
  return overlapLoss("tversky", prediction, target, options, ["alpha", "beta"], (areas) =>
    tverskyLosses("tversky", areas, alpha, beta),
  );
}
