import type { LossOptions } from "@downhill/losses";
import * as losses from "@downhill/losses";
import type { Tensor, TensorLike } from "@downhill/tensor";
import type { LossFunction } from "@downhill/testing";
import type { Case } from "./case.js";
import { huge, other, probabilities, scores, signs } from "./case.js";

const logProbabilities = [
  [-0.5, -1],
  [-0.25, -2],
  [-3, -0.125],
];
const certain = [
  [0, -1e4],
  [-1e4, 0],
  [0, 0],
];
const rows = [
  [1, 0],
  [0.5, 0.5],
  [0.25, 0.75],
];
const lists = [
  [1, -1],
  [0, -1],
  [-1, 0],
];
/** Three examples of two classes each. */
const overClasses = (loss: LossFunction): Case => ({ loss, inputs: [scores], target: [1, 0, 1], extreme: [huge] });
const signed = (loss: LossFunction): Case => ({ loss, inputs: [scores], target: signs, extreme: [huge] });

export const classificationCases = {
  crossEntropy: overClasses(losses.crossEntropy),
  nll: { ...overClasses(losses.nll), inputs: [logProbabilities], extreme: [certain] },
  categoricalFocal: overClasses(losses.categoricalFocal),
  poly1CrossEntropy: overClasses(losses.poly1CrossEntropy),
  generalizedCrossEntropy: overClasses(losses.generalizedCrossEntropy),
  symmetricCrossEntropy: overClasses(losses.symmetricCrossEntropy),
  ldam: overClasses((x: Tensor, y: TensorLike, options: LossOptions) =>
    losses.ldam(x, y, { classCounts: [100, 4], ...options }),
  ),
  categoricalHinge: overClasses(losses.categoricalHinge),
  multiMargin: overClasses(losses.multiMargin),
  multiLabelMargin: { ...overClasses(losses.multiLabelMargin), target: lists },
  multiLabelSoftMargin: { ...overClasses(losses.multiLabelSoftMargin), target: other },
  sparsemax: { ...overClasses(losses.sparsemax), target: rows },
  jensenShannon: { ...overClasses(losses.jensenShannon), target: rows },
  evidential: overClasses(losses.evidential),
  distillation: { ...overClasses(losses.distillation), target: huge },
  klDivergence: {
    loss: (x: Tensor, t: TensorLike, options: LossOptions) =>
      losses.klDivergence(x, t, { reduction: "mean", ...options }),
    inputs: [logProbabilities],
    target: rows,
    extreme: [certain],
  },
  binaryCrossEntropy: {
    loss: losses.binaryCrossEntropy,
    inputs: [probabilities],
    target: other,
    extreme: [
      [
        [0, 1],
        [1, 0],
        [1, 1],
      ],
    ],
  },
  binaryCrossEntropyWithLogits: {
    loss: losses.binaryCrossEntropyWithLogits,
    inputs: [scores],
    target: other,
    extreme: [huge],
  },
  focal: { loss: losses.focal, inputs: [scores], target: other, extreme: [huge] },
  asymmetricLoss: { loss: losses.asymmetricLoss, inputs: [scores], target: other, extreme: [huge] },
  hinge: signed(losses.hinge),
  squaredHinge: signed(losses.squaredHinge),
  softMargin: signed(losses.softMargin),
  hingeEmbedding: signed(losses.hingeEmbedding),
  zeroOne: { loss: losses.zeroOne, inputs: [scores], target: [1, 0, 1], extreme: [huge] },
} satisfies Record<string, Case>;
