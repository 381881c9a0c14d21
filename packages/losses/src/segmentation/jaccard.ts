import type { Tensor, TensorLike } from "@downhill/tensor";
import { missing, overlapLoss } from "../shared/overlap.js";
import type { OverlapOptions } from "./segmentation-options.js";

/**
 * Jaccard loss: 1 minus the intersection over union of predicted and true regions, with probabilities in place of pixels.
 *
 * $$ \ell = \frac1C \sum_c \left( 1 - \frac{\sum_i p_{ic} t_{ic} + s}{\sum_i p_{ic} + \sum_i t_{ic} - \sum_i p_{ic} t_{ic} + s} \right) $$
 *
 * with $p$ the sigmoid or softmax of the logits, $s$ = `smooth`, and the denominator at least `eps`.
 * Classes without a pixel in the target count as 0 and the pixels of the whole batch are pooled, as in segmentation_models.pytorch;
 * `absent` and `perImage` say otherwise (MONAI and Optax: per image).
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
 * import { jaccard } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[[2, -1], [0, 1]]]);
 * await jaccard(logits, [[[1, 0], [0, 1]]]).item(); // => 0.41788
 * const probabilities = tensor([[[1, 0], [0.5, 1]]]);
 * await jaccard(probabilities, [[[1, 0], [0, 1]]], { fromLogits: false }).item(); // => 0.2
 * @category Segmentation
 * @reference Rahman and Wang (2016), Optimizing Intersection-Over-Union, https://doi.org/10.1007/978-3-319-50835-1_22;
 * segmentation_models.pytorch 0.5, JaccardLoss, https://smp.readthedocs.io/en/latest/losses.html
 */
export function jaccard(prediction: Tensor, target: TensorLike, options: OverlapOptions = {}): Tensor {
  return overlapLoss("jaccard", prediction, target, options, [], (areas) =>
    missing(areas.shared, areas.predicted.add(areas.wanted).sub(areas.shared), areas),
  );
}
