import type { Schedule } from "@downhill/schedulers";
import { constant, cosineDecay, exponentialDecay, stepDecay } from "@downhill/schedulers";
import { describe, expect, test } from "vitest";

interface Row {
  name: string;
  schedule: Schedule;
  /** Rates at step 0, 1, 2 ... */
  rates: number[];
  source: string;
}

const rows: Row[] = [
  { name: "constant(0.1)", schedule: constant(0.1), rates: [0.1, 0.1, 0.1], source: "by definition" },
  { name: "constant(0)", schedule: constant(0), rates: [0, 0], source: "by definition" },
  {
    name: "stepDecay(1, { every: 3 })",
    schedule: stepDecay(1, { every: 3 }),
    rates: [1, 1, 1, 0.1, 0.1, 0.1, 0.01],
    source: "PyTorch 2.13, StepLR(step_size=3)",
  },
  {
    name: "stepDecay(2, { every: 2, factor: 0.5 })",
    schedule: stepDecay(2, { every: 2, factor: 0.5 }),
    rates: [2, 2, 1, 1, 0.5],
    source: "by hand",
  },
  {
    name: "exponentialDecay(1, { factor: 0.9 })",
    schedule: exponentialDecay(1, { factor: 0.9 }),
    rates: [1, 0.9, 0.81, 0.729],
    source: "PyTorch 2.13, ExponentialLR(gamma=0.9)",
  },
  {
    name: "exponentialDecay(1, { factor: 0.25, every: 2 })",
    schedule: exponentialDecay(1, { factor: 0.25, every: 2 }),
    rates: [1, 0.5, 0.25, 0.125],
    source: "by hand",
  },
  {
    name: "cosineDecay(1, { steps: 4, floor: 0.1 })",
    schedule: cosineDecay(1, { steps: 4, floor: 0.1 }),
    // PyTorch gives 0.8682 and 0.2318 to four digits; these are the same with all of them: 0.55 ± 0.45 / √2.
    rates: [1, 0.868198051533946, 0.55, 0.231801948466054, 0.1, 0.1, 0.1],
    source: "PyTorch 2.13, CosineAnnealingLR(T_max=4, eta_min=0.1) up to step 4; the floor from there on",
  },
  {
    name: "cosineDecay(1, { steps: 1 })",
    schedule: cosineDecay(1, { steps: 1 }),
    rates: [1, 0, 0],
    source: "by hand",
  },
];

describe.each(rows)("$name", ({ schedule, rates, source }) => {
  test(`values: ${source}`, () => {
    expect(rates.map((_, step) => schedule(step))).toEqual(rates.map((rate) => expect.closeTo(rate, 14)));
  });
  test("is pure: the order of the calls changes nothing", () => {
    const steps = rates.map((_, step) => step);
    const forward = steps.map(schedule);
    expect(steps.reverse().map(schedule).reverse()).toEqual(forward);
  });
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses step %s", (step) => {
    expect(() => schedule(step)).toThrow(RangeError);
    expect(() => schedule(step)).toThrow(`"step" expected an integer >= 0, got ${step}`);
  });
});

test("exponential decay meets step decay at the drops", () => {
  const [smooth, stairs] = [
    exponentialDecay(0.3, { factor: 0.7, every: 5 }),
    stepDecay(0.3, { factor: 0.7, every: 5 }),
  ];
  for (const step of [0, 5, 10, 50]) expect(smooth(step)).toBeCloseTo(stairs(step), 14);
});

test("cosine decay ends at its floor exactly, and never rises", () => {
  const schedule = cosineDecay(3e-4, { steps: 1000, floor: 1e-5 });
  expect(schedule(1000)).toBe(1e-5);
  expect(schedule(1e9)).toBe(1e-5);
  for (let step = 1; step <= 1001; step++) expect(schedule(step)).toBeLessThanOrEqual(schedule(step - 1));
});

const kind = (value: unknown) => value as number;
const errors: [string, () => unknown, ErrorConstructor, string][] = [
  ["NaN", () => constant(Number.NaN), RangeError, `constant: "lr" expected a finite number >= 0, got NaN`],
  ["negative", () => constant(-1), RangeError, `constant: "lr" expected a finite number >= 0, got -1`],
  ["a string", () => constant(kind("1")), TypeError, `constant: "lr" expected a finite number >= 0, got string`],
  ["every 0", () => stepDecay(1, { every: 0 }), RangeError, `stepDecay: "every" expected an integer >= 1, got 0`],
  ["every 1.5", () => stepDecay(1, { every: 1.5 }), RangeError, `stepDecay: "every" expected an integer >= 1, got 1.5`],
  [
    "factor 0",
    () => stepDecay(1, { every: 1, factor: 0 }),
    RangeError,
    `stepDecay: "factor" expected a finite number > 0, got 0`,
  ],
  [
    "factor missing",
    () => exponentialDecay(1, { factor: kind(undefined) }),
    TypeError,
    `exponentialDecay: "factor" expected a finite number > 0, got undefined`,
  ],
  [
    "lr infinite",
    () => exponentialDecay(Number.POSITIVE_INFINITY, { factor: 1 }),
    RangeError,
    `exponentialDecay: "lr" expected a finite number >= 0, got Infinity`,
  ],
  [
    "steps 2.5",
    () => cosineDecay(1, { steps: 2.5 }),
    RangeError,
    `cosineDecay: "steps" expected an integer >= 1, got 2.5`,
  ],
  [
    "steps NaN",
    () => cosineDecay(1, { steps: Number.NaN }),
    RangeError,
    `cosineDecay: "steps" expected an integer >= 1, got NaN`,
  ],
  [
    "floor above lr",
    () => cosineDecay(0.1, { steps: 5, floor: 0.2 }),
    RangeError,
    `cosineDecay: "floor" expected a number <= "lr" (0.1), got 0.2`,
  ],
];
test.each(errors)("refuses %s", (_title, run, type, message) => {
  expect(run).toThrow(type);
  expect(run).toThrow(message);
});
