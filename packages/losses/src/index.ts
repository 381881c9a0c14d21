/**
 * Loss functions: `(prediction, target, options?) => Tensor`. Where PyTorch has the loss, the numbers are PyTorch's.
 *
 * @packageDocumentation
 */

export { type AsymmetricLossOptions, asymmetricLoss } from "./classification/asymmetric-loss.js";
export { type BalancedWeightsOptions, balancedWeights } from "./classification/balanced-weights.js";
export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from "./classification/binary-cross-entropy.js";
export {
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropyWithLogits,
} from "./classification/binary-cross-entropy-with-logits.js";
export { type CategoricalFocalOptions, categoricalFocal } from "./classification/categorical-focal.js";
export { categoricalHinge } from "./classification/categorical-hinge.js";
export type { ClassLossOptions, WeightedClassLossOptions } from "./classification/class-options.js";
export { type CrossEntropyOptions, crossEntropy } from "./classification/cross-entropy.js";
export { type DistillationOptions, distillation } from "./classification/distillation.js";
export { type EvidentialOptions, evidential } from "./classification/evidential.js";
export { type FocalOptions, focal } from "./classification/focal.js";
export {
  type GeneralizedCrossEntropyOptions,
  generalizedCrossEntropy,
} from "./classification/generalized-cross-entropy.js";
export { hinge } from "./classification/hinge.js";
export { type HingeEmbeddingOptions, hingeEmbedding } from "./classification/hinge-embedding.js";
export { jensenShannon } from "./classification/jensen-shannon.js";
export { type KlDivergenceOptions, klDivergence } from "./classification/kl-divergence.js";
export { type LdamOptions, ldam } from "./classification/ldam.js";
export { multiLabelMargin } from "./classification/multi-label-margin.js";
export { type MultiLabelSoftMarginOptions, multiLabelSoftMargin } from "./classification/multi-label-soft-margin.js";
export { type MultiMarginOptions, multiMargin } from "./classification/multi-margin.js";
export { nll } from "./classification/nll.js";
export { type Poly1CrossEntropyOptions, poly1CrossEntropy } from "./classification/poly1-cross-entropy.js";
export { softMargin } from "./classification/soft-margin.js";
export { sparsemax } from "./classification/sparsemax.js";
export { squaredHinge } from "./classification/squared-hinge.js";
export { type SymmetricCrossEntropyOptions, symmetricCrossEntropy } from "./classification/symmetric-cross-entropy.js";
export { type ZeroOneOptions, zeroOne } from "./classification/zero-one.js";
export { type ListNetOptions, listNet } from "./ranking/list-net.js";
export { type MarginRankingOptions, marginRanking } from "./ranking/margin-ranking.js";
export { type HuberOptions, huber } from "./regression/huber.js";
export { meanAbsoluteError } from "./regression/mean-absolute-error.js";
export { meanSquaredError } from "./regression/mean-squared-error.js";
export type { LossOptions, Reduction } from "./shared/options.js";
