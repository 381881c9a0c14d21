/**
 * Loss functions: `(prediction, target, options?) => Tensor`. Where PyTorch has the loss, the numbers are PyTorch's.
 *
 * @packageDocumentation
 */

export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from "./classification/binary-cross-entropy.js";
export {
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropyWithLogits,
} from "./classification/binary-cross-entropy-with-logits.js";
export { type CrossEntropyOptions, crossEntropy } from "./classification/cross-entropy.js";
export { hinge } from "./classification/hinge.js";
export { type ZeroOneOptions, zeroOne } from "./classification/zero-one.js";
export { boxIou } from "./detection/box-iou.js";
export type { BoxFormat, BoxOptions } from "./detection/box-options.js";
export { ciou } from "./detection/ciou.js";
export {
  type DetectionLoss,
  type DetectionOptions,
  type DetectionPrediction,
  type DetectionTarget,
  type DetectionTermLoss,
  type DetectionTerms,
  detection,
} from "./detection/detection.js";
export { diou } from "./detection/diou.js";
export { giou } from "./detection/giou.js";
export { type ListNetOptions, listNet } from "./ranking/list-net.js";
export { type MarginRankingOptions, marginRanking } from "./ranking/margin-ranking.js";
export { type HuberOptions, huber } from "./regression/huber.js";
export { meanAbsoluteError } from "./regression/mean-absolute-error.js";
export { meanSquaredError } from "./regression/mean-squared-error.js";
export { dice } from "./segmentation/dice.js";
export { type FocalTverskyOptions, focalTversky } from "./segmentation/focal-tversky.js";
export { type GeneralizedDiceOptions, generalizedDice } from "./segmentation/generalized-dice.js";
export { jaccard } from "./segmentation/jaccard.js";
export { type LovaszHingeOptions, lovaszHinge } from "./segmentation/lovasz-hinge.js";
export { type LovaszSoftmaxOptions, lovaszSoftmax } from "./segmentation/lovasz-softmax.js";
export type {
  AbsentClasses,
  OverlapOptions,
  SegmentationMode,
  SegmentationOptions,
} from "./segmentation/segmentation-options.js";
export { type TverskyOptions, tversky } from "./segmentation/tversky.js";
export { type CtcOptions, ctc } from "./sequence/ctc.js";
export type { LossOptions, Reduction } from "./shared/options.js";
