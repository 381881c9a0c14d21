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
export { type ApproxMrrOptions, approxMrr } from "./ranking/approx-mrr.js";
export { type ApproxNdcgOptions, approxNdcg } from "./ranking/approx-ndcg.js";
export { type LambdaLossOptions, type LambdaScheme, lambdaLoss } from "./ranking/lambda-loss.js";
export { type LambdaRankOptions, lambdaRank } from "./ranking/lambda-rank.js";
export { listMle } from "./ranking/list-mle.js";
export { listNet } from "./ranking/list-net.js";
export type { Gain, ListOptions } from "./ranking/list-options.js";
export { type MarginRankingOptions, marginRanking } from "./ranking/margin-ranking.js";
export { meanAveragePrecision } from "./ranking/mean-average-precision.js";
export { meanReciprocalRank } from "./ranking/mean-reciprocal-rank.js";
export type { BinaryRankingMeasureOptions, RankingMeasureOptions } from "./ranking/measure-options.js";
export { type NdcgOptions, ndcg } from "./ranking/ndcg.js";
export { type NeuralNdcgOptions, neuralNdcg } from "./ranking/neural-ndcg.js";
export { ordinal } from "./ranking/ordinal.js";
export { type PairwiseHingeOptions, pairwiseHinge } from "./ranking/pairwise-hinge.js";
export { precisionAt } from "./ranking/precision-at.js";
export { type RankNetOptions, rankNet } from "./ranking/rank-net.js";
export { softmaxRanking } from "./ranking/softmax-ranking.js";
export { type HuberOptions, huber } from "./regression/huber.js";
export { meanAbsoluteError } from "./regression/mean-absolute-error.js";
export { meanSquaredError } from "./regression/mean-squared-error.js";
export type { LossOptions, Reduction } from "./shared/options.js";
