/**
 * Loss functions: `(prediction, target, options?) => Tensor`. Where PyTorch has the loss, the numbers are PyTorch's.
 *
 * @packageDocumentation
 */
export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from "./binary-cross-entropy.js";
export {
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropyWithLogits,
} from "./binary-cross-entropy-with-logits.js";
export { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.js";
export { hinge } from "./hinge.js";
export { type HuberOptions, huber } from "./huber.js";
export { type ListNetOptions, listNet } from "./list-net.js";
export { type MarginRankingOptions, marginRanking } from "./margin-ranking.js";
export { meanAbsoluteError } from "./mean-absolute-error.js";
export { meanSquaredError } from "./mean-squared-error.js";
export type { LossOptions, Reduction } from "./options.js";
export { type ZeroOneOptions, zeroOne } from "./zero-one.js";
