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
export { type FocalOptions, focal } from "./classification/focal.js";
export { hinge } from "./classification/hinge.js";
export { type ZeroOneOptions, zeroOne } from "./classification/zero-one.js";
export { type ListNetOptions, listNet } from "./ranking/list-net.js";
export { type MarginRankingOptions, marginRanking } from "./ranking/margin-ranking.js";
export { type HuberOptions, huber } from "./regression/huber.js";
export { meanAbsoluteError } from "./regression/mean-absolute-error.js";
export { meanSquaredError } from "./regression/mean-squared-error.js";
export type { LossOptions, Reduction } from "./shared/options.js";
