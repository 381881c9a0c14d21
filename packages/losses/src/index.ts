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
export { type CoxPartialLikelihoodOptions, coxPartialLikelihood } from "./likelihood/cox-partial-likelihood.js";
export { type CrpsOptions, crps } from "./likelihood/crps.js";
export { type GaussianNllOptions, gaussianNll } from "./likelihood/gaussian-nll.js";
export { type LaplaceNllOptions, laplaceNll } from "./likelihood/laplace-nll.js";
export { type MixtureDensityOptions, mixtureDensity } from "./likelihood/mixture-density.js";
export { type NegativeBinomialNllOptions, negativeBinomialNll } from "./likelihood/negative-binomial-nll.js";
export { type PoissonNllOptions, poissonNll } from "./likelihood/poisson-nll.js";
export { type StudentTNllOptions, studentTNll } from "./likelihood/student-t-nll.js";
export { type TweedieOptions, tweedie } from "./likelihood/tweedie.js";
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
export { type CauchyOptions, cauchy } from "./regression/cauchy.js";
export { type CharbonnierOptions, charbonnier } from "./regression/charbonnier.js";
export { type CosineDistanceOptions, cosineDistance } from "./regression/cosine-distance.js";
export { type ExpectileOptions, expectile } from "./regression/expectile.js";
export { type GemanMcClureOptions, gemanMcClure } from "./regression/geman-mc-clure.js";
export { type HuberOptions, huber } from "./regression/huber.js";
export { logCosh } from "./regression/log-cosh.js";
export { meanAbsoluteError } from "./regression/mean-absolute-error.js";
export {
  type MeanAbsolutePercentageErrorOptions,
  meanAbsolutePercentageError,
} from "./regression/mean-absolute-percentage-error.js";
export { meanSquaredError } from "./regression/mean-squared-error.js";
export { meanSquaredLogError } from "./regression/mean-squared-log-error.js";
export { type PinballOptions, pinball } from "./regression/pinball.js";
export { type SmoothL1Options, smoothL1 } from "./regression/smooth-l1.js";
export {
  type SymmetricMeanAbsolutePercentageErrorOptions,
  symmetricMeanAbsolutePercentageError,
} from "./regression/symmetric-mean-absolute-percentage-error.js";
export { type WelschOptions, welsch } from "./regression/welsch.js";
export { type WingOptions, wing } from "./regression/wing.js";
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
