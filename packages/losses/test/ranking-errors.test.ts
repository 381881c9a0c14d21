import * as losses from "@downhill/losses";
import { parameter, tensor, zeros } from "@downhill/tensor";
import type { LossFunction } from "@downhill/testing";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { call, range, type } from "./support.js";

const s = tensor([[0.5, 0.25, 0.75]]);
const y = [[1, 0, 2]];

const measures: Record<string, LossFunction> = {
  ndcg: losses.ndcg,
  meanReciprocalRank: losses.meanReciprocalRank,
  meanAveragePrecision: losses.meanAveragePrecision,
  precisionAt: losses.precisionAt,
};
const nonnegative: Record<string, LossFunction> = {
  ...measures,
  lambdaRank: losses.lambdaRank,
  lambdaLoss: losses.lambdaLoss,
  softmaxRanking: losses.softmaxRanking,
  approxNdcg: losses.approxNdcg,
  approxMrr: losses.approxMrr,
  neuralNdcg: losses.neuralNdcg,
};
const ofLists: Record<string, LossFunction> = {
  ...nonnegative,
  rankNet: losses.rankNet,
  pairwiseHinge: losses.pairwiseHinge,
  listNet: losses.listNet,
  listMle: losses.listMle,
};

describe.each(Object.entries(ofLists))("%s", (fn, loss) => {
  errorSuite([
    range(() => call(loss, s, [1, 0, 2]), `${fn}: "target" expected the shape of "prediction" [1, 3], got [3]`),
    range(() => call(loss, tensor(1), 1), `${fn}: "prediction" expected at least one axis (the items), got a scalar`),
    range(
      () => call(loss, zeros([2, 0]), zeros([2, 0])),
      `${fn}: "prediction" expected at least 1 item per list, got shape [2, 0]; leave empty lists out`,
    ),
    range(
      () => call(loss, zeros([0]), zeros([0])),
      `${fn}: "prediction" expected at least 1 item per list, got shape [0]; leave empty lists out`,
    ),
    type(
      () => call(loss, [[1, 2]], [[1, 2]]),
      `${fn}: "prediction" expected a tensor, got an array of length 1; make one with tensor()`,
    ),
    type(() => call(loss, s, "abc"), `${fn}: "target" expected a number, nested arrays or a typed array, got "abc"`),
    range(
      () => call(loss, s, y, { mask: [true, true, true] }),
      `${fn}: "mask" expected the shape of "prediction" [1, 3], got [3]`,
    ),
    type(() => call(loss, s, y, { mask: [["a", 1, 1]] }), `${fn}: "mask" expected a number at [0][0], got "a"`),
    range(
      () => call(loss, s, y, { reduction: "average" }),
      `${fn}: "reduction" expected "mean", "sum" or "none", got "average"`,
    ),
    type(() => call(loss, s, y, null), `${fn}: "options" expected an object, got null`),
    range(
      () => call(loss, s, y, { sampleWeight: [1, 2] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [1], got shape [2]`,
    ),
    range(
      () => call(loss, s, y, { sampleWeight: [-1] }),
      `${fn}: "sampleWeight" expected finite numbers of at least 0, got -1 at position 0`,
    ),
  ]);
});

describe.each(Object.entries(ofLists))("%s, relevances that are none", (fn, loss) => {
  const wanted = fn in nonnegative ? "relevances, finite numbers of at least 0" : "relevances, finite numbers";
  errorSuite([
    range(() => call(loss, s, [[1, Number.NaN, 0]]), `${fn}: "target" expected ${wanted}, got NaN at position 1`),
    range(
      () => call(loss, s, [[1, 0, Number.POSITIVE_INFINITY]], { mask: [[0, 1, 1]] }),
      `${fn}: "target" expected ${wanted}, got Infinity at position 2`,
    ),
  ]);
});

describe.each(Object.entries(nonnegative))("%s, negative relevances", (fn, loss) => {
  errorSuite([
    range(
      () => call(loss, s, [[1, 0, -1]]),
      `${fn}: "target" expected relevances, finite numbers of at least 0, got -1 at position 2; mark padding by the option "mask"`,
    ),
    range(
      () => call(loss, s, [[1, -0.5, 0]]),
      `${fn}: "target" expected relevances, finite numbers of at least 0, got -0.5 at position 1`,
    ),
  ]);
});

describe("scores, not probabilities", () => {
  errorSuite(
    [losses.listNet, losses.listMle, losses.softmaxRanking].map((loss) =>
      type(
        () => call(loss, s.softmax(), y),
        `${loss.name}: "prediction" expected scores, got the output of a softmax; remove the softmax, the loss applies its own`,
      ),
    ),
  );
});

describe("options", () => {
  const names = "reduction, sampleWeight";
  errorSuite([
    type(
      () => call(losses.rankNet, s, y, { temperature: 1 }),
      `rankNet: "options" expected only sigma, weighting, mask, ${names}, got "temperature"`,
    ),
    type(
      () => call(losses.ndcg, s, y, { topK: 1 }),
      `ndcg: "options" expected only k, gain, withoutRelevant, mask, ${names}, got "topK"`,
    ),
    type(
      () => call(losses.precisionAt, s, y, { gain: "linear" }),
      `precisionAt: "options" expected only k, threshold, withoutRelevant, mask, ${names}, got "gain"`,
    ),
    ...[losses.rankNet, losses.lambdaRank, losses.lambdaLoss].map((loss) =>
      range(() => call(loss, s, y, { sigma: 0 }), `${loss.name}: "sigma" expected a finite number above 0, got 0`),
    ),
    range(
      () => call(losses.rankNet, s, y, { weighting: "squares" }),
      'rankNet: "weighting" expected "uniform", "difference" or "differenceOfSquares", got "squares"',
    ),
    range(
      () => call(losses.pairwiseHinge, s, y, { margin: 0 }),
      'pairwiseHinge: "margin" expected a finite number above 0, got 0',
    ),
    type(() => call(losses.pairwiseHinge, s, y, { margin: "1" }), 'pairwiseHinge: "margin" expected a number, got "1"'),
    range(
      () => call(losses.lambdaLoss, s, y, { scheme: "ndcgLoss3" }),
      'lambdaLoss: "scheme" expected one of "ndcgLoss1", "ndcgLoss2", "ndcgLoss2PlusPlus", "lambdaRank", "rankNet", "rankNetWeightedByDifference", "rankNetWeightedByDifferenceOfSquares", got "ndcgLoss3"',
    ),
    range(
      () => call(losses.lambdaLoss, s, y, { scheme: "toString" }),
      'lambdaLoss: "scheme" expected one of "ndcgLoss1", "ndcgLoss2", "ndcgLoss2PlusPlus", "lambdaRank", "rankNet", "rankNetWeightedByDifference", "rankNetWeightedByDifferenceOfSquares", got "toString"',
    ),
    range(
      () => call(losses.lambdaLoss, s, y, { mu: -1 }),
      'lambdaLoss: "mu" expected a finite number of at least 0, got -1',
    ),
    range(
      () => call(losses.lambdaLoss, s, y, { logarithm: "decimal" }),
      'lambdaLoss: "logarithm" expected "binary" or "natural", got "decimal"',
    ),
    ...[losses.lambdaRank, losses.lambdaLoss, losses.approxNdcg, losses.neuralNdcg, losses.ndcg].map((loss) =>
      range(
        () => call(loss, s, y, { gain: "squared" }),
        `${loss.name}: "gain" expected "exponential" or "linear", got "squared"`,
      ),
    ),
    ...[losses.lambdaRank, losses.lambdaLoss, losses.neuralNdcg, ...Object.values(measures)].flatMap((loss) => [
      range(() => call(loss, s, y, { k: 0 }), `${loss.name}: "k" expected an integer of at least 1, got 0`),
      range(() => call(loss, s, y, { k: 1.5 }), `${loss.name}: "k" expected an integer of at least 1, got 1.5`),
      type(() => call(loss, s, y, { k: "2" }), `${loss.name}: "k" expected an integer, got "2"`),
    ]),
    ...[losses.approxNdcg, losses.approxMrr, losses.neuralNdcg].map((loss) =>
      range(
        () => call(loss, s, y, { temperature: 0 }),
        `${loss.name}: "temperature" expected a finite number above 0, got 0`,
      ),
    ),
    range(
      () => call(losses.neuralNdcg, s, y, { iterations: -1 }),
      'neuralNdcg: "iterations" expected an integer of at least 0, got -1',
    ),
    type(
      () => call(losses.neuralNdcg, s, y, { stochastic: 1 }),
      'neuralNdcg: "stochastic" expected true or false, got 1',
    ),
    range(
      () => call(losses.neuralNdcg, s, y, { samples: 0 }),
      'neuralNdcg: "samples" expected an integer of at least 1, got 0',
    ),
    range(
      () => call(losses.neuralNdcg, s, y, { beta: Number.NaN }),
      'neuralNdcg: "beta" expected a finite number of at least 0, got NaN',
    ),
    // Options of measures are checked when there is no list, too.
    range(
      () => call(losses.ndcg, zeros([0, 3]), zeros([0, 3]), { gain: "squared" }),
      'ndcg: "gain" expected "exponential" or "linear", got "squared"',
    ),
  ]);
});

describe.each(Object.entries(measures))("%s", (fn, measure) => {
  const trainOn = fn === "meanReciprocalRank" ? "approxMrr" : "approxNdcg";
  errorSuite([
    range(
      () => call(measure, s, y, { withoutRelevant: "nothing" }),
      `${fn}: "withoutRelevant" expected "zero", "one" or "skip", got "nothing"`,
    ),
    ...(fn === "ndcg"
      ? []
      : [
          range(
            () => call(measure, s, y, { threshold: 0 }),
            `${fn}: "threshold" expected a finite number above 0, got 0`,
          ),
        ]),
    {
      call: () => (measure as typeof losses.ndcg)(parameter([[0.5, 0.25, 0.75]]), y).backward(),
      error: Error,
      message: `${fn}: has no useful gradient; train on ${trainOn} and report ${fn}`,
    },
  ]);
});

describe("ordinal", () => {
  const { ordinal } = losses;
  const logits = tensor([
    [
      [0.5, -1],
      [2, 0.25],
    ],
  ]);
  errorSuite([
    range(
      () => ordinal(tensor([0.5, -1]), 1),
      'ordinal: "prediction" expected items and levels, [..., items, levels], got shape [2]',
    ),
    range(
      () => ordinal(zeros([1, 2, 0]), [[0, 0]]),
      'ordinal: "prediction" expected at least 1 level, got shape [1, 2, 0]',
    ),
    range(
      () =>
        ordinal(logits, [
          [
            [1, 0],
            [0, 1],
          ],
        ]),
      'ordinal: "target" expected one relevance per item, shape [1, 2], got shape [1, 2, 2]',
    ),
    range(
      () => ordinal(logits, [1, 0]),
      'ordinal: "target" expected one relevance per item, shape [1, 2], got shape [2]',
    ),
    range(() => ordinal(logits, [[1, 3]]), 'ordinal: "target" expected relevances from 0 to 2, got 3 at position 1'),
    range(
      () => ordinal(logits, [[-1, 1]]),
      'ordinal: "target" expected relevances from 0 to 2, got -1 at position 0; mark padding by the option "mask"',
    ),
    range(
      () => ordinal(logits, [[Number.NaN, 1]]),
      'ordinal: "target" expected relevances from 0 to 2, got NaN at position 0',
    ),
    range(
      () => ordinal(logits, [[1, 1]], { mask: [1, 1] }),
      'ordinal: "mask" expected the shape of "target" [1, 2], got [2]',
    ),
    range(
      () => ordinal(logits, [[1, 1]], { sampleWeight: [[1, 2, 3]] }),
      'ordinal: "sampleWeight" expected one weight per sample, shape [1] or [1, 2], got shape [1, 3]',
    ),
    type(
      () => ordinal(logits.sigmoid(), [[1, 1]]),
      'ordinal: "prediction" expected logits, got the output of a sigmoid; remove the sigmoid, the loss applies its own',
    ),
  ]);
});
