import type { TensorLike } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";

/**
 * How classes exclude each other: one mask of yes or no, one of several classes per pixel (softmax), or a yes or no for each class
 * (sigmoid).
 */
export type SegmentationMode = "binary" | "multiclass" | "multilabel";

/** What becomes of a class that has no pixel in the target: see {@link OverlapOptions}. */
export type AbsentClasses = "zero" | "ignore" | "count";

/** Options of the losses of segmentation. */
export interface SegmentationOptions extends LossOptions {
  /** @defaultValue "multiclass" for a target of class indices, "binary" for one in the shape of the prediction */
  readonly mode?: SegmentationMode | undefined;
  /** Axis of the classes, not the first; unused in mode "binary". @defaultValue 1, as in PyTorch */
  readonly axis?: number | undefined;
  /** Class index of pixels that are left out, an integer; only with class indices. @defaultValue -100 */
  readonly ignoreIndex?: number | undefined;
  /** Which pixels count, in the shape of the prediction without the axis of the classes. @defaultValue all count */
  readonly mask?: TensorLike | undefined;
  /**
   * One loss per image, averaged, instead of one for all pixels of the batch. With it `sampleWeight` weights the losses of the images,
   * without it their pixels.
   *
   * @defaultValue false
   */
  readonly perImage?: boolean | undefined;
}

/** Options of the losses that compare the area of predicted and true regions. */
export interface OverlapOptions extends SegmentationOptions {
  /** The prediction holds logits; false: probabilities from 0 to 1. @defaultValue true */
  readonly fromLogits?: boolean | undefined;
  /**
   * A class (of an image, with `perImage`) without a pixel in the target, an empty mask among them: `"zero"` counts as loss 0,
   * `"ignore"` is left out of the mean over the classes, `"count"` is what the formula gives: 1 for `smooth` 0, with gradient 0; with
   * `smooth` > 0 less the less is predicted, and 0 where nothing is.
   *
   * @defaultValue "zero"
   */
  readonly absent?: AbsentClasses | undefined;
  /** Factor of each class in the mean over the classes, finite and >= 0: `[classes]`. @defaultValue all 1 */
  readonly weight?: TensorLike | undefined;
  /** Added to numerator and denominator, in pixels, finite and >= 0. @defaultValue 0 */
  readonly smooth?: number | undefined;
  /** Least value of the denominator, finite and > 0. @defaultValue 1e-7 */
  readonly eps?: number | undefined;
}
