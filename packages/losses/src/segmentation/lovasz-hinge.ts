import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { lovaszExtension } from "../shared/lovasz.js";
import { checkOptions } from "../shared/options.js";
import { reduceImages } from "../shared/overlap.js";
import { onlyPerImage } from "../shared/pixel-weights.js";
import { checkBinary, pixelsOf } from "../shared/pixels.js";
import type { SegmentationOptions } from "./segmentation-options.js";

/** Options of {@link lovaszHinge}. */
export type LovaszHingeOptions = Omit<SegmentationOptions, "mode" | "axis" | "ignoreIndex">;

/**
 * Lovász hinge: the intersection over union of a binary mask as a convex loss of the logits.
 *
 * $$ \ell = \sum_k \max(0, m_{(k)}) \, g_k \qquad m_i = 1 - x_i (2 t_i - 1) \qquad g_k = \Delta(k) - \Delta(k - 1) $$
 *
 * with $m_{(1)} \ge m_{(2)} \ge \dots$ the sorted hinge errors and $\Delta(k)$ the Jaccard loss of a mask that is wrong at the first $k$
 * of them. It is a loss of whole masks: there is nothing to add up per pixel. A mask without a target has the loss of its worst pixel.
 * The pixels of the batch are one mask, as in segmentation_models.pytorch; `perImage: true` is the default of the authors' code.
 *
 * @param prediction - `[images, ...shape]`, logits: any real numbers
 * @param target - `[images, ...shape]`, the shape of `prediction`: 0 and 1
 * @param options - `mask` (default: all pixels count), `perImage` (default false), `reduction`, `sampleWeight` (per image; only with
 * `perImage`)
 * @returns the loss of the batch (a scalar); with `perImage` the mean over the images, `[images]` for reduction `"none"`; 0 where no
 * pixel counts
 * @throws RangeError when a target is neither 0 nor 1 (naming it; targets that the device computes are not checked), a shape or an option
 * does not fit; TypeError when the logits come out of a sigmoid or softmax
 * @example
 * import { lovaszHinge } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5, -0.25]]);
 * await lovaszHinge(logits, [[1, 0, 0, 1]]).item(); // => 0.916667
 * await lovaszHinge(logits, [[0, 0, 0, 0]]).item(); // => 3
 * @category Segmentation
 * @reference Berman et al. (2018), The Lovász-Softmax loss, https://arxiv.org/abs/1705.08790;
 * https://github.com/bermanmaxim/LovaszSoftmax
 */
export function lovaszHinge(prediction: Tensor, target: TensorLike, options: LovaszHingeOptions = {}): Tensor {
  const fn = "lovaszHinge";
  const reduction = checkOptions(fn, options, ["mask", "perImage"]);
  const { perImage = false, mask } = options;
  onlyPerImage(fn, options);
  const pixels = pixelsOf(fn, prediction, target, { mode: "binary", mask, perImage }, "none");
  const rows = [perImage ? pixels.images : 1, -1];
  if (prediction.size === 0) rows[1] = perImage ? prediction.size / (pixels.images || 1) : 0;
  const [x, t] = [pixels.prediction.reshape(rows), pixels.target.reshape(rows)];
  checkBinary(fn, t);
  const errors = x.mul(t.mul(2).sub(1)).neg().add(1);
  const counts = pixels.counts?.reshape(rows);
  const losses =
    counts === undefined ? lovaszExtension(errors, t) : lovaszExtension(where(counts, errors, -1), where(counts, t, 0));
  return perImage ? reduceImages(fn, losses, reduction, options) : losses.reshape([]);
}
