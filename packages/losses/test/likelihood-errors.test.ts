import * as losses from "@downhill/losses";
import type { Tensor, TensorLike } from "@downhill/tensor";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { pairErrors } from "./pair-errors.js";
import { p, range, t, type, wrong } from "./support.js";

const { coxPartialLikelihood, gaussianNll, mixtureDensity, negativeBinomialNll, poissonNll, studentTNll, tweedie } =
  losses;
const notAbove0 = [0, -1, Number.NaN, Infinity];

describe.each([
  ["poissonNll", poissonNll],
  ["tweedie", tweedie],
] as [string, typeof poissonNll][])("%s", (fn, loss) => {
  errorSuite([
    ...pairErrors(fn, loss),
    ...notAbove0.map((eps) =>
      range(() => loss(p, t, { eps }), `${fn}: "eps" expected a finite number above 0, got ${eps}`),
    ),
    type(() => loss(p, t, { full: wrong(1) }), `${fn}: "full" expected true or false, got 1`),
    type(() => loss(p, t, { logInput: wrong("yes") }), `${fn}: "logInput" expected true or false, got "yes"`),
    range(() => loss(p, [1, -2, 3]), `${fn}: "target" expected finite numbers of at least 0, got -2 at position 1`),
    range(
      () => loss(p, [1, Number.NaN, 3]),
      `${fn}: "target" expected finite numbers of at least 0, got NaN at position 1`,
    ),
    range(
      () => loss(tensor([-1]), [1], { logInput: false }),
      `${fn}: "prediction" expected finite numbers of at least 0, got -1 at position 0; for logarithms of ${fn === "tweedie" ? "means" : "rates"} set logInput: true`,
    ),
  ]);
});
describe("tweedie", () => {
  errorSuite([
    ...[1, 2, 0, 3, Number.NaN].map((power) =>
      range(() => tweedie(p, t, { power }), `tweedie: "power" expected a number in (1, 2), got ${power}`),
    ),
    type(() => tweedie(p, t, { power: wrong("1.5") }), 'tweedie: "power" expected a number, got "1.5"'),
    type(
      () => tweedie(p, t, wrong({ rho: 1.5 })),
      'tweedie: "options" expected only power, logInput, full, eps, reduction, sampleWeight, got "rho"',
    ),
  ]);
});

type Spread = (center: Tensor, target: TensorLike, spread: TensorLike, options?: { eps?: number }) => Tensor;
/** Losses (center, target, spread, options?), and what they call these. */
const spreading: [fn: string, loss: Spread, center: string, spread: string][] = [
  ["gaussianNll", gaussianNll, "mean", "variance"],
  ["laplaceNll", losses.laplaceNll, "location", "scale"],
  ["studentTNll", (m, y, s, options) => studentTNll(m, y, s, 3, options), "location", "scale"],
  ["negativeBinomialNll", negativeBinomialNll, "mean", "totalCount"],
  ["crps", losses.crps, "mean", "standardDeviation"],
];
describe.each(spreading)("%s", (fn, loss, center, spread) => {
  errorSuite([
    type(
      () => loss(wrong([1, 2]), [1, 2], 1),
      `${fn}: "${center}" expected a tensor, got an array of length 2; make one with tensor()`,
    ),
    range(() => loss(p, zeros([2]), 1), `${fn}: "target" expected the shape of "${center}" [3], got [2]`),
    range(
      () => loss(zeros([3, 1]), zeros([3]), 1),
      `${fn}: "target" expected the shape of "${center}" [3, 1], got [3]; drop the last axis of "${center}" with .squeeze(-1)`,
    ),
    type(
      () => loss(p, wrong("abc"), 1),
      `${fn}: "target" expected a number, nested arrays or a typed array, got "abc"`,
    ),
    type(
      () => loss(p, t, wrong(undefined)),
      `${fn}: "${spread}" expected a number, nested arrays or a typed array, got undefined`,
    ),
    range(
      () => loss(zeros([2, 3]), zeros([2, 3]), [1, 1, 1]),
      `${fn}: "${spread}" expected the shape of "${center}" [2, 3], [2, 1], [2] or a number, got [3]`,
    ),
    range(
      () => loss(p, t, [[1], [1], [1]]),
      `${fn}: "${spread}" expected the shape of "${center}" [3], [1], [] or a number, got [3, 1]`,
    ),
    range(
      () => loss(tensor(1), 1, [1]),
      `${fn}: "${spread}" expected the shape of "${center}" [] or a number, got [1]`,
    ),
    range(
      () => loss(p, t, [1, -1, 1]),
      `${fn}: "${spread}" expected finite numbers of at least 0, got -1 at position 1`,
    ),
    range(() => loss(p, t, -0.5), `${fn}: "${spread}" expected finite numbers of at least 0, got -0.5`),
    range(
      () => loss(p, t, [1, 1, Infinity]),
      `${fn}: "${spread}" expected finite numbers of at least 0, got Infinity at position 2`,
    ),
    ...notAbove0.map((eps) =>
      range(() => loss(p, t, 1, { eps }), `${fn}: "eps" expected a finite number above 0, got ${eps}`),
    ),
    range(
      () => loss(p, t, 1, wrong({ reduction: "average" })),
      `${fn}: "reduction" expected "mean", "sum" or "none", got "average"`,
    ),
    range(
      () => loss(p, t, 1, wrong({ sampleWeight: [1, 2] })),
      `${fn}: "sampleWeight" expected one weight per sample, shape [3], got shape [2]`,
    ),
    type(() => loss(p, t, 1, wrong(0.5)), `${fn}: "options" expected an object, got 0.5`),
  ]);
});
describe("what only one of them has", () => {
  errorSuite([
    type(() => gaussianNll(p, t, 1, { full: wrong("no") }), 'gaussianNll: "full" expected true or false, got "no"'),
    range(
      () => studentTNll(p, t, 1, [3, -3, 3]),
      'studentTNll: "degreesOfFreedom" expected finite numbers of at least 0, got -3 at position 1',
    ),
    range(
      () => studentTNll(p, t, 1, [3, 3]),
      'studentTNll: "degreesOfFreedom" expected the shape of "location" [3], [1], [] or a number, got [2]',
    ),
    range(
      () => negativeBinomialNll(tensor([1, -1, 1]), t, 1),
      'negativeBinomialNll: "mean" expected finite numbers of at least 0, got -1 at position 1',
    ),
    range(
      () => negativeBinomialNll(p, [1, 2, -1], 1),
      'negativeBinomialNll: "target" expected finite numbers of at least 0, got -1 at position 2',
    ),
  ]);
});

const means = zeros([2, 3]);
describe("mixtureDensity", () => {
  errorSuite([
    range(
      () => mixtureDensity(means, [1, 2], 1, zeros([2, 4])),
      'mixtureDensity: "mean" expected the shape of "logits" [2, 4], or this and an axis of features, got [2, 3]',
    ),
    range(
      () => mixtureDensity(means, [1, 2], 1, zeros([3])),
      'mixtureDensity: "mean" expected the shape of "logits" [3], or this and an axis of features, got [2, 3]',
    ),
    range(
      () => mixtureDensity(means, [[1], [2]], 1, means),
      'mixtureDensity: "target" expected the shape of "mean" without the axis of components [2], got [2, 1]',
    ),
    range(
      () => mixtureDensity(zeros([2, 3, 4]), zeros([2, 3]), 1, means),
      'mixtureDensity: "target" expected the shape of "mean" without the axis of components [2, 4], got [2, 3]',
    ),
    range(
      () => mixtureDensity(tensor(1), 1, 1, tensor(1)),
      'mixtureDensity: "logits" expected a last axis of at least 1 component, got shape []',
    ),
    range(
      () => mixtureDensity(zeros([2, 0]), [1, 2], 1, zeros([2, 0])),
      'mixtureDensity: "logits" expected a last axis of at least 1 component, got shape [2, 0]',
    ),
    type(
      () => mixtureDensity(means, [1, 2], 1, means.softmax()),
      'mixtureDensity: "logits" expected logits, got the output of a softmax; remove the softmax, the loss applies its own',
    ),
    range(
      () => mixtureDensity(means, [1, 2], [1, 1, 1], means),
      'mixtureDensity: "standardDeviation" expected the shape of "mean" [2, 3], [2, 1], [2] or a number, got [3]',
    ),
    range(
      () => mixtureDensity(means, [1, 2], -1, means),
      'mixtureDensity: "standardDeviation" expected finite numbers of at least 0, got -1',
    ),
    ...notAbove0.map((eps) =>
      range(
        () => mixtureDensity(means, [1, 2], 1, means, { eps }),
        `mixtureDensity: "eps" expected a finite number above 0, got ${eps}`,
      ),
    ),
    range(
      () => mixtureDensity(means, [1, 2], 1, means, { sampleWeight: [1, 1, 1] }),
      'mixtureDensity: "sampleWeight" expected one weight per sample, shape [2], got shape [3]',
    ),
  ]);
});

describe("coxPartialLikelihood", () => {
  const fn = "coxPartialLikelihood";
  errorSuite([
    type(
      () => coxPartialLikelihood(wrong([1]), [1], [1]),
      `${fn}: "prediction" expected a tensor, got an array of length 1; make one with tensor()`,
    ),
    range(
      () => coxPartialLikelihood(tensor(1), 1, 1),
      `${fn}: "prediction" expected at least one axis (the subjects), got a scalar`,
    ),
    range(
      () => coxPartialLikelihood(p, [1, 2], [1, 1, 1]),
      `${fn}: "time" expected the shape of "prediction" [3], got [2]`,
    ),
    range(
      () => coxPartialLikelihood(p, [1, 2, 3], [[1], [1], [1]]),
      `${fn}: "event" expected the shape of "prediction" [3], got [3, 1]; drop the last axis of "event" with .squeeze(-1)`,
    ),
    range(
      () => coxPartialLikelihood(p, [1, 2, 3], t, { mask: [1, 1] }),
      `${fn}: "mask" expected the shape of "prediction" [3], got [2]`,
    ),
    range(
      () => coxPartialLikelihood(p, [1, Infinity, 3], t),
      `${fn}: "time" expected finite numbers, got Infinity at position 1`,
    ),
    range(
      () => coxPartialLikelihood(p, [1, 2, 3], [1, 2, 0]),
      `${fn}: "event" expected only 1 (event) and 0 (censored), got 2 at position 1`,
    ),
    range(
      () => coxPartialLikelihood(p, [1, 2, 3], t, { ties: wrong("exact") }),
      `${fn}: "ties" expected "efron" or "breslow", got "exact"`,
    ),
    range(
      () => coxPartialLikelihood(p, [1, 2, 3], t, { sampleWeight: [1, -1, 1] }),
      `${fn}: "sampleWeight" expected finite numbers of at least 0, got -1 at position 1`,
    ),
    type(
      () => coxPartialLikelihood(p, [1, 2, 3], t, wrong({ strata: [1, 1, 2] })),
      `${fn}: "options" expected only ties, mask, reduction, sampleWeight, got "strata"`,
    ),
  ]);
});
