import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { checkChoice } from "../shared/choice.js";
import { areasOf, missing, reduceImages } from "../shared/overlap.js";
import type { OverlapOptions } from "./segmentation-options.js";

/** Options of {@link generalizedDice}. */
export interface GeneralizedDiceOptions extends Omit<OverlapOptions, "absent" | "weight"> {
  /**
   * A class (of an image, with `perImage`) without a pixel in the target: `"count"` has the weight of the rarest class that is there,
   * `"ignore"` is left out. With no class there at all: weight 1, or loss 0.
   *
   * @defaultValue "count"
   */
  readonly absent?: "ignore" | "count" | undefined;
  /** Weight of a class from its number of pixels n: 1 / n², 1 / n, or 1. @defaultValue "square" */
  readonly weightType?: "square" | "simple" | "uniform" | undefined;
}

/**
 * Generalized Dice loss: one Dice loss for all classes together, in which rare classes weigh as much as frequent ones.
 *
 * $$ \ell = 1 - \frac{2 \sum_c w_c \sum_i p_{ic} t_{ic} + s}{\sum_c w_c \sum_i (p_{ic} + t_{ic}) + s} \qquad
 *    w_c \propto \frac{1}{(\sum_i t_{ic})^2} $$
 *
 * with $p$ the sigmoid or softmax of the logits, $s$ = `smooth`, and the denominator at least `eps`. The largest weight is scaled to 1, so
 * that `smooth` counts pixels of the rarest class; MONAI leaves the weights as they are, which is the same for `smooth` 0. The pixels of
 * the whole batch are pooled; with `perImage: true` it is MONAI's default.
 *
 * @param prediction - `[images, ...shape]` (binary) or `[images, classes, ...shape]`, logits: any real numbers
 * @param target - class indices `[images, ...shape]`; or, in the shape of `prediction`, 0 and 1 or probabilities
 * @param options - `weightType` (default "square"), `mode`, `axis` (default 1), `fromLogits` (default true), `ignoreIndex` (default -100), `mask`, `perImage` (default
 * false), `absent` (default "count"), `smooth` (default 0), `eps` (default 1e-7), `reduction`, `sampleWeight` (per
 * image)
 * @returns the loss of the batch (a scalar); with `perImage` the mean over the images, `[images]` for reduction `"none"`
 * @throws RangeError when a target is out of its range (naming it, where JavaScript knows it), a shape or an option does not fit;
 * TypeError when logits come out of a softmax or sigmoid
 * @example
 * import { generalizedDice } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[[2, 0, 1], [0, 1, -1]]]); // [images, classes, pixels]
 * await generalizedDice(logits, [[0, 1, 0]]).item(); // => 0.213021
 * @category Segmentation
 * @reference Sudre et al. (2017), Generalised Dice overlap, https://arxiv.org/abs/1707.03237; MONAI 1.5, GeneralizedDiceLoss,
 * https://docs.monai.io/en/stable/losses.html#generalizeddiceloss
 */
export function generalizedDice(prediction: Tensor, target: TensorLike, options: GeneralizedDiceOptions = {}): Tensor {
  const fn = "generalizedDice";
  const { absent = "count", weightType = "square" } = options;
  checkChoice(fn, "absent", absent, ["ignore", "count"]);
  checkChoice(fn, "weightType", weightType, ["square", "simple", "uniform"]);
  const { areas, reduction } = areasOf(fn, prediction, target, options, ["weightType"]);
  const { shared, predicted, wanted } = areas;
  const present = wanted.greater(0);
  // The rarest class has weight 1 also where its number of pixels is in the millions: nothing underflows.
  const rarest = where(present, wanted, Number.MAX_SAFE_INTEGER).min({ axis: -1, keepDims: true });
  const ratio = where(present, rarest.div(where(present, wanted, 1)), absent === "count" ? 1 : 0);
  const weights = weightType === "square" ? ratio.square() : weightType === "simple" ? ratio : ratio.sign();
  const over = (x: Tensor): Tensor => x.mul(weights).sum({ axis: -1 });
  const losses = missing(over(shared.mul(2)), over(predicted.add(wanted)), areas);
  const any = absent === "count" ? null : present.any({ axis: -1 });
  return reduceImages(fn, any === null ? losses : where(any, losses, 0), reduction, options);
}
