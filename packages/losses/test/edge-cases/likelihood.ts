import * as losses from "@downhill/losses";
import type { TensorLike } from "@downhill/tensor";
import { Tensor, tensor } from "@downhill/tensor";
import type { Case } from "./case.js";
import { huge, other, scores } from "./case.js";

type Parts = [center: Tensor, spread: Tensor, target: TensorLike, options: object];
const positive = [
  [0.5, 1.5],
  [2, 0.25],
  [0.75, 3],
];
const large = [
  [1e4, 0],
  [1e-3, 1e4],
  [1, 1e4],
];
/** Of center and spread, as the cases have their inputs in front of the target. */
const spreading = (loss: (center: Tensor, target: TensorLike, spread: Tensor, options: object) => Tensor): Case => ({
  loss: (...[center, spread, target, options]: Parts) => loss(center, target, spread, options),
  inputs: [scores, positive],
  target: other,
  extreme: [huge, large],
});

export const likelihoodCases = {
  poissonNll: {
    loss: losses.poissonNll,
    inputs: [scores],
    target: other,
    extreme: [
      [
        [-1e4, 80],
        [0, -1e4],
        [50, 1],
      ],
    ],
  },
  gaussianNll: spreading(losses.gaussianNll),
  laplaceNll: spreading(losses.laplaceNll),
  studentTNll: spreading((location, target, scale, options) =>
    losses.studentTNll(location, target, scale, scale, options),
  ),
  negativeBinomialNll: {
    ...spreading(losses.negativeBinomialNll),
    inputs: [positive, positive],
    extreme: [
      large,
      [
        [1, 1e4],
        [1e4, 1e4],
        [0.5, 0],
      ],
    ],
  },
  tweedie: {
    loss: losses.tweedie,
    inputs: [scores],
    target: other,
    extreme: [
      [
        [-150, 1e2],
        [1e2, -150],
        [-1e2, -1e2],
      ],
    ],
  },
  crps: spreading(losses.crps),
  mixtureDensity: {
    loss: (...[mean, deviation, target, options]: Parts) => {
      const logits = mean.mul(-1);
      // A target per example, like the first entry of those of the other losses.
      const goal = target instanceof Tensor ? target : tensor(target);
      const first = goal.rank === 1 ? goal : goal.slice([0, 0], [goal.shape[0] as number, 1]).squeeze(-1);
      return losses.mixtureDensity(mean, first, deviation, logits, options);
    },
    inputs: [scores, positive],
    target: other,
    extreme: [huge, large],
  },
} satisfies Record<string, Case>;
