import type { TensorLike } from "@downhill/tensor";
import { describe, hostValues, inRange, oneHot, sameShape, Tensor, tensor, where, zeros } from "@downhill/tensor";
import { binaryCrossEntropyWithLogits } from "../classification/binary-cross-entropy-with-logits.js";
import { checkProbabilities, predictionOf, tensorOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import { same } from "../shared/same.js";
import { product, sampleFactors, show, sum, weightingOf } from "../shared/weights.js";
import { giou } from "./giou.js";

/** What a detector says about each of its places (anchors, grid cells, queries). */
export interface DetectionPrediction {
  /** `[..., places, 4]`, boxes in the format that `boxLoss` reads. */
  readonly boxes: Tensor;
  /** `[..., places, classes]`, logits; left out by detectors of a single class. */
  readonly classes?: Tensor | undefined;
  /** `[..., places]`, logits; left out by detectors whose classes tell background apart, as in RetinaNet. */
  readonly objectness?: Tensor | undefined;
}

/** What the places were matched to. */
export interface DetectionTarget {
  /** `[..., places, 4]`; not looked at where there is no object. */
  readonly boxes: TensorLike;
  /** Class indices `[..., places]`, or a probability per class `[..., places, classes]`; not looked at where there is no object. */
  readonly classes?: TensorLike | undefined;
  /** `[..., places]`: 0 for background, above that an object: 1, or how well the place fits it. */
  readonly objectness: TensorLike;
}

/** The terms of {@link detection}, weighted and reduced: they add up to the loss. */
export interface DetectionTerms {
  /** Of the boxes. */
  readonly boxes: Tensor;
  /** Of the classes; 0 without them. */
  readonly classes: Tensor;
  /** Of the objectness; 0 without it. */
  readonly objectness: Tensor;
}

/** What {@link detection} gives. */
export interface DetectionLoss extends Tensor {
  /** What the loss is made of; read them as any tensor. */
  readonly terms: DetectionTerms;
}

/** A loss per place, or per number of a place: those are added up. */
export type DetectionTermLoss = (prediction: Tensor, target: Tensor) => Tensor;

/** Options of {@link detection}. */
export interface DetectionOptions extends LossOptions {
  /** Factors of the terms, finite and >= 0. @defaultValue `{ boxes: 1, classes: 1, objectness: 1 }` */
  readonly weights?: { readonly [term in keyof DetectionTerms]?: number | undefined } | undefined;
  /** `(boxes, target) => [..., places]` or `[..., places, 4]`. @defaultValue {@link giou} of corners */
  readonly boxLoss?: DetectionTermLoss | undefined;
  /**
   * `(logits, target) => [..., places]` or `[..., places, classes]`, the target being a probability per class.
   *
   * @defaultValue {@link binaryCrossEntropyWithLogits}
   */
  readonly classLoss?: DetectionTermLoss | undefined;
  /** `(logits, target) => [..., places]`. @defaultValue {@link binaryCrossEntropyWithLogits} */
  readonly objectnessLoss?: DetectionTermLoss | undefined;
  /**
   * Which places count, `[..., places]`: false (or 0) for padding, and for those that fit an object neither well nor badly.
   *
   * @defaultValue all count
   */
  readonly mask?: TensorLike | undefined;
}

/**
 * Loss of an object detector whose places were matched to objects or to background: the boxes and classes of the objects, and the
 * objectness everywhere.
 *
 * $$ \ell = \frac{1}{P} \Bigl( w_b \sum_{i:\, o_i > 0} \ell_b(b_i, b_i^*) + w_c \sum_{i:\, o_i > 0} \ell_c(c_i, c_i^*)
 *    + w_o \sum_i \ell_o(o'_i, o_i) \Bigr) $$
 *
 * with $o$ the objectness of the target and $P$ the number of objects in the batch (1 if there is none), as in RetinaNet and DETR (YOLOv5 takes a mean per
 * term instead: multiply the weights accordingly). Without predicted objectness the class term runs over all places, with a target of
 * 0 for every class at background. Reduction `"sum"` does not divide.
 *
 * The result also has `terms`, `{ boxes, classes, objectness }`, weighted and reduced: they add up to it.
 *
 * @param prediction - `{ boxes, classes, objectness }`: `[..., places, 4]`, logits `[..., places, classes]`, logits `[..., places]`
 * @param target - `{ boxes, classes, objectness }` that the places were matched to: `[..., places, 4]`, class indices `[..., places]`
 * or probabilities `[..., places, classes]`, and `[..., places]` from 0 to 1
 * @param options - `weights` (default all 1), `boxLoss` (default giou of corners), `classLoss`, `objectnessLoss` (default binary cross
 * entropy with logits), `mask` (default: all places count), `reduction`, `sampleWeight` (per image or per place; P becomes the sum of
 * the weights of the objects)
 * @returns the sum over all places by the number of objects (a scalar); `[..., places]` for reduction `"none"`
 * @throws RangeError when shapes differ, a class or an objectness is out of its range, a box of an object ends before it begins (where
 * JavaScript knows the values), or a weight is negative; TypeError when an argument is of the wrong kind or logits come out of a sigmoid
 * @example
 * import { detection, huber } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const boxes = tensor([[[0, 0, 2, 2], [4, 4, 5, 6]]]);
 * const [classes, objectness] = [tensor([[[2, -1], [0, 0]]]), tensor([[1, -2]])];
 * const target = { boxes: [[[1, 1, 3, 4], [0, 0, 0, 0]]], classes: [[0, 0]], objectness: [[1, 0]] };
 * const loss = detection({ boxes, classes, objectness }, target);
 * await loss.item(); // => 2.019268
 * await loss.terms.boxes.item(); // => 1.138889
 * await detection({ boxes, classes }, target, {
 *   boxLoss: (p, t) => huber(p, t, { reduction: "none" }),
 *   weights: { boxes: 2 },
 * }).item(); // => 7.826484
 * @category Detection
 * @reference Lin et al. (2017), Focal Loss for Dense Object Detection (RetinaNet), https://arxiv.org/abs/1708.02002; Redmon and Farhadi
 * (2018), YOLOv3, https://arxiv.org/abs/1804.02767
 */
export function detection(
  prediction: DetectionPrediction,
  target: DetectionTarget,
  options: DetectionOptions = {},
): DetectionLoss {
  const fn = "detection";
  const lossOptions = ["boxLoss", "classLoss", "objectnessLoss"] as const;
  const reduction = checkOptions(fn, options, ["weights", ...lossOptions, "mask"]);
  const { boxLoss = plainGiou, classLoss = plainEntropy, objectnessLoss = plainEntropy } = options;
  for (const name of lossOptions)
    if (options[name] !== undefined && typeof options[name] !== "function")
      throw new TypeError(`${fn}: "${name}" expected a function, got ${describe(options[name])}`);
  const weights = checkTermWeights(fn, options.weights);
  checkFields(fn, "prediction", prediction, ["boxes"]);
  checkFields(fn, "target", target, ["boxes", "objectness"]);
  if ((prediction.classes === undefined) !== (target.classes === undefined))
    throw new TypeError(`${fn}: "classes" expected in the prediction and in the target, or in neither`);
  if (prediction.classes === undefined && prediction.objectness === undefined)
    throw new TypeError(`${fn}: "prediction" expected classes or objectness beside its boxes, got neither`);

  const boxes = predictionOf(fn, "prediction.boxes", prediction.boxes);
  if (boxes.rank < 2 || boxes.shape.at(-1) !== 4)
    throw new RangeError(`${fn}: "prediction.boxes" expected shape [..., places, 4], got ${show(boxes.shape)}`);
  const places = boxes.shape.slice(0, -1);
  const goal = tensorOf(fn, "target.objectness", target.objectness, "float32");
  const shape = { "places of prediction.boxes": { shape: places } };
  sameShape(fn, { ...shape, "target.objectness": goal });
  checkProbabilities(fn, "target.objectness", goal);
  const mask = options.mask === undefined ? null : tensorOf(fn, "mask", options.mask).cast("bool");
  if (mask !== null) sameShape(fn, { ...shape, mask });
  const object = goal.greater(0);

  const perPlace = (name: string, losses: Tensor): Tensor => {
    const whole = losses.rank === places.length + 1 ? losses.sum({ axis: -1 }) : losses;
    sameShape(fn, { ...shape, [`result of ${name}`]: whole });
    return whole;
  };
  const ofObjects = (losses: Tensor): Tensor => where(object, losses, 0);

  const boxTarget = tensorOf(fn, "target.boxes", target.boxes, "float32");
  sameShape(fn, { "prediction.boxes": boxes, "target.boxes": boxTarget });
  const terms: Record<keyof DetectionTerms, Tensor> = {
    boxes: ofObjects(perPlace("boxLoss", boxLoss(boxes, onlyObjects(boxTarget, goal)))),
    classes: zeros(places),
    objectness: zeros(places),
  };
  if (prediction.classes !== undefined && target.classes !== undefined) {
    const logits = predictionOf(fn, "prediction.classes", prediction.classes);
    const wanted = classTarget(fn, logits, target.classes, goal);
    const losses = perPlace("classLoss", classLoss(logits, wanted));
    terms.classes = prediction.objectness === undefined ? losses : ofObjects(losses);
  }
  if (prediction.objectness !== undefined) {
    const logits = predictionOf(fn, "prediction.objectness", prediction.objectness);
    sameShape(fn, { ...shape, "prediction.objectness": logits });
    terms.objectness = perPlace("objectnessLoss", objectnessLoss(logits, goal));
  }

  const sample = sampleFactors(fn, options.sampleWeight, places);
  const factors = product(places, sample, mask === null ? null : (hostValues(mask) ?? mask.cast("float32")));
  const host = hostValues(goal);
  const objects = host === null ? object.cast("float32") : Array.from(host, (value) => Number(value > 0));
  const count = sum(product(places, factors, objects) ?? objects);
  const { factor } = weightingOf(places, factors);
  // A batch without objects still has its background.
  const total = typeof count === "number" ? count || 1 : where(count.greater(0), count, 1);
  const finished = {} as Record<keyof DetectionTerms, Tensor>;
  for (const name of termNames)
    finished[name] = reduceLosses(terms[name].mul(weights[name]), reduction, { factor, total });
  const loss = finished.boxes.add(finished.classes).add(finished.objectness);
  return Object.assign(loss, { terms: finished });
}

const plainGiou: DetectionTermLoss = (p, t) => giou(p, t, { reduction: "none" });
const plainEntropy: DetectionTermLoss = (p, t) => binaryCrossEntropyWithLogits(p, t, { reduction: "none" });
const termNames = ["boxes", "classes", "objectness"] as const;

function checkFields(fn: string, name: string, value: object, required: readonly string[] = []): void {
  if (typeof value !== "object" || value === null || value instanceof Tensor)
    throw new TypeError(`${fn}: "${name}" expected { boxes, classes, objectness }, got ${describe(value)}`);
  for (const field of Object.keys(value))
    if (!termNames.includes(field as keyof DetectionTerms))
      throw new TypeError(`${fn}: "${name}" expected only ${termNames.join(", ")}, got ${describe(field)}`);
  for (const field of required)
    if ((value as Record<string, unknown>)[field] === undefined)
      throw new TypeError(`${fn}: "${name}.${field}" expected a tensor, got undefined`);
}

function checkTermWeights(fn: string, given: DetectionOptions["weights"] = {}): Record<keyof DetectionTerms, number> {
  checkFields(fn, "weights", given);
  const { boxes = 1, classes = 1, objectness = 1 } = given;
  const weights = { boxes, classes, objectness };
  for (const name of termNames) inRange(fn, `weights.${name}`, weights[name], 0, Number.POSITIVE_INFINITY);
  return weights;
}

/** The target with zeros at background, whatever stands there. What JavaScript knows stays known, for the checks of the loss. */
function onlyObjects(target: Tensor, objectness: Tensor): Tensor {
  const [host, objects] = [hostValues(target), hostValues(objectness)];
  if (host === null || objects === null) return where(objectness.greater(0).unsqueeze(-1), target, 0);
  if (objects.every((value) => value > 0)) return target;
  const each = target.shape.at(-1) as number;
  const kept = Float64Array.from(host, (value, i) => ((objects[Math.floor(i / each)] as number) > 0 ? value : 0));
  return tensor(kept, { shape: target.shape });
}

/** A probability for each class of each place, 0 at background. */
function classTarget(fn: string, logits: Tensor, value: TensorLike, objectness: Tensor): Tensor {
  const places = objectness.shape;
  const classes = logits.shape.at(-1) as number;
  if (!same(logits.shape.slice(0, -1), places))
    throw new RangeError(
      `${fn}: "prediction.classes" expected shape [${[...places, "classes"].join(", ")}], got ${show(logits.shape)}`,
    );
  const target = tensorOf(fn, "target.classes", value);
  if (target.rank === logits.rank) {
    sameShape(fn, { "prediction.classes": logits, "target.classes": target });
    const probabilities = onlyObjects(target.cast("float32"), objectness);
    checkProbabilities(fn, "target.classes", probabilities);
    return probabilities;
  }
  sameShape(fn, { "places of prediction.boxes": { shape: places }, "target.classes": target });
  const object = objectness.greater(0);
  return oneHot(safeLabels(fn, target, objectness, classes), classes).mul(object.cast("float32").unsqueeze(-1));
}

/** Class indices with class 0 at background. */
function safeLabels(fn: string, target: Tensor, objectness: Tensor, classes: number): Tensor {
  const [labels, objects] = [hostValues(target), hostValues(objectness)];
  if (labels === null || objects === null) {
    if (target.dtype === "float32" && labels === null)
      throw new TypeError(
        `${fn}: "target.classes" expected int32 class indices, got computed float32; use .cast("int32")`,
      );
    return where(objectness.greater(0), target.cast("int32"), 0);
  }
  const safe = Int32Array.from(labels, (label, i) => {
    if (!((objects[i] as number) > 0)) return 0;
    if (Number.isInteger(label) && label >= 0 && label < classes) return label;
    throw new RangeError(
      `${fn}: "target.classes" expected class indices from 0 to ${classes - 1} where there is an object, got ${label} at position ${i}`,
    );
  });
  return tensor(safe, { shape: target.shape });
}
