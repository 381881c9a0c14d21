import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, inRange, oneHot, tensor } from "@downhill/tensor";
import { classInputs, classOptions, classWeight, surpriseLoss } from "../shared/classes.js";
import type { Domain } from "../shared/domain.js";
import { checkDomain } from "../shared/domain.js";
import { tensorOf } from "../shared/inputs.js";
import type { Labels } from "../shared/labels.js";
import { checkOptions } from "../shared/options.js";
import { show } from "../shared/weights.js";
import type { WeightedClassLossOptions } from "./class-options.js";

/** Options of {@link ldam}. */
export interface LdamOptions extends WeightedClassLossOptions {
  /** Number of training examples of each class, `[classes]`: finite and above 0, known to JavaScript. */
  readonly classCounts: TensorLike;
  /** Margin of the rarest class, finite and above 0. @defaultValue 0.5 */
  readonly maxMargin?: number | undefined;
  /** Factor of the scores, finite and above 0. @defaultValue 30 */
  readonly scale?: number | undefined;
}

/**
 * Label-distribution-aware margin loss: a cross entropy that asks for larger margins of rarer classes, for classes of very different
 * size.
 *
 * $$ \ell(x, y) = -w_y \ln \frac{e^{s (x_y - m_y)}}{e^{s (x_y - m_y)} + \sum_{c \ne y} e^{s x_c}} \qquad
 *    m_c = M \, \frac{n_c^{-1/4}}{\max_k n_k^{-1/4}} $$
 *
 * with the counts $n$ = `classCounts`, $M$ = `maxMargin` and $s$ = `scale`. The scale of 30 is for scores that are cosines (normalised
 * features and weights, from -1 to 1), as in the paper's code.
 *
 * @param prediction - `[..., classes]`, scores: any real numbers, cosines in the paper
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`
 * @param options - `classCounts` (required), `maxMargin` (above 0, default 0.5), `scale` (above 0, default 30), `weight` (default all
 * 1), `ignoreIndex` (default -100), `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar), divided by the weights of the labels as in {@link crossEntropy}; `[...]` for
 * reduction `"none"`
 * @throws RangeError when a class index or count is out of range (naming it), a shape or an option does not fit; TypeError when the
 * counts are missing or the prediction comes out of a softmax or sigmoid
 * @example
 * import { ldam } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const cosines = tensor([[0.75, 0.5], [0.25, 0.5]]);
 * const classCounts = [10000, 625]; // margins 0.25 and 0.5
 * await ldam(cosines, [0, 1], { classCounts, scale: 1 }).item(); // => 0.7595433
 * @category Classification
 * @reference Cao et al. (2019), Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss,
 * https://arxiv.org/abs/1906.07413; the authors' code, https://github.com/kaidic/LDAM-DRW
 */
export function ldam(prediction: Tensor, target: TensorLike, options: LdamOptions): Tensor {
  const fn = "ldam";
  const own = ["classCounts", "maxMargin", "scale", "weight"];
  if (options === undefined) throw new TypeError(missingCounts(fn));
  const reduction = checkOptions(fn, options, [...own, ...classOptions]);
  const { classCounts, maxMargin = 0.5, scale = 30 } = options;
  inRange(fn, "maxMargin", maxMargin, 0, Number.POSITIVE_INFINITY, "low");
  inRange(fn, "scale", scale, 0, Number.POSITIVE_INFINITY, "low");
  const inputs = classInputs(fn, prediction, target, options, { wanted: "scores", soft: false });
  const margins = marginsOf(fn, classCounts, inputs.classes, maxMargin);
  const weight = classWeight(fn, "weight", options.weight, inputs.classes);
  const { index } = inputs.labels as Labels;
  // The largest score first: next to large scores margins would lose their digits.
  const shifted = inputs.x.size === 0 ? inputs.x : inputs.x.sub(inputs.x.max({ axis: -1, keepDims: true }).detach());
  const x = shifted.sub(oneHot(index, inputs.classes).mul(margins)).mul(scale);
  return surpriseLoss({ ...inputs, x }, reduction, null, { weight });
}

const above0: Domain = {
  expected: "finite numbers above 0",
  has: (value) => value > 0 && value < Number.POSITIVE_INFINITY,
};

const missingCounts = (fn: string): string =>
  `${fn}: "classCounts" expected the number of examples of each class, got undefined`;

function marginsOf(fn: string, value: TensorLike | undefined, classes: number, maxMargin: number): Tensor {
  if (value === undefined) throw new TypeError(missingCounts(fn));
  const counts = tensorOf(fn, "classCounts", value, "float32");
  if (counts.rank !== 1 || counts.size !== classes)
    throw new RangeError(
      `${fn}: "classCounts" expected one number per class, shape [${classes}], got shape ${show(counts.shape)}`,
    );
  const host = hostValues(counts);
  if (host === null)
    throw new TypeError(
      `${fn}: "classCounts" expected numbers that JavaScript knows, got computed ones; read them first`,
    );
  checkDomain(fn, "classCounts", counts, above0);
  const rarest = Math.min(...host);
  return tensor(Array.from(host, (count) => maxMargin * (rarest / count) ** 0.25));
}
