import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, integer, oneHot, pick, take, where } from "@downhill/tensor";
import type { ClassLossOptions } from "../classification/class-options.js";
import { classesLast, targetKind } from "./class-axis.js";
import { checkDomain, zeroAndOne } from "./domain.js";
import { checkProbabilities, checkWeights, predictionOf, refuseProbabilities, tensorOf } from "./inputs.js";
import type { Labels } from "./labels.js";
import { classLabels } from "./labels.js";
import { crossEntropyWith, logSoftmaxTerms } from "./log-softmax-terms.js";
import type { Reduction } from "./options.js";
import { reduceLosses } from "./reduce.js";
import { same } from "./same.js";
import type { Factors } from "./weights.js";
import { asTensor, isHost, product, sampleFactors, show, sum, weightingOf } from "./weights.js";

/** Names of the options that {@link classInputs} takes care of. */
export const classOptions = ["ignoreIndex", "mask", "axis"];

/** Checked arguments of a loss over exclusive classes. */
export interface ClassInputs {
  /** `[..., classes]`: the prediction with the classes last, 0 where the mask leaves an example out. */
  readonly x: Tensor;
  readonly classes: number;
  /** The shape of the examples. */
  readonly shape: readonly number[];
  /** The target as class indices, or null. */
  readonly labels: Labels | null;
  /** The target as `[..., classes]`, probabilities; null when it holds indices. */
  readonly q: Tensor | null;
  /** What the mask, the ignored labels and `sampleWeight` make of each example. */
  readonly factors: Factors | null;
}

/** Checked predictions of a loss over exclusive classes. */
export interface ClassRows {
  /** `[..., classes]`: the prediction with the classes last, 0 where the mask leaves an example out. */
  readonly x: Tensor;
  readonly classes: number;
  /** The shape of the examples. */
  readonly shape: readonly number[];
  /** 0 for what the mask leaves out; null when everything counts. */
  readonly mask: Factors | null;
  /** `sampleWeight`. */
  readonly sample: Factors | null;
}

/** What a loss takes. */
export interface ClassRules {
  /** What the prediction should be instead of probabilities; null: it is checked elsewhere. @defaultValue "logits" */
  readonly wanted?: string | null;
  /** Whether the target may hold probabilities. @defaultValue true */
  readonly soft?: boolean;
}

/** Checks the prediction, the mask and `sampleWeight` of a loss over exclusive classes. */
export function classRows(fn: string, prediction: Tensor, options: ClassLossOptions): ClassRows {
  const given = predictionOf(fn, "prediction", prediction);
  if (given.rank === 0)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the classes), got a scalar`);
  const whole = classesLast(fn, given, options.axis ?? -1);
  const classes = whole.shape.at(-1) as number;
  const shape = whole.shape.slice(0, -1);
  if (classes === 0)
    throw new RangeError(`${fn}: "prediction" expected at least 1 class, got shape ${show(given.shape)}`);
  const mask = maskFactors(fn, options.mask, shape);
  const x = mask === null ? whole : where(asTensor(mask, shape).unsqueeze(-1), whole, 0);
  return { x, classes, shape, mask, sample: sampleFactors(fn, options.sampleWeight, shape) };
}

/** Checks the arguments of a loss over exclusive classes and brings them into one form. */
export function classInputs(
  fn: string,
  prediction: Tensor,
  target: TensorLike,
  options: ClassLossOptions,
  { wanted = "logits", soft = true }: ClassRules = {},
): ClassInputs {
  const { ignoreIndex = -100, axis = -1 } = options;
  integer(fn, "ignoreIndex", ignoreIndex, -(2 ** 31), 2 ** 31 - 1);
  const given = predictionOf(fn, "prediction", prediction);
  if (wanted !== null) refuseProbabilities(fn, prediction, wanted);
  const goal = tensorOf(fn, "target", target);
  const isSoft = given.rank > 0 && targetKind(fn, given, goal, axis, soft ? "probabilities" : null) === "elements";
  const { x, classes, shape, mask, sample } = classRows(fn, given, options);
  if (isSoft) {
    checkProbabilities(fn, "target", goal);
    const last = classesLast(fn, goal.cast("float32"), axis);
    const q = mask === null ? last : where(asTensor(mask, shape).unsqueeze(-1), last, 0);
    return { x, classes, shape, labels: null, q, factors: product(shape, mask, sample) };
  }
  // A computed label that the mask leaves out becomes an ignored one; known ones are passed over by classLabels.
  const seen = mask === null || hostValues(goal) !== null ? goal : where(asTensor(mask, shape), goal, ignoreIndex);
  const labels = classLabels(fn, seen, classes, ignoreIndex, mask !== null && isHost(mask) ? mask : null);
  const counts = product(shape, labels.keep, mask);
  return { x, classes, shape, labels, q: null, factors: product(shape, counts, sample) };
}

const kept = zeroAndOne("false and true, or 0 and 1");

/** 1 for what counts, 0 for what does not; null when everything does. */
export function maskFactors(fn: string, value: TensorLike | undefined, shape: readonly number[]): Factors | null {
  if (value === undefined) return null;
  const mask = tensorOf(fn, "mask", value);
  if (!same(mask.shape, shape))
    throw new RangeError(
      `${fn}: "mask" expected one entry per example, shape ${show(shape)}, got shape ${show(mask.shape)}`,
    );
  const host = hostValues(mask);
  if (host === null) return mask.notEqual(0).cast("float32");
  checkDomain(fn, "mask", mask, kept);
  return host.includes(0) ? Array.from(host) : null;
}

/** The target as `[..., classes]`, probabilities: one-hot rows for indices. */
export function distributionOf({ q, labels, classes }: ClassInputs): Tensor {
  return q ?? oneHot((labels as Labels).index, classes);
}

// Values never change once they are in a tensor.
const distributions = new WeakSet<object>();

/** Throws for target probabilities that do not sum to 1, where JavaScript knows them and no mask leaves some out. */
export function checkSums(fn: string, { q, classes }: ClassInputs): void {
  const host = q === null ? null : hostValues(q);
  if (host === null || distributions.has(host)) return;
  for (let start = 0; start < host.length; start += classes) {
    let total = 0;
    for (let i = start; i < start + classes; i++) total += host[i] as number;
    if (Math.abs(total - 1) <= 1e-3) continue;
    throw new RangeError(
      `${fn}: "target" expected probabilities that sum to 1, got a sum of ${total} from position ${start} on; divide each row by its sum`,
    );
  }
  distributions.add(host);
}

/** 1 - p from the surprise -ln p, with its digits where p is almost 1. */
export function complement(surprise: Tensor): Tensor {
  return surprise.neg().expm1().neg();
}

/** The loss of a class by its surprise -ln p, elementwise. */
export type OfSurprise = (surprise: Tensor) => Tensor;

/** How the classes are weighted. */
export interface ClassWeighting {
  /** Factor of each class, `[classes]`; null: all 1. */
  readonly weight: Tensor | null;
  /** Whether a mean over class indices divides by the factors of the labels, as in PyTorch. @defaultValue true */
  readonly divides?: boolean;
  /** Share of the target that is spread evenly over all classes. @defaultValue 0 */
  readonly smoothing?: number;
}

/** The sum over the classes of target x factor x loss of the surprise, one per example, weighted and reduced. No function: the surprise. */
export function surpriseLoss(
  inputs: ClassInputs,
  reduction: Reduction,
  ofSurprise: OfSurprise | null,
  { weight, divides = true, smoothing = 0 }: ClassWeighting,
): Tensor {
  const { x, labels, q, classes } = inputs;
  const ofLabels = labels === null || weight === null ? null : weightsOfLabels(weight, labels);
  if (x.size === 0) return reduceClasses(inputs, x.sum({ axis: -1 }), reduction);
  const terms = logSoftmaxTerms(x);
  const { shifted, logSum } = terms;
  const all = (of: OfSurprise): Tensor => of(logSum.unsqueeze(-1).sub(shifted));
  let losses: Tensor;
  if (q !== null) {
    const smooth = smoothing === 0 ? q : q.mul(1 - smoothing).add(smoothing / classes);
    const factors = weight === null ? smooth : smooth.mul(weight);
    losses = ofSurprise === null ? crossEntropyWith(factors, terms) : factors.mul(all(ofSurprise)).sum({ axis: -1 });
  } else {
    const { index } = labels as Labels;
    const surprise = logSum.sub(pick(shifted, index));
    losses = ofSurprise === null ? surprise : ofSurprise(surprise);
    if (ofLabels !== null) losses = losses.mul(asTensor(ofLabels, index.shape));
    if (smoothing !== 0) {
      const weighted = (x: Tensor): Tensor => (weight === null ? x : x.mul(weight)).sum({ axis: -1 });
      const total = weight === null ? classes : sum(hostValues(weight) ?? weight);
      const spread = ofSurprise === null ? logSum.mul(total).sub(weighted(shifted)) : weighted(all(ofSurprise));
      losses = losses.mul(1 - smoothing).add(spread.mul(smoothing / classes));
    }
  }
  return reduceClasses(inputs, losses, reduction, divides ? ofLabels : null);
}

/** Weights and reduces one loss per example; the mean divides by the sum of the factors times `also`. */
export function reduceClasses(
  { shape, factors }: Pick<ClassInputs, "shape" | "factors">,
  losses: Tensor,
  reduction: Reduction,
  also: Factors | null = null,
): Tensor {
  return reduceLosses(losses, reduction, weightingOf(shape, factors, also));
}

/** One checked factor per class; null when there are none. */
export function classWeight(fn: string, name: string, value: TensorLike | undefined, classes: number): Tensor | null {
  if (value === undefined) return null;
  const weight = tensorOf(fn, name, value, "float32");
  if (weight.rank !== 1 || weight.size !== classes)
    throw new RangeError(
      `${fn}: "${name}" expected one number per class, shape [${classes}], got shape ${show(weight.shape)}`,
    );
  checkWeights(fn, name, weight);
  return weight;
}

/** The factor of the class of each label. */
export function weightsOfLabels(weight: Tensor, { host, index }: Labels): Factors {
  const known = hostValues(weight);
  if (host === null || known === null) return take(weight, index);
  return Array.from(host, (label) => known[label] as number);
}
