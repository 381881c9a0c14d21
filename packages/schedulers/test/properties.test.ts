// What holds for every schedule, whatever its options.
import type { Schedule } from "@downhill/schedulers";
import {
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
  product,
  reduceOnPlateau,
  stepDecay,
  warmup,
  warmupStableDecay,
} from "@downhill/schedulers";
import fc from "fast-check";
import { expect, test } from "vitest";

/** A schedule, its highest and lowest rate, the step from which on it stays, and whether it only falls. */
interface Case {
  readonly make: string;
  readonly schedule: Schedule;
  readonly peak: number;
  readonly least?: number;
  readonly ends?: number;
  readonly falls?: boolean;
}

const rate = fc.double({ min: 0, max: 10, noNaN: true });
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const gamma = fc.double({ min: 1e-3, max: 1, noNaN: true });
const count = fc.integer({ min: 1, max: 400 });
const some = fc.integer({ min: 0, max: 200 });
const milestones = fc.uniqueArray(count, { maxLength: 5 }).map((steps) => steps.sort((a, b) => a - b));
const shape = fc.constantFrom("1-sqrt" as const, "linear" as const, "cosine" as const);
const mode = fc.constantFrom("triangular" as const, "triangular2" as const, "expRange" as const);

const simple: fc.Arbitrary<Case> = fc.oneof(
  rate.map((peak) => ({ make: "constant", schedule: constant(peak), peak, least: peak, ends: 0, falls: true })),
  fc.tuple(rate, rate, count).map(([lr, end, steps]) => ({
    make: `linear(${lr}, { steps: ${steps}, end: ${end} })`,
    schedule: linear(lr, { steps, end }),
    peak: Math.max(lr, end),
    least: Math.min(lr, end),
    ends: steps,
    falls: end <= lr,
  })),
  fc.tuple(rate, unit, count, fc.double({ min: 0.1, max: 8, noNaN: true })).map(([peak, part, steps, power]) => ({
    make: `polynomialDecay(${peak}, { steps: ${steps}, power: ${power}, end: ${part * peak} })`,
    schedule: polynomialDecay(peak, { steps, power, end: part * peak }),
    peak,
    least: part * peak,
    ends: steps,
    falls: true,
  })),
  fc.tuple(rate, gamma, count, fc.boolean()).map(([peak, gamma, every, staircase]) => ({
    make: `exponentialDecay(${peak}, { gamma: ${gamma}, every: ${every}, staircase: ${staircase} })`,
    schedule: exponentialDecay(peak, { gamma, every, staircase }),
    peak,
    falls: true,
  })),
  fc.tuple(rate, gamma, count).map(([peak, gamma, every]) => ({
    make: `stepDecay(${peak}, { gamma: ${gamma}, every: ${every} })`,
    schedule: stepDecay(peak, { gamma, every }),
    peak,
    falls: true,
  })),
  fc.tuple(rate, gamma, milestones).map(([peak, gamma, milestones]) => ({
    make: `multiStepDecay(${peak}, { gamma: ${gamma}, milestones: [${milestones}] })`,
    schedule: multiStepDecay(peak, { gamma, milestones }),
    peak,
    ends: milestones.at(-1) ?? 0,
    falls: true,
  })),
  fc.tuple(milestones, fc.array(rate, { minLength: 6, maxLength: 6 })).map(([at, all]) => {
    const rates = all.slice(0, at.length + 1);
    return {
      make: `piecewiseConstant([${rates}], { at: [${at}] })`,
      schedule: piecewiseConstant(rates, { at }),
      peak: Math.max(...rates),
      least: Math.min(...rates),
      ends: at.at(-1) ?? 0,
    };
  }),
  fc.tuple(rate, unit, count).map(([peak, part, steps]) => ({
    make: `cosineDecay(${peak}, { steps: ${steps}, end: ${part * peak} })`,
    schedule: cosineDecay(peak, { steps, end: part * peak }),
    peak,
    least: part * peak,
    ends: steps,
    falls: true,
  })),
  fc.tuple(rate, unit, count, fc.double({ min: 1, max: 3, noNaN: true })).map(([peak, part, period, times]) => ({
    make: `cosineRestarts(${peak}, { period: ${period}, periodMultiplier: ${times}, end: ${part * peak} })`,
    schedule: cosineRestarts(peak, { period, periodMultiplier: times, end: part * peak }),
    peak,
    least: part * peak,
  })),
  fc.tuple(rate, unit, count, count, mode, unit).map(([peak, part, up, down, mode, gamma]) => ({
    make: `cyclic(${part * peak}, { high: ${peak}, up: ${up}, down: ${down}, mode: "${mode}", gamma: ${gamma} })`,
    schedule: cyclic(part * peak, { high: peak, up, down, mode, gamma }),
    peak,
    least: part * peak,
  })),
  fc.tuple(unit, unit, count, count, mode, unit).map(([max, part, up, down, mode, gamma]) => ({
    make: `cyclicMomentum({ base: ${part * max}, max: ${max}, up: ${up}, down: ${down}, mode: "${mode}", gamma: ${gamma} })`,
    schedule: cyclicMomentum({ base: part * max, max, up, down, mode, gamma }),
    peak: max,
    least: part * max,
  })),
  fc.tuple(rate, count, unit, fc.boolean()).map(([peak, steps, part, threePhase]) => ({
    make: `oneCycle(${peak}, { steps: ${steps}, warmupFraction: ${part / 2}, threePhase: ${threePhase} })`,
    schedule: oneCycle(peak, { steps, warmupFraction: part / 2, threePhase }),
    peak,
    least: peak / 25 / 1e4,
    ends: steps - 1,
  })),
  fc.tuple(unit, unit, count, unit).map(([max, part, steps, warmupFraction]) => ({
    make: `oneCycleMomentum({ base: ${part * max}, max: ${max}, steps: ${steps}, warmupFraction: ${warmupFraction} })`,
    schedule: oneCycleMomentum({ base: part * max, max, steps, warmupFraction }),
    peak: max,
    least: part * max,
    ends: steps - 1,
  })),
  fc.tuple(rate, rate, count).map(([peak, rate, every]) => ({
    make: `inverseTimeDecay(${peak}, { rate: ${rate}, every: ${every} })`,
    schedule: inverseTimeDecay(peak, { rate, every }),
    peak,
    falls: true,
  })),
  fc.tuple(rate, count).map(([peak, timescale]) => ({
    make: `inverseSqrt(${peak}, { timescale: ${timescale} })`,
    schedule: inverseSqrt(peak, { timescale }),
    peak,
    falls: true,
  })),
  fc
    .tuple(rate, fc.tuple(some, some, some), shape, unit, unit)
    .map(([peak, [warmupSteps, stableSteps, decaySteps], shape, from, end]) => ({
      make: `warmupStableDecay(${peak}, ${[warmupSteps, stableSteps, decaySteps, shape, from * peak, end * peak]})`,
      schedule: warmupStableDecay(peak, {
        warmupSteps,
        stableSteps,
        decaySteps,
        shape,
        from: from * peak,
        end: end * peak,
      }),
      peak,
      least: Math.min(from, end) * peak,
      ends: warmupSteps + stableSteps + decaySteps,
    })),
);

const moved = (ends: number | undefined, steps: number) => (ends === undefined ? {} : { ends: ends + steps });
const combined: fc.Arbitrary<Case> = fc.oneof(
  fc.tuple(simple, count, unit).map(([inner, steps, part]) => {
    const from = part * inner.schedule(0);
    return {
      make: `warmup(${inner.make}, { steps: ${steps}, from: ${from} })`,
      schedule: warmup(inner.schedule, { steps, from }),
      peak: inner.peak,
      ...moved(inner.ends, steps),
    };
  }),
  fc.tuple(simple, simple, count).map(([a, b, at]) => ({
    make: `join([${a.make}, ${b.make}], { at: [${at}] })`,
    schedule: join([a.schedule, b.schedule], { at: [at] }),
    peak: Math.max(a.peak, b.peak),
    least: Math.min(a.least ?? 0, b.least ?? 0),
    ...moved(b.ends, at),
  })),
  fc.tuple(simple, simple).map(([a, b]) => ({
    make: `product([${a.make}, ${b.make}])`,
    schedule: product([a.schedule, b.schedule]),
    peak: a.peak * b.peak,
    ...(a.ends === undefined || b.ends === undefined ? {} : { ends: Math.max(a.ends, b.ends) }),
    falls: (a.falls ?? false) && (b.falls ?? false),
  })),
  fc.tuple(simple, fc.integer({ min: 1, max: 20 })).map(([inner, stepsPerEpoch]) => ({
    ...inner,
    make: `perEpoch(${inner.make}, { stepsPerEpoch: ${stepsPerEpoch} })`,
    schedule: perEpoch(inner.schedule, { stepsPerEpoch }),
    ...(inner.ends === undefined ? {} : { ends: inner.ends * stepsPerEpoch }),
  })),
  fc.tuple(simple, gamma, fc.array(rate, { maxLength: 30 }), unit).map(([inner, part, metrics, least]) => {
    const schedule = reduceOnPlateau(inner.schedule, { factor: part * 0.99, patience: 1, minLr: least });
    for (const metric of metrics) schedule.observe(metric);
    return {
      make: `reduceOnPlateau(${inner.make}, { factor: ${part * 0.99}, minLr: ${least} }) after [${metrics}]`,
      schedule,
      peak: inner.peak,
      least: Math.min(inner.least ?? 0, least),
      ...moved(inner.ends, 0),
    };
  }),
);
const cases = fc.oneof({ weight: 3, arbitrary: simple }, combined);
const printed = cases.map((each) => Object.assign(each, { [fc.toStringMethod]: () => each.make }));
/** Nothing below is at stake when the last digit is off by one. */
const digit = 1 + 4 * Number.EPSILON;

test("finite, never negative, never above its peak nor below its lowest rate", () =>
  fc.assert(
    fc.property(printed, fc.array(fc.nat({ max: 1000 }), { minLength: 20 }), ({ schedule, peak, least = 0 }, steps) => {
      for (const step of [0, ...steps, 1e9]) {
        const value = schedule(step);
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(least / digit);
        expect(value).toBeLessThanOrEqual(peak * digit);
      }
    }),
  ));

test("holds after its end", () =>
  fc.assert(
    fc.property(
      printed.filter(({ ends }) => ends !== undefined),
      fc.nat({ max: 1e6 }),
      ({ schedule, ends = 0 }, more) => {
        expect(schedule(ends + more)).toBe(schedule(ends));
      },
    ),
  ));

test("falls where it promises to", () =>
  fc.assert(
    fc.property(
      printed.filter(({ falls }) => falls === true),
      ({ schedule }) => {
        for (let step = 0; step < 420; step++) expect(schedule(step + 1)).toBeLessThanOrEqual(schedule(step) * digit);
      },
    ),
  ));

test("is pure", () =>
  fc.assert(
    fc.property(printed, fc.array(fc.nat({ max: 1000 })), ({ schedule }, steps) => {
      const once = steps.map(schedule);
      expect([...steps].reverse().map(schedule).reverse()).toEqual(once);
    }),
  ));
