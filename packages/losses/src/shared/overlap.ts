import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import type { AbsentClasses, OverlapOptions, SegmentationOptions } from "../segmentation/segmentation-options.js";
import { checkChoice } from "./choice.js";
import { classWeight } from "./classes.js";
import { checkFlag } from "./flag.js";
import type { Reduction } from "./options.js";
import { checkOptions } from "./options.js";
import type { Pixels } from "./pixels.js";
import { alongClasses, counted, imageWeights, pixelOptions, pixelsOf } from "./pixels.js";
import { reduceLosses } from "./reduce.js";
import { sampleWeighting } from "./weights.js";

/** Pixels of each class, `[images, classes]` or `[classes]`, as sums of probabilities. */
export interface Areas {
  /** In the prediction and in the target. */
  readonly shared: Tensor;
  readonly predicted: Tensor;
  readonly wanted: Tensor;
  readonly smooth: number;
  readonly eps: number;
}

/** A loss per class from the areas, averaged over the classes. */
export function overlapLoss(
  fn: string,
  prediction: Tensor,
  target: TensorLike,
  options: OverlapOptions,
  own: readonly string[],
  formula: (areas: Areas) => Tensor,
): Tensor {
  const { areas, reduction, pixels } = areasOf(fn, prediction, target, options, ["weight", ...own]);
  const { absent = "zero" } = options;
  checkChoice(fn, "absent", absent, ["zero", "ignore", "count"]);
  const weight = classWeight(fn, "weight", options.weight, pixels.classes);
  const losses = meanOverClasses(formula(areas), areas.wanted.greater(0), absent, weight);
  return reduceImages(fn, losses, reduction, options);
}

/** The areas of all classes, after a look at what the losses have in common. */
export function areasOf(
  fn: string,
  prediction: Tensor,
  target: TensorLike,
  options: Omit<OverlapOptions, "absent" | "weight">,
  own: readonly string[],
): { areas: Areas; reduction: Reduction; pixels: Pixels } {
  const reduction = checkOptions(fn, options, [...pixelOptions, "fromLogits", "absent", "smooth", "eps", ...own]);
  const { fromLogits = true, smooth = 0, eps = 1e-7, perImage = false } = options;
  checkFlag(fn, "fromLogits", fromLogits);
  inRange(fn, "smooth", smooth, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const pixels = pixelsOf(fn, prediction, target, options, fromLogits ? "logits" : "probabilities");
  const weights = perImage ? null : imageWeights(fn, options.sampleWeight, pixels.images);
  const area = (x: Tensor): Tensor => {
    const whole = weights === null ? x : x.mul(alongClasses(weights.unsqueeze(-1), pixels));
    if (!pixels.classesLast) {
      const perPlane = whole.sum({ axis: -1 });
      return perImage ? perPlane : perPlane.sum({ axis: 0 });
    }
    // All rows at once are part of the kernel that makes them.
    return perImage ? whole.sum({ axis: 1 }) : whole.reshape([-1, pixels.classes]).sum({ axis: 0 });
  };
  const [p, t] = [counted(pixels.prediction, pixels), counted(pixels.target, pixels)];
  return { areas: { shared: area(p.mul(t)), predicted: area(p), wanted: area(t), smooth, eps }, reduction, pixels };
}

/** 1 - (shared + smooth) / (denominator + smooth), the denominator being at least eps. */
export function missing(shared: Tensor, whole: Tensor, { smooth, eps }: Areas): Tensor {
  return shared.add(smooth).div(whole.add(smooth).maximum(eps)).neg().add(1);
}

/** The mean along the last axis, of the classes. */
export function meanOverClasses(losses: Tensor, present: Tensor, absent: AbsentClasses, weight: Tensor | null): Tensor {
  const each = absent === "count" ? losses : where(present, losses, 0);
  if (weight === null && absent !== "ignore") return each.mean({ axis: -1 });
  const weighted = weight === null ? each : each.mul(weight);
  const factors = absent === "ignore" ? present.cast("float32").mul(weight ?? 1) : (weight as Tensor);
  const total = factors.sum({ axis: -1 });
  return weighted.sum({ axis: -1 }).div(where(total.equal(0), 1, total));
}

/** Reduces one loss per image; that of the whole batch is one already. */
export function reduceImages(fn: string, losses: Tensor, reduction: Reduction, options: SegmentationOptions): Tensor {
  if (!options.perImage) return losses;
  return reduceLosses(losses, reduction, sampleWeighting(fn, options.sampleWeight, losses.shape));
}
