import type { Schedule } from "@downhill/schedulers";
import {
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
} from "@downhill/schedulers";
import { describe, expect, test } from "vitest";

interface Row {
  name: string;
  schedule: Schedule;
  /** Rates at step 0, 1, 2 ... */
  rates: number[];
  source: string;
}

/** What the 200 steps of golden.test.ts leave out: edges, and what PyTorch lacks. */
const rows: Row[] = [
  { name: "constant(0.1)", schedule: constant(0.1), rates: [0.1, 0.1, 0.1], source: "by definition" },
  { name: "constant(0)", schedule: constant(0), rates: [0, 0], source: "by definition" },
  { name: "linear to the same", schedule: linear(0.3, { steps: 7, end: 0.3 }), rates: Array(9).fill(0.3), source: "" },
  {
    name: "exponentialDecay every 2",
    schedule: exponentialDecay(1, { gamma: 0.25, every: 2 }),
    rates: [1, 0.5, 0.25, 0.125],
    source: "by hand",
  },
  {
    name: "exponentialDecay in stairs",
    schedule: exponentialDecay(1, { gamma: 0.25, every: 2, staircase: true }),
    rates: [1, 1, 0.25, 0.25, 0.0625],
    source: "Optax's exponential_decay(1, 2, 0.25, staircase=True), by its formula",
  },
  {
    name: "polynomialDecay to an end",
    schedule: polynomialDecay(1, { steps: 2, power: 2, end: 0.2 }),
    rates: [1, 0.4, 0.2, 0.2],
    source: "Keras's PolynomialDecay(1, 2, 0.2, power=2), by its formula",
  },
  {
    name: "multiStepDecay without milestones",
    schedule: multiStepDecay(1, { milestones: [] }),
    rates: [1, 1, 1],
    source: "by definition",
  },
  {
    name: "piecewiseConstant",
    schedule: piecewiseConstant([3, 1, 2], { at: [1, 3] }),
    rates: [3, 1, 1, 2, 2],
    source: "by definition",
  },
  {
    name: "cosineDecay of 4 steps",
    schedule: cosineDecay(1, { steps: 4, end: 0.1 }),
    rates: [1, 0.868198051533946, 0.55, 0.231801948466054, 0.1, 0.1, 0.1],
    source: "PyTorch 2.13, CosineAnnealingLR(T_max=4, eta_min=0.1) up to step 4; the end from there on",
  },
  { name: "cosineDecay of 1 step", schedule: cosineDecay(1, { steps: 1 }), rates: [1, 0, 0], source: "by hand" },
  {
    name: "cosineRestarts with periods of 2, 3 and 4.5 steps",
    schedule: cosineRestarts(1, { period: 2, periodMultiplier: 1.5 }),
    rates: [1, 0.5, 1, 0.75, 0.25, 1, 0.883022221559489],
    source: "Keras's CosineDecayRestarts(1, 2, t_mul=1.5), by its formula: (1 + cos(pi / 4.5)) / 2 at the last",
  },
  {
    name: "inverseTimeDecay",
    schedule: inverseTimeDecay(1, { rate: 0.5 }),
    rates: [1, 1 / 1.5, 0.5, 0.4],
    source: "Keras's InverseTimeDecay(1, 1, 0.5), by its formula",
  },
  {
    name: "inverseTimeDecay in stairs",
    schedule: perEpoch(inverseTimeDecay(1, { rate: 1 }), { stepsPerEpoch: 2 }),
    rates: [1, 1, 0.5, 0.5, 1 / 3],
    source: "Keras's InverseTimeDecay(1, 2, 1, staircase=True), by its formula",
  },
  {
    name: "inverseSqrt after its warm-up",
    schedule: warmup(inverseSqrt(2, { timescale: 4 }), { steps: 4 }),
    rates: [0, 0.5, 1, 1.5, 2, 2 * Math.sqrt(4 / 5), 2 * Math.sqrt(4 / 6)],
    source: "transformers' get_inverse_sqrt_schedule(4), by its formula",
  },
  {
    name: "oneCycle of 10 steps",
    schedule: oneCycle(1, { steps: 10 }),
    rates: [0.04, 0.52, 1],
    source: "PyTorch 2.13, OneCycleLR(1, 10)",
  },
  {
    name: "oneCycle, the last rate holds",
    schedule: oneCycle(1, { steps: 2, warmupFraction: 0, divideBy: 2, finalDivideBy: 5 }),
    rates: [1, 0.1, 0.1, 0.1],
    source: "by hand; PyTorch throws from step 2 on",
  },
  { name: "oneCycle of 1 step", schedule: oneCycle(5, { steps: 1 }), rates: [2e-5, 2e-5], source: "PyTorch 1.13" },
  {
    name: "cyclic with gamma in all modes",
    schedule: cyclic(0, { high: 1, up: 1, mode: "triangular2", gamma: 0.5 }),
    rates: [0, 0.5, 0, 0.5 * 0.125, 0, 0.25 * 0.03125],
    source: "by hand",
  },
  {
    name: "warmupStableDecay without warm-up and rest",
    schedule: warmupStableDecay(1, { warmupSteps: 0, stableSteps: 0, decaySteps: 4, shape: "linear", end: 0.2 }),
    rates: [1, 0.8, 0.6, 0.4, 0.2, 0.2],
    source: "by hand",
  },
  {
    name: "warmupStableDecay from and to",
    schedule: warmupStableDecay(1, { warmupSteps: 2, stableSteps: 1, decaySteps: 4, from: 0.5, end: 0.5 }),
    rates: [0.5, 0.75, 1, 1, 0.75, 1 - Math.SQRT1_2 / 2, 1 - Math.sqrt(3) / 4, 0.5, 0.5],
    source: "by hand",
  },
  { name: "warmup of 0 steps", schedule: warmup(constant(2), { steps: 0 }), rates: [2, 2], source: "by definition" },
  {
    name: "join of one",
    schedule: join([linear(1, { steps: 2 })], { at: [] }),
    rates: [1, 0.5, 0, 0],
    source: "by definition",
  },
  {
    name: "join of joins",
    schedule: join([join([constant(1), constant(2)], { at: [1] }), linear(4, { steps: 2 })], { at: [3] }),
    rates: [1, 2, 2, 4, 2, 0, 0],
    source: "by definition",
  },
  { name: "product of one", schedule: product([constant(2)]), rates: [2, 2], source: "by definition" },
  { name: "reduceOnPlateau, not told anything", schedule: reduceOnPlateau(0.1), rates: [0.1, 0.1], source: "" },
  {
    name: "oneCycleMomentum, the last one holds",
    schedule: oneCycleMomentum({ steps: 3, warmupFraction: 2 / 3 }),
    rates: [0.95, 0.85, 0.95, 0.95],
    source: "by hand",
  },
  { name: "cyclicMomentum", schedule: cyclicMomentum({ up: 1 }), rates: [0.9, 0.8, 0.9, 0.8], source: "by hand" },
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
  test("refuses what is no step", () => {
    expect(() => schedule("1" as unknown as number)).toThrow(TypeError);
  });
});

test("a warm-up and a cosine: the first rate is the first, the peak is met and never exceeded, the end holds", () => {
  const lr = warmup(cosineDecay(3e-4, { steps: 90, end: 1e-6 }), { steps: 10, from: 1e-5 });
  const { values } = preview(lr, 120);
  expect(values[0]).toBe(1e-5);
  expect(values[10]).toBe(3e-4);
  expect(Math.max(...values)).toBe(3e-4);
  expect(values.slice(100)).toEqual(Array(20).fill(1e-6));
});

test("one cycle with its momentum: what is high when the other is low", () => {
  const [lr, momentum] = [oneCycle(0.1, { steps: 100 }), oneCycleMomentum({ steps: 100 })];
  expect([lr(0), lr(29), lr(99)]).toEqual([0.004, 0.1, 4e-7].map((rate) => expect.closeTo(rate, 15)));
  expect([momentum(0), momentum(29), momentum(99)]).toEqual([0.95, 0.85, 0.95]);
});

test("schedules of epochs differ between epochs only", () => {
  const seen: number[] = [];
  const lr = perEpoch(
    (epoch) => {
      seen.push(epoch);
      return epoch;
    },
    { stepsPerEpoch: 3 },
  );
  expect([0, 1, 2, 3, 5, 6].map(lr)).toEqual([0, 0, 0, 1, 1, 2]);
  expect(seen).toEqual([0, 0, 0, 1, 1, 2]);
});

describe("preview", () => {
  test("its values are the rates that are used", () => {
    const lr = oneCycle(1, { steps: 300 });
    expect(preview(lr, 310).values).toEqual(Array.from({ length: 310 }, (_, step) => lr(step)));
  });
  test.each<[string, Schedule, number, string]>([
    ["a ramp", linear(0, { steps: 7, end: 7 }), 8, "▁▂▃▄▅▆▇█"],
    ["up and down", cyclic(0, { high: 1, up: 7 }), 15, "▁▂▃▄▅▆▇█▇▆▅▄▃▂▁"],
    ["the same everywhere", constant(0.1), 3, "███"],
    ["nothing", constant(0), 3, "▁▁▁"],
    ["1 step", constant(1), 1, "█"],
    ["more steps than characters", linear(0, { steps: 79, end: 1 }), 80, "▁▁▁▂▂▂▂▂▃▃▃▃▃▃▄▄▄▄▄▄▅▅▅▅▅▆▆▆▆▆▆▇▇▇▇▇▇███"],
  ])("%s", (_title, schedule, steps, sparkline) => {
    expect(preview(schedule, steps).sparkline).toBe(sparkline);
  });
  test("a million steps", () => {
    const { values, sparkline } = preview(stepDecay(1, { every: 500_000 }), 1_000_000);
    expect([values.length, sparkline]).toEqual([1_000_000, "█".repeat(20) + "▂".repeat(20)]);
  });
});

describe("applyTo", () => {
  test("any object that has an lr", () => {
    class Foreign {
      #rate = 1;
      get lr() {
        return this.#rate;
      }
      set lr(rate) {
        this.#rate = rate;
      }
    }
    const optimizer = new Foreign();
    const next = applyTo(optimizer, linear(0.4, { steps: 4 }));
    expect(optimizer.lr).toBe(0.4);
    expect([next(), optimizer.lr]).toEqual([expect.closeTo(0.3, 15), expect.closeTo(0.3, 15)]);
    for (let i = 0; i < 5; i++) next();
    expect(optimizer.lr).toBe(0);
  });
  test("another property", () => {
    const optimizer = { lr: 0.1, learningRate: 1 };
    applyTo(optimizer, constant(0.5), "learningRate");
    expect(optimizer).toEqual({ lr: 0.1, learningRate: 0.5 });
  });
  test("an error of the schedule leaves the object as it is", () => {
    const optimizer = { lr: 0.1 };
    const next = applyTo(optimizer, exponentialDecay(1, { gamma: 1e200 }));
    next();
    expect(next).toThrow('exponentialDecay: "rate at step 2" expected a finite number >= 0, got Infinity');
    expect(optimizer.lr).toBe(1e200);
  });
});
