import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, inRange, kindOf, measure, where } from "@downhill/tensor";
import { targetKind } from "../shared/class-axis.js";
import { classInputs, classOptions, maskFactors, reduceClasses } from "../shared/classes.js";
import { predictionOf, tensorOf } from "../shared/inputs.js";
import type { Labels } from "../shared/labels.js";
import { checkOptions } from "../shared/options.js";
import type { Factors } from "../shared/weights.js";
import { product, sampleFactors } from "../shared/weights.js";
import type { ClassLossOptions } from "./class-options.js";

/** Options of {@link zeroOne}. */
export interface ZeroOneOptions extends ClassLossOptions {
  /** Score between the two classes of binary scores, a finite number: 0.5 for probabilities. @defaultValue 0 */
  readonly threshold?: number | undefined;
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
 * @param options - `threshold` (binary scores, default 0), `ignoreIndex` (class indices, default -100), `mask` (per
 * decision, default all count), `axis` (default the last), `reduction`, `sampleWeight`
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
  const reduction = checkOptions(fn, options, ["threshold", ...classOptions]);
  const scores = predictionOf(fn, "prediction", prediction);
  const goal = tensorOf(fn, "target", target);
  const isBinary = targetKind(fn, scores, goal, options.axis ?? -1, "binary labels") === "elements";
  const { right, ...weights } = isBinary
    ? binaryDecisions(fn, scores, goal, options)
    : classDecisions(fn, prediction, goal, options);
  return measure(
    reduceClasses(weights, right.logicalNot().cast("float32"), reduction),
    scores,
    `${fn}: has no useful gradient; train on crossEntropy (classes) or hinge (binary scores) and report ${fn}`,
  );
}

interface Decisions {
  readonly right: Tensor;
  readonly shape: readonly number[];
  readonly factors: Factors | null;
}

function classDecisions(fn: string, prediction: Tensor, goal: Tensor, options: ClassLossOptions): Decisions {
  const { x, labels, shape, factors } = classInputs(fn, prediction, goal, options, { wanted: null, soft: false });
  return { right: x.argmax({ axis: -1 }).equal((labels as Labels).index), shape, factors };
}

function binaryDecisions(fn: string, scores: Tensor, goal: Tensor, options: ZeroOneOptions): Decisions {
  const { shape } = scores;
  const sample = sampleFactors(fn, options.sampleWeight, shape);
  const factors = product(shape, maskFactors(fn, options.mask, shape), sample);
  return { right: binaryRight(fn, scores, goal, options.threshold), shape, factors };
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
