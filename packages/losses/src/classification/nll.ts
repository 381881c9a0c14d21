import type { Tensor, TensorLike } from "@downhill/tensor";
import { pick } from "@downhill/tensor";
import { classInputs, classOptions, classWeight, reduceClasses, weightsOfLabels } from "../shared/classes.js";
import type { Labels } from "../shared/labels.js";
import { checkLogProbabilities } from "../shared/log-probabilities.js";
import { checkOptions } from "../shared/options.js";
import { asTensor } from "../shared/weights.js";
import type { WeightedClassLossOptions } from "./class-options.js";

/**
 * Negative log-likelihood of log-probabilities: what is left of a cross entropy when the log-softmax is done. Prefer
 * {@link crossEntropy} on logits.
 *
 * $$ \ell(x, y) = -w_y \, x_y $$
 *
 * The mean is $\sum_i \ell_i / \sum_i w_{y_i}$ over the labels that are neither ignored nor masked; when all are, the loss is 0 and
 * so is its gradient (PyTorch: NaN).
 *
 * @param prediction - `[..., classes]`, log-probabilities: at most 0, such as the output of a log-softmax
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`
 * @param options - `weight` (default all 1), `ignoreIndex` (default -100), `mask` (default all count), `axis` (default the last),
 * `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), a log-probability that JavaScript knows is above 0, a shape or an
 * option does not fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { nll } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await nll(logits.logSoftmax(), [0, 2]).item(); // => 0.621627
 * nll(logits.softmax(), [0, 2]); // throws TypeError: nll: "prediction" expected log-probabilities, got the output of a softmax;
 * // use logSoftmax instead of softmax
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.NLLLoss, https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export function nll(prediction: Tensor, target: TensorLike, options: WeightedClassLossOptions = {}): Tensor {
  const fn = "nll";
  const reduction = checkOptions(fn, options, ["weight", ...classOptions]);
  const inputs = classInputs(fn, prediction, target, options, { wanted: null, soft: false });
  // What a mask leaves out may hold anything.
  if (options.mask === undefined) checkLogProbabilities(fn, "prediction", prediction);
  const labels = inputs.labels as Labels;
  const weight = classWeight(fn, "weight", options.weight, inputs.classes);
  const ofLabels = weight === null ? null : weightsOfLabels(weight, labels);
  const losses = pick(inputs.x, labels.index).neg();
  const weighted = ofLabels === null ? losses : losses.mul(asTensor(ofLabels, inputs.shape));
  return reduceClasses(inputs, weighted, reduction, ofLabels);
}
