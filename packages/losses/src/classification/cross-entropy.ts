import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, inRange, integer, pick, take } from "@downhill/tensor";
import { classesLast, targetKind } from "../shared/class-axis.js";
import { checkProbabilities, checkWeights, predictionOf, refuseProbabilities, tensorOf } from "../shared/inputs.js";
import type { Labels } from "../shared/labels.js";
import { classLabels } from "../shared/labels.js";
import { crossEntropyWith, logSoftmaxTerms } from "../shared/log-softmax-terms.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import type { Factors } from "../shared/weights.js";
import { asTensor, product, sampleFactors, show, sum, weightingOf } from "../shared/weights.js";

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends LossOptions {
  /**
   * Factor of each class, finite and >= 0: `[classes]`. With class indices the mean divides by the sum of the factors of the
   * labels, with probabilities by the number of examples, both as in PyTorch.
   *
   * @defaultValue all 1
   */
  readonly weight?: TensorLike | undefined;
  /** Class index of examples that are left out, an integer; only with class indices. @defaultValue -100 */
  readonly ignoreIndex?: number | undefined;
  /** Share of the target that is spread evenly over all classes, from 0 to 1. @defaultValue 0 */
  readonly labelSmoothing?: number | undefined;
  /** Axis of the classes. PyTorch has them on axis 1. @defaultValue -1, the last */
  readonly axis?: number | undefined;
}

/**
 * Cross entropy of logits: the usual loss of a classification into exclusive classes. The softmax is part of the loss.
 *
 * $$ \ell(x, q) = -\sum_c w_c \, q_c \ln \mathrm{softmax}(x)_c $$
 *
 * For a class index $y$, $q$ is 1 at $y$ and 0 elsewhere. `labelSmoothing` $\varepsilon$ makes it
 * $(1 - \varepsilon)\,q + \varepsilon / C$ for $C$ classes. The mean over class indices is
 * $\sum_i \ell_i / \sum_i w_{y_i}$ over the labels that are not ignored; when all are, the loss is 0 and so is its gradient
 * (PyTorch: NaN).
 *
 * @param prediction - `[..., classes]`, logits: any real numbers, before a softmax. The output of a log-softmax gives the same loss
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1 (one-hot rows among them)
 * @param options - `weight` (default all 1), `ignoreIndex` (default -100), `labelSmoothing` (0 to 1, default 0), `axis` (default
 * the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range or no integer (naming it; one that the device computes is found when it is
 * used), a probability is outside [0, 1], a shape or an option does not fit; TypeError when the prediction comes out of a softmax
 * or sigmoid
 * @example
 * import { crossEntropy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await crossEntropy(logits, [0, 2]).item(); // => 0.621627
 * await crossEntropy(logits, [[1, 0, 0], [0, 0, 1]]).item(); // => 0.621627
 * await crossEntropy(logits, [0, 2], { weight: [1, 2, 3] }).item(); // => 0.811785
 * await crossEntropy(logits, [0, -100], { labelSmoothing: 0.1 }).item(); // => 0.391311
 * crossEntropy(logits, [0, 3]); // throws RangeError: crossEntropy: "target" expected class indices from 0 to 2 or "ignoreIndex"
 * // -100, got 3 at position 1; classes are counted from 0
 * crossEntropy(logits.softmax(), [0, 2]); // throws TypeError: crossEntropy: "prediction" expected logits, got the output of a
 * // softmax; remove the softmax, the loss applies its own
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.CrossEntropyLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function crossEntropy(prediction: Tensor, target: TensorLike, options: CrossEntropyOptions = {}): Tensor {
  const fn = "crossEntropy";
  const reduction = checkOptions(fn, options, ["weight", "ignoreIndex", "labelSmoothing", "axis"]);
  const { ignoreIndex = -100, labelSmoothing = 0, axis = -1 } = options;
  integer(fn, "ignoreIndex", ignoreIndex, -(2 ** 31), 2 ** 31 - 1);
  inRange(fn, "labelSmoothing", labelSmoothing, 0, 1);
  const logits = predictionOf(fn, "prediction", prediction);
  refuseProbabilities(fn, prediction, "logits");
  const goal = tensorOf(fn, "target", target);
  if (logits.rank === 0)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the classes), got a scalar`);
  const kind = targetKind(fn, logits, goal, axis, "probabilities");

  const x = classesLast(fn, logits, axis);
  const classes = x.shape.at(-1) as number;
  const examples = kind === "indices" ? goal.shape : x.shape.slice(0, -1);
  if (classes === 0)
    throw new RangeError(`${fn}: "prediction" expected at least 1 class, got shape ${show(logits.shape)}`);
  const weight = classWeight(fn, options.weight, classes);
  const sample = sampleFactors(fn, options.sampleWeight, examples);

  if (kind === "elements") {
    checkProbabilities(fn, "target", goal);
    const q = classesLast(fn, goal.cast("float32"), axis);
    const smooth = labelSmoothing === 0 ? q : q.mul(1 - labelSmoothing).add(labelSmoothing / classes);
    const weighted = weight === null ? smooth : smooth.mul(weight);
    const losses = x.size === 0 ? x.sum({ axis: -1 }) : crossEntropyWith(weighted, logSoftmaxTerms(x));
    return reduceLosses(losses, reduction, weightingOf(examples, sample));
  }
  const labels = classLabels(fn, goal, classes, ignoreIndex);
  const ofLabels = weight === null ? null : weightsOfLabels(weight, labels);
  const losses = x.size === 0 ? x.sum({ axis: -1 }) : indexLosses(x, labels, weight, ofLabels, labelSmoothing);
  return reduceLosses(losses, reduction, weightingOf(examples, product(examples, labels.keep, sample), ofLabels));
}

function indexLosses(
  x: Tensor,
  { index }: Labels,
  weight: Tensor | null,
  ofLabels: Factors | null,
  smoothing: number,
): Tensor {
  const terms = logSoftmaxTerms(x);
  const { shifted, logSum } = terms;
  const unweighted = logSum.sub(pick(shifted, index));
  const losses = ofLabels === null ? unweighted : unweighted.mul(asTensor(ofLabels, index.shape));
  if (smoothing === 0) return losses;
  const classes = x.shape.at(-1) as number;
  const spread =
    weight === null
      ? logSum.mul(classes).sub(shifted.sum({ axis: -1 }))
      : logSum.mul(sum(hostValues(weight) ?? weight)).sub(shifted.mul(weight).sum({ axis: -1 }));
  return losses.mul(1 - smoothing).add(spread.mul(smoothing / classes));
}

function classWeight(fn: string, value: TensorLike | undefined, classes: number): Tensor | null {
  if (value === undefined) return null;
  const weight = tensorOf(fn, "weight", value, "float32");
  if (weight.rank !== 1 || weight.size !== classes)
    throw new RangeError(
      `${fn}: "weight" expected one number per class, shape [${classes}], got shape ${show(weight.shape)}`,
    );
  checkWeights(fn, "weight", weight);
  return weight;
}

function weightsOfLabels(weight: Tensor, { host, index }: Labels): Factors {
  const known = hostValues(weight);
  if (host === null || known === null) return take(weight, index);
  return Array.from(host, (label) => known[label] as number);
}
