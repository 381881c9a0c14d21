import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, oneHot, pick } from "@downhill/tensor";
import { classInputs, classOptions, classWeight, reduceClasses, weightsOfLabels } from "../shared/classes.js";
import type { Labels } from "../shared/labels.js";
import { checkOptions } from "../shared/options.js";
import { asTensor } from "../shared/weights.js";
import type { ClassLossOptions } from "./class-options.js";

/** Options of {@link multiMargin}. */
export interface MultiMarginOptions extends ClassLossOptions {
  /** Power of the violations: 1 or 2. @defaultValue 1 */
  readonly p?: 1 | 2 | undefined;
  /** By how much the right class should be above each other one, a finite number. @defaultValue 1 */
  readonly margin?: number | undefined;
  /**
   * Factor of each class, finite and >= 0: `[classes]`; see {@link balancedWeights}. As in PyTorch the mean divides by the number of
   * examples all the same.
   *
   * @defaultValue all 1
   */
  readonly weight?: TensorLike | undefined;
}

/**
 * Multi-margin loss: the score of the right class above every other one by a margin.
 *
 * $$ \ell(s, y) = \frac{w_y}{C} \sum_{c \ne y} \max(0,\; m - s_y + s_c)^p $$
 *
 * for $C$ classes. The gradient exactly at the margin is 0.
 *
 * @param prediction - `[..., classes]`, scores: any real numbers
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`
 * @param options - `p` (1 or 2, default 1), `margin` (default 1), `weight` (default all 1), `ignoreIndex` (default -100), `mask`
 * (default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { multiMargin } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await multiMargin(scores, [0, 2]).item(); // => 0.283333
 * await multiMargin(scores, [0, 2], { p: 2 }).item(); // => 0.241667
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.MultiMarginLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export function multiMargin(prediction: Tensor, target: TensorLike, options: MultiMarginOptions = {}): Tensor {
  const fn = "multiMargin";
  const reduction = checkOptions(fn, options, ["p", "margin", "weight", ...classOptions]);
  const { p = 1, margin = 1 } = options;
  if (p !== 1 && p !== 2) throw new RangeError(`${fn}: "p" expected 1 or 2, got ${p}`);
  inRange(fn, "margin", margin, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const inputs = classInputs(fn, prediction, target, options, { wanted: null, soft: false });
  const { x, classes, shape } = inputs;
  const labels = inputs.labels as Labels;
  const weight = classWeight(fn, "weight", options.weight, classes);
  if (x.size === 0) return reduceClasses(inputs, x.sum({ axis: -1 }), reduction);
  const violation = x.sub(pick(x, labels.index).unsqueeze(-1)).add(margin).relu();
  const others = oneHot(labels.index, classes).neg().add(1);
  const losses = (p === 1 ? violation : violation.square())
    .mul(others)
    .sum({ axis: -1 })
    .mul(1 / classes);
  const weighted = weight === null ? losses : losses.mul(asTensor(weightsOfLabels(weight, labels), shape));
  return reduceClasses(inputs, weighted, reduction);
}
