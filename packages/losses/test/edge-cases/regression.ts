import * as losses from "@downhill/losses";
import type { LossFunction } from "@downhill/testing";
import type { Case } from "./case.js";
import { huge, other, scores } from "./case.js";

const of = (loss: LossFunction): Case => ({ loss, inputs: [scores], target: other, extreme: [huge] });
const positive = [
  [0.5, 1.5],
  [2, 0.25],
  [0.75, 3],
];
const large = [
  [1e4, 0],
  [0, 1e4],
  [1e4, 1e4],
];

export const regressionCases = {
  meanSquaredError: of(losses.meanSquaredError),
  meanAbsoluteError: of(losses.meanAbsoluteError),
  huber: of(losses.huber),
  smoothL1: of(losses.smoothL1),
  logCosh: of(losses.logCosh),
  pinball: of(losses.pinball),
  expectile: of(losses.expectile),
  meanSquaredLogError: {
    loss: losses.meanSquaredLogError,
    inputs: [positive],
    target: other,
    extreme: [large],
  },
  meanAbsolutePercentageError: of(losses.meanAbsolutePercentageError),
  symmetricMeanAbsolutePercentageError: of(losses.symmetricMeanAbsolutePercentageError),
  cosineDistance: of(losses.cosineDistance),
  charbonnier: of(losses.charbonnier),
  cauchy: of(losses.cauchy),
  welsch: of(losses.welsch),
  gemanMcClure: of(losses.gemanMcClure),
  wing: of(losses.wing),
} satisfies Record<string, Case>;
