import type { Tensor, TensorLike } from "@downhill/tensor";
import { axisIndex, integer, oneHot, sameShape, where } from "@downhill/tensor";
import type { SegmentationOptions } from "../segmentation/segmentation-options.js";
import { checkChoice } from "./choice.js";
import { classesLast, targetKind } from "./class-axis.js";
import { checkDomain, zeroAndOne } from "./domain.js";
import { checkFlag } from "./flag.js";
import { checkProbabilities, predictionOf, refuseProbabilities, tensorOf } from "./inputs.js";
import { classLabels } from "./labels.js";
import { same } from "./same.js";
import { asTensor, sampleFactors, show } from "./weights.js";

/** Names of the options that {@link pixelsOf} reads. */
export const pixelOptions: readonly string[] = ["mode", "axis", "ignoreIndex", "mask", "perImage"];

/** Predictions and targets of a segmentation. Classes are last where a softmax runs along them, else in front of the pixels. */
export interface Pixels {
  /** `[images, pixels, classes]` or `[images, classes, pixels]`: probabilities, or as they came. */
  readonly prediction: Tensor;
  /** The same shape, from 0 to 1. */
  readonly target: Tensor;
  readonly classesLast: boolean;
  readonly images: number;
  readonly classes: number;
  /** `[images, pixels]`: which pixels count; null: all. */
  readonly counts: Tensor | null;
}

/** What is done to the prediction: nothing, sigmoid or softmax, or the check that this was done. */
export type Activation = "none" | "logits" | "probabilities";

/** The arguments of a segmentation loss, checked and in normal form. */
export function pixelsOf(
  fn: string,
  prediction: Tensor,
  target: TensorLike,
  options: SegmentationOptions,
  activation: Activation,
): Pixels {
  const { axis = 1, ignoreIndex = -100, perImage = false } = options;
  integer(fn, "ignoreIndex", ignoreIndex, -(2 ** 31), 2 ** 31 - 1);
  checkFlag(fn, "perImage", perImage);
  const x = predictionOf(fn, "prediction", prediction);
  if (activation === "probabilities") checkProbabilities(fn, "prediction", x, "; logits need fromLogits: true");
  else refuseProbabilities(fn, prediction, "logits");
  if (x.rank === 0) throw new RangeError(`${fn}: "prediction" expected at least one axis (the images), got a scalar`);
  const goal = tensorOf(fn, "target", target);
  const mode = modeOf(fn, options.mode, x, goal);
  const images = x.shape[0] as number;
  // Cleared before the activation, too: what does not count may be NaN, whose gradient no factor of 0 takes away.
  const finish = (raw: Tensor, t: Tensor, last: boolean, classes: number, counts: Tensor | null): Pixels => {
    const pixels = { prediction: raw, target: t, classesLast: last, images, classes, counts };
    const clear = counted(raw, pixels);
    if (activation !== "logits" || raw.size === 0) return { ...pixels, prediction: clear };
    return { ...pixels, prediction: last ? clear.softmax() : clear.sigmoid() };
  };
  if (mode !== "multiclass") {
    sameShape(fn, { prediction: x, target: goal });
    checkProbabilities(fn, "target", goal);
  }
  if (mode === "binary") {
    const plane = (each: Tensor): Tensor => each.reshape([images, 1, x.size / (images || 1)]);
    return finish(plane(x), plane(goal.cast("float32")), false, 1, countedPixels(fn, options.mask, x.shape));
  }
  const at = axisIndex(fn, axis, x.rank);
  if (at === 0)
    throw new RangeError(`${fn}: "axis" expected an axis behind the first, which holds the images, got ${axis}`);
  const classes = x.shape[at] as number;
  if (classes === 0) throw new RangeError(`${fn}: "prediction" expected at least 1 class, got shape ${show(x.shape)}`);
  const pixelShape = x.shape.filter((_, i) => i !== at);
  const counts = countedPixels(fn, options.mask, pixelShape);
  const pixels = pixelShape.slice(1).reduce((product, extent) => product * extent, 1);
  if (mode === "multilabel") {
    const order = [0, at, ...x.shape.map((_, i) => i).filter((i) => i !== 0 && i !== at)];
    const planes = (each: Tensor): Tensor => each.transpose(order).reshape([images, classes, pixels]);
    return finish(planes(x), planes(goal.cast("float32")), false, classes, counts);
  }
  const rows = (each: Tensor): Tensor => classesLast(fn, each, axis).reshape([images, pixels, classes]);
  if (targetKind(fn, x, goal, axis, "probabilities") === "elements") {
    checkProbabilities(fn, "target", goal);
    return finish(rows(x), rows(goal.cast("float32")), true, classes, counts);
  }
  const { index, keep } = classLabels(fn, goal, classes, ignoreIndex);
  const kept = keep === null ? null : asTensor(keep, index.shape).reshape([images, pixels]).cast("bool");
  const both = kept === null || counts === null ? (kept ?? counts) : kept.logicalAnd(counts);
  return finish(rows(x), oneHot(index.reshape([images, pixels]), classes), true, classes, both);
}

function modeOf(
  fn: string,
  mode: SegmentationOptions["mode"],
  { shape }: Tensor,
  target: Tensor,
): "binary" | "multiclass" | "multilabel" {
  if (mode !== undefined) checkChoice(fn, "mode", mode, ["binary", "multiclass", "multilabel"]);
  return mode ?? (same(target.shape, shape) ? "binary" : "multiclass");
}

function countedPixels(fn: string, value: TensorLike | undefined, shape: readonly number[]): Tensor | null {
  if (value === undefined) return null;
  const mask = tensorOf(fn, "mask", value).cast("bool");
  sameShape(fn, { "pixels of prediction": { shape }, mask });
  const images = shape[0] as number;
  return mask.reshape([images, mask.size / (images || 1)]);
}

/** `sampleWeight` as a factor per image, `[images]`, where all images make one loss. */
export function imageWeights(fn: string, value: TensorLike | undefined, images: number): Tensor | null {
  const factors = sampleFactors(fn, value, [images]);
  return factors === null ? null : asTensor(factors, [images]);
}

/** A value per pixel `[images, pixels]` (or per image `[images, 1]`) in the layout of the prediction. */
export function alongClasses(perPixel: Tensor, pixels: Pixels): Tensor {
  return perPixel.unsqueeze(pixels.classesLast ? -1 : 1);
}

/** `x` where pixels count, 0 elsewhere, whatever stands there. */
export function counted(x: Tensor, pixels: Pixels): Tensor {
  return pixels.counts === null ? x : where(alongClasses(pixels.counts, pixels), x, 0);
}

const binary = zeroAndOne("only 0 and 1");

/** Throws for a target other than 0 and 1, where JavaScript knows it. */
export function checkBinary(fn: string, target: Tensor): void {
  checkDomain(fn, "target", target, binary);
}
