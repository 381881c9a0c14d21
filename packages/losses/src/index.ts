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
export { type AngularOptions, angular } from "./metric-learning/angular.js";
export { type ArcFaceOptions, arcFace } from "./metric-learning/arc-face.js";
export { type BarlowTwinsOptions, barlowTwins } from "./metric-learning/barlow-twins.js";
export { type BatchHardOptions, batchHard } from "./metric-learning/batch-hard.js";
export { type CircleOptions, circle } from "./metric-learning/circle.js";
export { type ContrastiveOptions, contrastive } from "./metric-learning/contrastive.js";
export { type CosFaceOptions, cosFace } from "./metric-learning/cos-face.js";
export { type CosineEmbeddingOptions, cosineEmbedding } from "./metric-learning/cosine-embedding.js";
export { type LiftedStructureOptions, liftedStructure } from "./metric-learning/lifted-structure.js";
export { type MultiSimilarityOptions, multiSimilarity } from "./metric-learning/multi-similarity.js";
export { type NPairsOptions, nPairs } from "./metric-learning/n-pairs.js";
export { type NtXentOptions, ntXent } from "./metric-learning/nt-xent.js";
export { type ProxyAnchorOptions, proxyAnchor } from "./metric-learning/proxy-anchor.js";
export { type SemiHardOptions, semiHard } from "./metric-learning/semi-hard.js";
export { type SupervisedContrastiveOptions, supervisedContrastive } from "./metric-learning/supervised-contrastive.js";
export { type TripletMarginOptions, tripletMargin } from "./metric-learning/triplet-margin.js";
export type { Triplets } from "./metric-learning/triplets.js";
export { type VicRegOptions, vicReg } from "./metric-learning/vic-reg.js";
export { type ListNetOptions, listNet } from "./ranking/list-net.js";
export { type MarginRankingOptions, marginRanking } from "./ranking/margin-ranking.js";
export { type HuberOptions, huber } from "./regression/huber.js";
export { meanAbsoluteError } from "./regression/mean-absolute-error.js";
export { meanSquaredError } from "./regression/mean-squared-error.js";
export type { LossOptions, Reduction } from "./shared/options.js";
