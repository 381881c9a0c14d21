import type { PlateauState } from "@downhill/schedulers";
import { constant, linear, preview, reduceOnPlateau, warmup } from "@downhill/schedulers";
import { describe, expect, test } from "vitest";

/** After how many equal metrics the first cut comes. */
function firstCut(options: Parameters<typeof reduceOnPlateau>[1]): number {
  const lr = reduceOnPlateau(1, options);
  let epochs = 1;
  while (!lr.observe(1).reduced) epochs++;
  return epochs;
}

describe("counting", () => {
  // The first observation is the best one; `patience` more may be no better, and the next one cuts: more than patience, as in
  // PyTorch. Keras cuts as soon as it has waited for `patience` epochs, one sooner.
  test.each([0, 1, 5, 10])("patience %i: the cut comes with observation patience + 1 after the best", (patience) => {
    expect(firstCut({ patience })).toBe(1 + patience + 1);
    const keras = (waits: number) => 1 + waits;
    if (patience > 0) expect(firstCut({ patience: patience - 1 })).toBe(keras(patience));
  });

  test("what observe says", () => {
    const lr = reduceOnPlateau(0.1, { patience: 1, cooldown: 2 });
    expect(lr.observe(3)).toEqual({ improved: true, reduced: false, best: 3, wait: 0, cooldown: 0, cuts: 0 });
    expect(lr.observe(4)).toEqual({ improved: false, reduced: false, best: 3, wait: 1, cooldown: 0, cuts: 0 });
    expect(lr.observe(3)).toEqual({ improved: false, reduced: true, best: 3, wait: 0, cooldown: 2, cuts: 1 });
    // Cooling down: nothing is counted, but a better metric is noticed.
    expect(lr.observe(4)).toEqual({ improved: false, reduced: false, best: 3, wait: 0, cooldown: 1, cuts: 1 });
    expect(lr.observe(2)).toEqual({ improved: true, reduced: false, best: 2, wait: 0, cooldown: 0, cuts: 1 });
    expect(lr.observe(2)).toMatchObject({ wait: 1, cuts: 1 });
    expect(lr.observe(2)).toMatchObject({ reduced: true, cuts: 2 });
    expect(lr(0)).toBeCloseTo(0.001, 15);
  });
});

describe("threshold", () => {
  test.each<[string, Parameters<typeof reduceOnPlateau>[1], number, number, boolean]>([
    ["lower by less than the part", { threshold: 0.1 }, 10, 9.5, false],
    ["lower by more than the part", { threshold: 0.1 }, 10, 8.9, true],
    ["higher by more than the part", { threshold: 0.1, mode: "max" }, 10, 11.1, true],
    ["higher by less than the part", { threshold: 0.1, mode: "max" }, 10, 10.9, false],
    ["lower by less than the difference", { threshold: 1, thresholdMode: "absolute" }, 10, 9.5, false],
    ["lower by more than the difference", { threshold: 1, thresholdMode: "absolute" }, 10, 8.9, true],
    ["higher, absolute", { threshold: 1, thresholdMode: "absolute", mode: "max" }, -10, -8.9, true],
    ["equal, with none", { threshold: 0 }, 10, 10, false],
    ["lower, with none", { threshold: 0 }, 10, 10 - 1e-12, true],
    ["zero is best", {}, 0, 0, false],
    ["below zero", {}, 0, -1e-9, true],
    // PyTorch takes -10 for better than -10 here: -10 < -10 * (1 - 0.1).
    ["negative and equal", { threshold: 0.1 }, -10, -10, false],
    ["negative and lower by less than the part", { threshold: 0.1 }, -10, -10.5, false],
    ["negative and lower by more than the part", { threshold: 0.1 }, -10, -11.1, true],
    ["negative and higher by less than the part", { threshold: 0.1, mode: "max" }, -10, -9.5, false],
    ["a threshold above 1", { threshold: 2 }, 10, -11, true],
  ])("%s", (_title, options, first, second, improved) => {
    const lr = reduceOnPlateau(1, options);
    expect(lr.observe(first).improved).toBe(true);
    expect(lr.observe(second).improved).toBe(improved);
  });
});

describe("the rate", () => {
  test("no cut goes below minLr, and one by eps or less is left out", () => {
    const lr = reduceOnPlateau(1, { patience: 0, minLr: 0.03 });
    const rates = [0, 1, 2, 3, 4].map((step) => {
      lr.observe(1);
      return lr(step);
    });
    expect(rates).toEqual([1, 0.1, 0.03, 0.03, 0.03].map((rate) => expect.closeTo(rate, 14)));
    const careful = reduceOnPlateau(1, { patience: 0, factor: 0.5, eps: 0.2 });
    for (let i = 0; i < 9; i++) careful.observe(1);
    // 0.25 to 0.125 would be less than 0.2.
    expect(careful(0)).toBe(0.25);
  });

  test("a schedule inside keeps its form: warm-up from 0, under minLr without being raised", () => {
    const base = warmup(constant(0.1), { steps: 10 });
    const lr = reduceOnPlateau(base, { patience: 0, factor: 0.5, minLr: 0.03 });
    expect(preview(lr, 30).values).toEqual(preview(base, 30).values);
    lr.observe(1);
    lr.observe(1);
    expect([0, 1, 5, 8, 10, 1000].map(lr)).toEqual([0, 0.01, 0.03, 0.04, 0.05, 0.05].map((r) => expect.closeTo(r, 14)));
    lr.observe(1);
    expect(lr(1000)).toBeCloseTo(0.03, 15);
  });

  test("reading changes nothing", () => {
    const lr = reduceOnPlateau(linear(1, { steps: 100 }), { patience: 2 });
    lr.observe(1);
    const before = lr.stateDict();
    preview(lr, 200);
    expect(lr.stateDict()).toEqual(before);
    expect([lr(7), lr(3), lr(7)]).toEqual([0.93, 0.97, 0.93].map((rate) => expect.closeTo(rate, 14)));
  });
});

describe("state", () => {
  const metrics = [5, 4, 4, 4.5, 4, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2];
  const make = () => reduceOnPlateau(0.1, { patience: 1, factor: 0.5, cooldown: 1 });

  test.each([0, 1, 4, 9])("saved after %i observations and loaded from JSON, it goes on the same", (count) => {
    const [whole, first, second] = [make(), make(), make()];
    for (const metric of metrics.slice(0, count)) {
      whole.observe(metric);
      first.observe(metric);
    }
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
    for (const metric of metrics.slice(count)) {
      expect(second.observe(metric)).toEqual(whole.observe(metric));
      expect(second(0)).toBe(whole(0));
    }
  });

  test("a saved state stays as it is, and so does a loaded one", () => {
    const lr = make();
    lr.observe(1);
    const saved = lr.stateDict();
    const copy = { ...saved };
    const other = make();
    other.loadStateDict(saved);
    for (const each of [lr, other]) for (let i = 0; i < 5; i++) each.observe(1);
    expect(saved).toEqual(copy);
  });

  const fn = "reduceOnPlateau.loadStateDict";
  test.each<[string, unknown, ErrorConstructor, string]>([
    ["nothing", undefined, TypeError, `${fn}: "wait" expected an integer >= 0, got undefined`],
    ["null", null, TypeError, `${fn}: "wait" expected an integer >= 0, got undefined`],
    ["a foreign field", { num_bad_epochs: 1 }, TypeError, `${fn}: "options" expected best, wait, cooldown, cuts, got`],
    ["half a cut", { wait: 0, cooldown: 0, cuts: 0.5 }, RangeError, `${fn}: "cuts" expected an integer >= 0, got 0.5`],
    ["NaN", { best: Number.NaN, wait: 0, cooldown: 0, cuts: 0 }, RangeError, `${fn}: "best" expected a finite number`],
    ["a string", { best: "1", wait: 0, cooldown: 0, cuts: 0 }, TypeError, `${fn}: "best" expected a finite number`],
  ])("refuses %s, and keeps its own", (_title, state, type, message) => {
    const lr = make();
    lr.observe(2);
    const before = lr.stateDict();
    expect(() => lr.loadStateDict(state as PlateauState)).toThrow(type);
    expect(() => lr.loadStateDict(state as PlateauState)).toThrow(message);
    expect(lr.stateDict()).toEqual(before);
  });
});

describe("refuses as a metric", () => {
  test.each<[unknown, ErrorConstructor, string]>([
    [Number.NaN, RangeError, "NaN"],
    [Number.POSITIVE_INFINITY, RangeError, "Infinity"],
    [undefined, TypeError, "undefined"],
    [null, TypeError, "null"],
    ["0.5", TypeError, "string"],
    [{ loss: 1 }, TypeError, "object"],
  ])("%s", (metric, type, got) => {
    const lr = reduceOnPlateau(0.1);
    lr.observe(1);
    const before = lr.stateDict();
    expect(() => lr.observe(metric as number)).toThrow(type);
    expect(() => lr.observe(metric as number)).toThrow(
      `reduceOnPlateau.observe: "metric" expected a finite number, got ${got}`,
    );
    expect(lr.stateDict()).toEqual(before);
  });
});
