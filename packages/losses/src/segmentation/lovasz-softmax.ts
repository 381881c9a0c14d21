import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { checkChoice } from "../shared/choice.js";
import { classWeight } from "../shared/classes.js";
import { checkFlag } from "../shared/flag.js";
import { lovaszExtension } from "../shared/lovasz.js";
import { checkOptions } from "../shared/options.js";
import { meanOverClasses, reduceImages } from "../shared/overlap.js";
import { onlyPerImage } from "../shared/pixel-weights.js";
import { checkBinary, pixelOptions, pixelsOf } from "../shared/pixels.js";
import type { OverlapOptions } from "./segmentation-options.js";

/** Options of {@link lovaszSoftmax}. */
export interface LovaszSoftmaxOptions extends Omit<OverlapOptions, "absent" | "mode" | "smooth" | "eps"> {
  /**
   * A class (of an image, with `perImage`) without a pixel in the target: `"ignore"` leaves it out of the mean over the classes,
   * `"zero"` counts as loss 0, `"count"` has the loss of its worst pixel, the largest probability of the class.
   *
   * @defaultValue "ignore", the published code's "present"
   */
  readonly absent?: "zero" | "ignore" | "count" | undefined;
}

/**
 * Lovász-Softmax: the intersection over union of several classes as a loss of their probabilities.
 *
 * $$ \ell = \frac1C \sum_c \sum_k m_{c(k)} \, g_{ck} \qquad m_{ci} = |t_{ci} - p_{ci}| \qquad g_{ck} = \Delta_c(k) - \Delta_c(k - 1) $$
 *
 * with $p$ the softmax of the logits, $m_{c(1)} \ge m_{c(2)} \ge \dots$ the sorted errors of a class and $\Delta_c(k)$ the Jaccard loss of
 * a mask that is wrong at the first $k$ of them. It is a loss of whole masks: there is nothing to add up per pixel. The pixels of the
 * batch are one mask per class.
 *
 * @param prediction - `[images, classes, ...shape]`, logits: any real numbers (the published code: probabilities, `fromLogits: false`)
 * @param target - class indices `[images, ...shape]`, or 0 and 1 in the shape of `prediction`
 * @param options - `axis` (default 1), `fromLogits` (default true), `ignoreIndex` (default -100), `mask`, `perImage` (default false),
 * `absent` (default "ignore"), `weight` (per class), `reduction`, `sampleWeight` (per image; only with `perImage`)
 * @returns the loss of the batch (a scalar); with `perImage` the mean over the images, `[images]` for reduction `"none"`; 0 where no
 * pixel counts
 * @throws RangeError when a target is out of its range (naming it, where JavaScript knows it), a shape or an option does not fit;
 * TypeError when logits come out of a softmax or sigmoid
 * @example
 * import { lovaszSoftmax } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[[2, 0, 1], [0, 1, -1]]]); // [images, classes, pixels]
 * await lovaszSoftmax(logits, [[0, 1, 0]]).item(); // => 0.219029
 * @category Segmentation
 * @reference Berman et al. (2018), The Lovász-Softmax loss, https://arxiv.org/abs/1705.08790;
 * https://github.com/bermanmaxim/LovaszSoftmax
 */
export function lovaszSoftmax(prediction: Tensor, target: TensorLike, options: LovaszSoftmaxOptions = {}): Tensor {
  const fn = "lovaszSoftmax";
  const own = pixelOptions.filter((name) => name !== "mode");
  const reduction = checkOptions(fn, options, [...own, "fromLogits", "absent", "weight"]);
  const { fromLogits = true, absent = "ignore", perImage = false } = options;
  checkFlag(fn, "fromLogits", fromLogits);
  checkChoice(fn, "absent", absent, ["zero", "ignore", "count"]);
  onlyPerImage(fn, options);
  const activation = fromLogits ? "logits" : "probabilities";
  const pixels = pixelsOf(fn, prediction, target, { ...options, mode: "multiclass" }, activation);
  checkBinary(fn, pixels.target);
  const { images, classes, counts } = pixels;
  const weight = classWeight(fn, "weight", options.weight, classes);
  const groups = perImage ? images : 1;
  const count = pixels.prediction.size / classes / (groups || 1);
  const masks = (x: Tensor): Tensor => x.reshape([groups, count, classes]).transpose([0, 2, 1]);
  const [p, t] = [masks(pixels.prediction), masks(pixels.target)];
  const counted = counts?.reshape([groups, 1, count]);
  const errors = t.sub(p).abs();
  const isTarget = counted === undefined ? t : where(counted, t, 0);
  const each = lovaszExtension(counted === undefined ? errors : where(counted, errors, -1), isTarget);
  const losses = meanOverClasses(each, isTarget.sum({ axis: -1 }).greater(0), absent, weight);
  return perImage ? reduceImages(fn, losses, reduction, options) : losses.reshape([]);
}
