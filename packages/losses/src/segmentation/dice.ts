import type { Tensor, TensorLike } from "@downhill/tensor";
import { missing, overlapLoss } from "../shared/overlap.js";
import type { OverlapOptions } from "./segmentation-options.js";

/**
 * Dice loss: how little predicted and true regions have in common, whatever their size.
 *
 * $$ \ell = \frac1C \sum_c \left( 1 - \frac{2 \sum_i p_{ic} t_{ic} + s}{\sum_i p_{ic} + \sum_i t_{ic} + s} \right) $$
 *
 * with $p$ the sigmoid or softmax of the logits, $s$ = `smooth`, and the denominator at least `eps`.
 * Classes without a pixel in the target count as 0 and the pixels of the whole batch are pooled, as in segmentation_models.pytorch;
 * `absent` and `perImage` say otherwise (MONAI and Optax: per image).
 * Newer versions of the former add $2s$ (the Tversky form); halve `smooth` to compare. With `perImage: true`, `absent: "count"` and
 * `smooth: 1` it is Optax's.
 *
 * @param prediction - `[images, ...shape]` (binary) or `[images, classes, ...shape]`, logits: any real numbers
 * @param target - class indices `[images, ...shape]`; or, in the shape of `prediction`, 0 and 1 or probabilities
 * @param options - `mode`, `axis` (default 1), `fromLogits` (default true), `ignoreIndex` (default -100), `mask`, `perImage` (default
 * false), `absent` (default "zero"), `weight` (per class), `smooth` (default 0), `eps` (default 1e-7), `reduction`, `sampleWeight` (per
 * image)
 * @returns the loss of the batch (a scalar); with `perImage` the mean over the images, `[images]` for reduction `"none"`
 * @throws RangeError when a target is out of its range (naming it, where JavaScript knows it), a shape or an option does not fit;
 * TypeError when logits come out of a softmax or sigmoid
 * @example
 * import { dice } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[[2, -1], [0, 1]]]);
 * await dice(logits, [[[1, 0], [0, 1]]]).item(); // => 0.264127
 * await dice(logits, [[[0, 0], [0, 0]]], { absent: "count", smooth: 1 }).item(); // => 0.704212
 * const classes = tensor([[[2, 0, 1], [0, 1, -1]]]); // [images, classes, pixels]
 * await dice(classes, [[0, 1, 0]]).item(); // => 0.191741
 * @category Segmentation
 * @reference Milletari et al. (2016), V-Net, https://arxiv.org/abs/1606.04797; segmentation_models.pytorch 0.5, DiceLoss,
 * https://smp.readthedocs.io/en/latest/losses.html
 */
export function dice(prediction: Tensor, target: TensorLike, options: OverlapOptions = {}): Tensor {
  return overlapLoss("dice", prediction, target, options, [], (areas) =>
    missing(areas.shared.mul(2), areas.predicted.add(areas.wanted), areas),
  );
}
