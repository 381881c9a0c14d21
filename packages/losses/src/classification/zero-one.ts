import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, inRange, integer, kindOf, measure, where } from "@downhill/tensor";
import { classesLast, targetKind } from "../shared/class-axis.js";
import { predictionOf, tensorOf } from "../shared/inputs.js";
import { classLabels } from "../shared/labels.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import type { Factors } from "../shared/weights.js";
import { product, sampleFactors, weightingOf } from "../shared/weights.js";

/** Options of {@link zeroOne}. */
export interface ZeroOneOptions extends LossOptions {
  /** Score between the two classes of binary scores, a finite number: 0.5 for probabilities. @defaultValue 0 */
  readonly threshold?: number | undefined;
  /** Class index of examples that are left out, an integer. @defaultValue -100 */
  readonly ignoreIndex?: number | undefined;
  /** Axis of the classes. @defaultValue -1, the last */
  readonly axis?: number | undefined;
}

/**
 * Zero-one loss: the share of wrong decisions. It is a measure, not something to train on: its gradient is 0 nearly everywhere.
 *
 * $$ \ell = \begin{cases} 0 & \text{the decision is right} \\ 1 & \text{otherwise} \end{cases} $$
 *
 * The decision is the class with the largest score, or for binary scores the side of the threshold (a score exactly on it counts
 * as wrong).
 *
 * @param prediction - class scores `[..., classes]`, or binary scores `[...shape]`; logits or probabilities
 * @param target - class indices `[...]`; or for binary scores labels `[...shape]`, either 0 and 1 or -1 and 1
 * @param options - `threshold` (binary scores, default 0), `ignoreIndex` (class indices, default -100), `axis` (default the last),
 * `reduction`, `sampleWeight`
 * @returns the share of wrong decisions (a scalar); one 0 or 1 per decision for reduction `"none"`
 * @throws RangeError when a label is out of range (naming it), a shape or an option does not fit; TypeError when the binary scores
 * come out of a sigmoid and no threshold is given; Error when its gradient is asked for
 * @example
 * import { zeroOne } from "@downhill/losses";
 * import { parameter, tensor } from "@downhill/tensor";
 * await zeroOne(tensor([[0.1, 0.7], [0.6, 0.4], [0.3, 0.5]]), [1, 0, 0]).item(); // => 0.33333
 * await zeroOne(tensor([0.5, -1.5, 3, -0.25]), [1, 1, 1, -1]).item(); // => 0.25
 * zeroOne(parameter([0.5, -1.5]), [1, 1]).backward(); // throws Error: zeroOne: has no useful gradient; train on crossEntropy
 * // (classes) or hinge (binary scores) and report zeroOne
 * @category Classification
 * @reference Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, section 2.4
 */
export function zeroOne(prediction: Tensor, target: TensorLike, options: ZeroOneOptions = {}): Tensor {
  const fn = "zeroOne";
  const reduction = checkOptions(fn, options, ["threshold", "ignoreIndex", "axis"]);
  const { ignoreIndex = -100, axis = -1 } = options;
  integer(fn, "ignoreIndex", ignoreIndex, -(2 ** 31), 2 ** 31 - 1);
  const scores = predictionOf(fn, "prediction", prediction);
  const goal = tensorOf(fn, "target", target);

  let right: Tensor;
  let keep: Factors | null = null;
  if (targetKind(fn, scores, goal, axis, "binary labels") === "indices") {
    const byClass = classesLast(fn, scores, axis);
    const labels = classLabels(fn, goal, byClass.shape.at(-1) as number, ignoreIndex);
    right = byClass.argmax({ axis: -1 }).equal(labels.index);
    keep = labels.keep;
  } else right = binaryRight(fn, scores, goal, options.threshold);

  const { shape } = right;
  const factors = product(shape, keep, sampleFactors(fn, options.sampleWeight, shape));
  const wrong = right.logicalNot().cast("float32");
  const result = reduceLosses(wrong, reduction, weightingOf(shape, factors));
  return measure(
    result,
    scores,
    `${fn}: has no useful gradient; train on crossEntropy (classes) or hinge (binary scores) and report ${fn}`,
  );
}

function binaryRight(fn: string, scores: Tensor, labels: Tensor, threshold: number | undefined): Tensor {
  if (threshold === undefined && kindOf(scores) === "sigmoid")
    throw new TypeError(
      `${fn}: "prediction" expected scores around 0, got the output of a sigmoid; set threshold: 0.5`,
    );
  const limit = threshold ?? 0;
  inRange(fn, "threshold", limit, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  checkBinary(fn, labels);
  return where(labels.greater(0), scores.greater(limit), scores.less(limit));
}

function checkBinary(fn: string, labels: Tensor): void {
  const host = hostValues(labels);
  if (host === null) return;
  const odd = host.findIndex((label) => label !== 0 && label !== 1 && label !== -1);
  if (odd < 0 && !(host.includes(0) && host.includes(-1))) return;
  const got = odd < 0 ? "both 0 and -1" : `${host[odd]} at position ${odd}`;
  throw new RangeError(`${fn}: "target" expected labels 0 and 1, or -1 and 1, for binary scores, got ${got}`);
}
