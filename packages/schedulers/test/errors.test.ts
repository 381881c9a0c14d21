import * as schedulers from "@downhill/schedulers";
import { describe, expect, test } from "vitest";

const {
  applyTo,
  constant,
  cosineDecay,
  cosineRestarts,
  cyclic,
  cyclicMomentum,
  exponentialDecay,
  inverseSqrt,
  inverseTimeDecay,
  join,
  linear,
  multiStepDecay,
  oneCycle,
  oneCycleMomentum,
  perEpoch,
  piecewiseConstant,
  polynomialDecay,
  preview,
  product,
  reduceOnPlateau,
  stepDecay,
  warmup,
  warmupStableDecay,
} = schedulers;

/** A value that the types forbid. */
const any = (value: unknown) => value as never;
const [lr, steps] = [0.1, 10];
const some = constant(lr);
const wsd = { warmupSteps: 1, stableSteps: 1, decaySteps: 1 };

const rows: [run: () => unknown, type: ErrorConstructor, message: string][] = [
  [() => constant(Number.NaN), RangeError, `constant: "lr" expected a finite number >= 0, got NaN`],
  [() => constant(-1), RangeError, `constant: "lr" expected a finite number >= 0, got -1`],
  [() => constant(any("1")), TypeError, `constant: "lr" expected a finite number >= 0, got string`],
  [() => constant(any(null)), TypeError, `constant: "lr" expected a finite number >= 0, got null`],
  [() => constant(any([1])), TypeError, `constant: "lr" expected a finite number >= 0, got array`],
  [() => linear(lr, { steps, end: -1 }), RangeError, `linear: "end" expected a finite number >= 0, got -1`],
  [() => linear(lr, any(undefined)), TypeError, `linear: "steps" expected an integer >= 1, got undefined`],
  [() => linear(lr, any(null)), TypeError, `linear: "steps" expected an integer >= 1, got undefined`],
  [() => linear(lr, any(100)), TypeError, `linear: "steps" expected an integer >= 1, got undefined`],
  [() => linear(lr, { steps, end: any(null) }), TypeError, `linear: "end" expected a finite number >= 0, got null`],
  [() => stepDecay(1, { every: 0 }), RangeError, `stepDecay: "every" expected an integer >= 1, got 0`],
  [() => stepDecay(1, { every: 1.5 }), RangeError, `stepDecay: "every" expected an integer >= 1, got 1.5`],
  [() => stepDecay(1, { every: 1, gamma: 0 }), RangeError, `stepDecay: "gamma" expected a finite number > 0, got 0`],
  [
    () => stepDecay(1, any({ every: 1, factor: 0.5 })),
    TypeError,
    `stepDecay: "options" expected every, gamma, got "factor"`,
  ],
  [
    () => multiStepDecay(1, { milestones: [3, 2] }),
    RangeError,
    `multiStepDecay: "milestones" expected ascending integers >= 1, got [3,2]`,
  ],
  [() => multiStepDecay(1, { milestones: [2, 2] }), RangeError, `expected ascending integers >= 1, got [2,2]`],
  [() => multiStepDecay(1, { milestones: [0] }), RangeError, `expected ascending integers >= 1, got [0]`],
  [() => multiStepDecay(1, { milestones: any(30) }), TypeError, `expected ascending integers >= 1, got number`],
  [
    () => exponentialDecay(1, { gamma: any(undefined) }),
    TypeError,
    `exponentialDecay: "gamma" expected a finite number > 0, got undefined`,
  ],
  [
    () => exponentialDecay(1, { gamma: 1, staircase: any(1) }),
    TypeError,
    `exponentialDecay: "staircase" expected true or false, got number`,
  ],
  [
    () => exponentialDecay(1, { gamma: 2 })(2000),
    RangeError,
    `exponentialDecay: "rate at step 2000" expected a finite number >= 0, got Infinity`,
  ],
  [() => polynomialDecay(1, { steps, power: 0 }), RangeError, `"power" expected a finite number > 0, got 0`],
  [
    () => polynomialDecay(1, { steps, end: 2 }),
    RangeError,
    `polynomialDecay: "end" expected a finite number >= 0 and <= 1, got 2`,
  ],
  [() => cosineDecay(1, { steps: 2.5 }), RangeError, `cosineDecay: "steps" expected an integer >= 1, got 2.5`],
  [() => cosineDecay(1, { steps: Number.NaN }), RangeError, `cosineDecay: "steps" expected an integer >= 1, got NaN`],
  [
    () => cosineDecay(0.1, { steps: 5, end: 0.2 }),
    RangeError,
    `cosineDecay: "end" expected a finite number >= 0 and <= 0.1, got 0.2`,
  ],
  [
    () => cosineDecay(0.1, any({ steps: 5, floor: 0.01 })),
    TypeError,
    `cosineDecay: "options" expected steps, end, got "floor"`,
  ],
  [() => cosineRestarts(1, { period: 0 }), RangeError, `cosineRestarts: "period" expected an integer >= 1, got 0`],
  [
    () => cosineRestarts(1, { period: 3, periodMultiplier: 0.5 }),
    RangeError,
    `cosineRestarts: "periodMultiplier" expected a finite number >= 1, got 0.5`,
  ],
  [() => inverseTimeDecay(1, { rate: -1 }), RangeError, `inverseTimeDecay: "rate" expected a finite number >= 0`],
  [() => inverseSqrt(1, { timescale: 0 }), RangeError, `inverseSqrt: "timescale" expected an integer >= 1, got 0`],
  [() => cyclic(0.1, { high: 0.01, up: 5 }), RangeError, `cyclic: "high" expected a finite number >= 0.1, got 0.01`],
  [() => cyclic(0.1, any({ high: 1 })), TypeError, `cyclic: "up" expected an integer >= 1, got undefined`],
  [
    () => cyclic(0.1, { high: 1, up: 5, mode: any("exp_range") }),
    RangeError,
    `cyclic: "mode" expected "triangular" or "triangular2" or "expRange", got "exp_range"`,
  ],
  [
    () => cyclicMomentum({ up: 5, max: 0.5 }),
    RangeError,
    `cyclicMomentum: "base" expected a finite number >= 0 and <= 0.5, got 0.8`,
  ],
  [() => cyclicMomentum(any(undefined)), TypeError, `cyclicMomentum: "up" expected an integer >= 1, got undefined`],
  [
    () => oneCycle(1, { steps, warmupFraction: 30 }),
    RangeError,
    `oneCycle: "warmupFraction" expected a finite number >= 0 and <= 1, got 30`,
  ],
  [
    () => oneCycle(1, { steps, warmupFraction: 0.6, threePhase: true }),
    RangeError,
    `oneCycle: "warmupFraction" expected a finite number >= 0 and <= 0.5, got 0.6`,
  ],
  [() => oneCycle(1, { steps, divideBy: 0 }), RangeError, `"divideBy" expected a finite number >= 1, got 0`],
  [() => oneCycle(1, { steps, shape: any("cos") }), RangeError, `"shape" expected "cosine" or "linear", got "cos"`],
  [
    () => oneCycleMomentum({ steps, max: 1.5 }),
    RangeError,
    `oneCycleMomentum: "max" expected a finite number >= 0 and <= 1, got 1.5`,
  ],
  [
    () => warmupStableDecay(1, { ...wsd, decaySteps: -1 }),
    RangeError,
    `warmupStableDecay: "decaySteps" expected an integer >= 0, got -1`,
  ],
  [
    () => warmupStableDecay(1, { ...wsd, from: 2 }),
    RangeError,
    `warmupStableDecay: "from" expected a finite number >= 0 and <= 1, got 2`,
  ],
  [() => warmup(any(0.1), { steps }), TypeError, `warmup: "schedule" expected a schedule, got number`],
  [
    () => warmup(some, { steps, from: 0.2 }),
    RangeError,
    `warmup: "from" expected a finite number >= 0 and <= 0.1, got 0.2`,
  ],
  [() => warmup(some, { steps: -1 }), RangeError, `warmup: "steps" expected an integer >= 0, got -1`],
  [() => join(any(some), { at: [] }), TypeError, `join: "schedules" expected an array, not empty, got function`],
  [() => join([], { at: [] }), RangeError, `join: "schedules" expected an array, not empty, got []`],
  [() => join([some, any(1)], { at: [1] }), TypeError, `join: "schedules[1]" expected a schedule, got number`],
  [() => join([some, some], { at: [] }), RangeError, `join: "at" expected ascending integers >= 1, 1 of them, got []`],
  [
    () => join([some, () => Number.NaN], { at: [3] })(3),
    RangeError,
    `join: "rate at step 3" expected a finite number >= 0, got NaN`,
  ],
  [
    () => piecewiseConstant([1, -1], { at: [1] }),
    RangeError,
    `piecewiseConstant: "rates[1]" expected a finite number >= 0, got -1`,
  ],
  [
    () => piecewiseConstant([1, 2], { at: [1, 2] }),
    RangeError,
    `piecewiseConstant: "at" expected ascending integers >= 1, 1 of them, got [1,2]`,
  ],
  [() => product([]), RangeError, `product: "schedules" expected an array, not empty, got []`],
  [
    () => product([constant(1e200), constant(1e200)])(0),
    RangeError,
    `product: "rate at step 0" expected a finite number >= 0, got Infinity`,
  ],
  [
    () => product([any(() => undefined)])(0),
    RangeError,
    `product: "rate at step 0" expected a finite number >= 0, got NaN`,
  ],
  [() => perEpoch(some, any({})), TypeError, `perEpoch: "stepsPerEpoch" expected an integer >= 1, got undefined`],
  [
    () =>
      perEpoch(
        any(() => "0.1"),
        { stepsPerEpoch: 1 },
      )(0),
    TypeError,
    `perEpoch: "rate at step 0" expected a finite number >= 0, got string`,
  ],
  [() => preview(some, 0), RangeError, `preview: "steps" expected an integer >= 1, got 0`],
  [() => preview(any(0.1), 1), TypeError, `preview: "schedule" expected a schedule, got number`],
  [() => preview(() => -1, 2), RangeError, `preview: "rate at step 0" expected a finite number >= 0, got -1`],
  [() => applyTo({ lr }, any(0.1)), TypeError, `applyTo: "schedule" expected a schedule, got number`],
  [() => applyTo(any({}), some), TypeError, `applyTo: "target.lr" expected a finite number, got undefined`],
  [() => applyTo(any(undefined), some), TypeError, `applyTo: "target.lr" expected a finite number, got undefined`],
  [
    () => applyTo({ lr }, some, any("momentum")),
    TypeError,
    `applyTo: "target.momentum" expected a finite number, got undefined`,
  ],
  [() => reduceOnPlateau(any("0.1")), TypeError, `reduceOnPlateau: "lr" expected a finite number >= 0, got string`],
  [() => reduceOnPlateau(-1), RangeError, `reduceOnPlateau: "lr" expected a finite number >= 0, got -1`],
  [
    () => reduceOnPlateau(lr, { factor: 1 }),
    RangeError,
    `reduceOnPlateau: "factor" expected a finite number > 0 and < 1, got 1`,
  ],
  [() => reduceOnPlateau(lr, { patience: -1 }), RangeError, `"patience" expected an integer >= 0, got -1`],
  [() => reduceOnPlateau(lr, { mode: any("auto") }), RangeError, `"mode" expected "min" or "max", got "auto"`],
  [
    () => reduceOnPlateau(lr, { thresholdMode: any("rel") }),
    RangeError,
    `"thresholdMode" expected "relative" or "absolute", got "rel"`,
  ],
  [
    () => reduceOnPlateau(lr, any({ minLR: 0 })),
    TypeError,
    `expected mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps, got "minLR"`,
  ],
  [
    () => reduceOnPlateau(() => Number.NaN)(5),
    RangeError,
    `reduceOnPlateau: "rate at step 5" expected a finite number >= 0, got NaN`,
  ],
];

describe("errors", () => {
  test.each(rows)("%s", (run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });

  test("every export has its rows", () => {
    const text = rows.map(([run]) => String(run)).join("\n");
    for (const name of Object.keys(schedulers)) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test("an option that is undefined has its default", () => {
    expect(cosineDecay(1, { steps: 4, end: undefined })(4)).toBe(0);
    expect(reduceOnPlateau(1, { minLr: undefined })(0)).toBe(1);
    expect(inverseSqrt(1)(30_000)).toBe(0.5);
  });
});
