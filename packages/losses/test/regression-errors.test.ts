import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { regressionCases } from "./edge-cases/regression.js";
import { pairErrors } from "./pair-errors.js";
import { p, range, t, type, wrong } from "./support.js";

const { cosineDistance, expectile, meanAbsolutePercentageError, meanSquaredLogError, pinball, smoothL1, wing } = losses;

describe.each(Object.entries(regressionCases))("%s", (fn, { loss }) => {
  errorSuite(pairErrors(fn, loss));
});

type WithOption = (prediction: Tensor, target: number[], options: Record<string, number>) => Tensor;

/** Numbers that must be finite and above 0. */
const above0: [string, WithOption, string][] = [
  ["charbonnier", losses.charbonnier, "scale"],
  ["cauchy", losses.cauchy, "scale"],
  ["welsch", losses.welsch, "scale"],
  ["gemanMcClure", losses.gemanMcClure, "scale"],
  ["wing", wing, "width"],
  ["wing", wing, "curvature"],
  ["meanAbsolutePercentageError", meanAbsolutePercentageError, "eps"],
  ["symmetricMeanAbsolutePercentageError", losses.symmetricMeanAbsolutePercentageError, "eps"],
  ["cosineDistance", cosineDistance, "eps"],
];
describe.each(above0)("%s", (fn, loss, option) => {
  errorSuite([
    ...[0, -1, Number.NaN, Infinity].map((value) =>
      range(() => loss(p, t, { [option]: value }), `${fn}: "${option}" expected a finite number above 0, got ${value}`),
    ),
    type(() => loss(p, t, { [option]: wrong("1") }), `${fn}: "${option}" expected a number, got "1"`),
  ]);
});

describe("smoothL1", () => {
  errorSuite([
    range(() => smoothL1(p, t, { beta: -1 }), 'smoothL1: "beta" expected a finite number of at least 0, got -1'),
    range(
      () => smoothL1(p, t, { beta: Infinity }),
      'smoothL1: "beta" expected a finite number of at least 0, got Infinity',
    ),
    type(
      () => smoothL1(p, t, wrong({ delta: 1 })),
      'smoothL1: "options" expected only beta, reduction, sampleWeight, got "delta"',
    ),
  ]);
});

describe.each([
  ["pinball", pinball, "quantile"],
  ["expectile", expectile, "expectile"],
] as [string, typeof pinball, string][])("%s", (fn, loss, option) => {
  const at = (level: unknown): object => ({ [option]: level });
  errorSuite([
    range(() => loss(p, t, at(0)), `${fn}: "${option}" expected a number in (0, 1), got 0`),
    range(() => loss(p, t, at(1)), `${fn}: "${option}" expected a number in (0, 1), got 1`),
    range(() => loss(p, t, at(Number.NaN)), `${fn}: "${option}" expected a number in (0, 1), got NaN`),
    type(() => loss(p, t, at("0.5")), `${fn}: "${option}" expected a number or an array of numbers, got "0.5"`),
    type(() => loss(p, 1, at(["0.5"])), `${fn}: "${option}[0]" expected a number, got "0.5"`),
    range(() => loss(p, 1, at([])), `${fn}: "${option}" expected at least one number, got an empty array`),
    range(() => loss(p, 1, at([0.5, 90, 0.1])), `${fn}: "${option}[1]" expected a number in (0, 1), got 90`),
    range(
      () => loss(zeros([2, 3]), [1, 2], at([0.1, 0.9])),
      `${fn}: "prediction" expected 2 entries on its last axis, one per number of "${option}", got shape [2, 3]`,
    ),
    range(
      () => loss(tensor(1), 1, at([0.5])),
      `${fn}: "prediction" expected 1 entry on its last axis, one per number of "${option}", got shape []`,
    ),
    range(
      () => loss(zeros([3, 2]), zeros([3, 2]), at([0.1, 0.9])),
      `${fn}: "target" expected the shape of "prediction" without its last axis [3], got [3, 2]`,
    ),
    range(
      () => loss(zeros([3, 2]), [1, 2], at([0.1, 0.9])),
      `${fn}: "target" expected the shape of "prediction" without its last axis [3], got [2]`,
    ),
  ]);
});

describe("meanSquaredLogError", () => {
  errorSuite([
    range(
      () => meanSquaredLogError(tensor([0, -1]), [1, 1]),
      'meanSquaredLogError: "prediction" expected finite numbers above -1, got -1 at position 1',
    ),
    range(
      () => meanSquaredLogError(tensor(1), -2),
      'meanSquaredLogError: "target" expected finite numbers above -1, got -2',
    ),
    range(
      () => meanSquaredLogError(p, [1, Number.NaN, 1]),
      'meanSquaredLogError: "target" expected finite numbers above -1, got NaN at position 1',
    ),
  ]);
});

describe("cosineDistance", () => {
  errorSuite([
    range(
      () => cosineDistance(tensor(1), 1),
      'cosineDistance: "prediction" expected at least one axis (the components), got a scalar',
    ),
    range(
      () => cosineDistance(zeros([2, 0]), zeros([2, 0])),
      'cosineDistance: "prediction" expected vectors of at least 1 component, got shape [2, 0]',
    ),
    range(() => cosineDistance(p, t, { axis: 1 }), 'cosineDistance: "axis" expected an integer from -1 to 0, got 1'),
    range(
      () => cosineDistance(zeros([2, 3]), zeros([2, 3]), { sampleWeight: [1, 2, 3] }),
      'cosineDistance: "sampleWeight" expected one weight per sample, shape [2], got shape [3]',
    ),
  ]);
});
