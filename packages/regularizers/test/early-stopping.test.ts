import type { EarlyStoppingOptions } from "@downhill/regularizers";
import { EarlyStopping } from "@downhill/regularizers";
import type { Layer } from "@downhill/tensor";
import { memory, parameter, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

interface Row {
  name: string;
  options: EarlyStoppingOptions;
  values: number[];
  /** Epoch in which it stops, from 1; 0: never. */
  stops: number;
  best: number;
  bestEpoch: number;
  improved: boolean[];
}

const [yes, no] = [true, false];
const rows: Row[] = [
  {
    name: "patience 1",
    options: { patience: 1 },
    values: [3, 2, 2.5, 1],
    stops: 3,
    best: 2,
    bestEpoch: 2,
    improved: [yes, yes, no],
  },
  {
    name: "patience 2 waits for two in a row",
    options: { patience: 2 },
    values: [3, 4, 2, 3, 2.5, 1],
    stops: 5,
    best: 2,
    bestEpoch: 3,
    improved: [yes, no, yes, no, no],
  },
  {
    name: "patience 3 is the default",
    options: {},
    values: [1, 2, 2, 2, 2],
    stops: 4,
    best: 1,
    bestEpoch: 1,
    improved: [yes, no, no, no],
  },
  {
    name: "getting better all the time",
    options: { patience: 1 },
    values: [3, 2, 1],
    stops: 0,
    best: 1,
    bestEpoch: 3,
    improved: [yes, yes, yes],
  },
  {
    name: "equal is not better",
    options: { patience: 2 },
    values: [1, 1, 1],
    stops: 3,
    best: 1,
    bestEpoch: 1,
    improved: [yes, no, no],
  },
  {
    name: "mode max",
    options: { metric: "accuracy", mode: "max", patience: 2 },
    values: [0.5, 0.7, 0.6, 0.7],
    stops: 4,
    best: 0.7,
    bestEpoch: 2,
    improved: [yes, yes, no, no],
  },
  {
    name: "mode min for any metric",
    options: { metric: "perplexity", mode: "min", patience: 1 },
    values: [9, 8, 8.5],
    stops: 3,
    best: 8,
    bestEpoch: 2,
    improved: [yes, yes, no],
  },
  {
    name: "mode max for a loss, if one insists",
    options: { mode: "max", patience: 1 },
    values: [1, 2, 1],
    stops: 3,
    best: 2,
    bestEpoch: 2,
    improved: [yes, yes, no],
  },
  {
    name: "minDelta: small steps do not count",
    options: { minDelta: 0.5, patience: 2 },
    values: [4, 3.75, 3.5, 3],
    stops: 3,
    best: 4,
    bestEpoch: 1,
    improved: [yes, no, no],
  },
  {
    name: "minDelta: measured from the best, not the last",
    options: { minDelta: 0.5, patience: 3 },
    values: [4, 3.75, 3.25],
    stops: 0,
    best: 3.25,
    bestEpoch: 3,
    improved: [yes, no, yes],
  },
  {
    name: "infinity first",
    options: { patience: 2 },
    values: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 5],
    stops: 0,
    best: 5,
    bestEpoch: 3,
    improved: [yes, no, yes],
  },
];

test.each(rows)("$name", ({ options, values, stops, best, bestEpoch, improved }) => {
  const stopping = new EarlyStopping(options);
  const seen: boolean[] = [];
  let stopped = 0;
  for (const [i, value] of values.entries()) {
    const result = stopping.observe(value);
    seen.push(result.improved);
    expect(result).toEqual({
      improved: result.improved,
      stop: result.stop,
      best: stopping.best,
      bestEpoch: stopping.bestEpoch,
      wait: i + 1 - stopping.bestEpoch,
    });
    if (!result.stop) continue;
    stopped = i + 1;
    break;
  }
  expect({ stopped, best: stopping.best, bestEpoch: stopping.bestEpoch, seen }).toEqual({
    stopped: stops,
    best,
    bestEpoch,
    seen: improved,
  });
});

test.each(["loss", "validationLoss", "validation_loss", "error", "squaredError"])("mode of %s is min", (metric) => {
  expect(() => new EarlyStopping({ metric })).not.toThrow();
});

afterAll(() => useEngine("cpu"));

describe.each(engines)("best weights on %s", (engine) => {
  beforeEach(() => useEngine(engine));
  const make = () => {
    const [weight, bias] = [parameter([[0, 0]]), parameter([0])];
    const model: Layer = { forward: (x) => x, parameters: () => [weight, bias] };
    const set = (value: number) => {
      weight.assign([[value, -value]]);
      bias.assign([value]);
    };
    const get = async () => [await weight.array(), await bias.array()];
    return { weight, bias, model, set, get };
  };

  test("in fit: put back at the end; copied, not aliased", async () => {
    const { model, set, get } = make();
    const stopping = new EarlyStopping({ patience: 2 });
    stopping.onTrainBegin();
    const stops = [3, 1, 2, 4].map((validationLoss, i) => {
      set(i + 1);
      return stopping.onEpochEnd({ model, metrics: { loss: 0, validationLoss } });
    });
    expect(stops).toEqual([false, false, false, true]);
    expect(await get()).toEqual([[[4, -4]], [4]]);
    await stopping.onTrainEnd();
    expect(await get()).toEqual([[[2, -2]], [2]]);
    // What is put back is a copy as well: it can be put back again.
    set(9);
    await stopping.restore();
    expect(await get()).toEqual([[[2, -2]], [2]]);
  });

  test("in fit: a training that ends before its first epoch leaves the weights alone", async () => {
    const { set, get } = make();
    const stopping = new EarlyStopping();
    stopping.onTrainBegin();
    set(5);
    await stopping.onTrainEnd();
    expect(await get()).toEqual([[[5, -5]], [5]]);
  });

  test("in fit: a second training starts afresh", async () => {
    const { model, set, get } = make();
    const stopping = new EarlyStopping({ metric: "loss", patience: 1 });
    for (const loss of [1, 10]) {
      stopping.onTrainBegin();
      set(loss);
      expect(stopping.onEpochEnd({ model, metrics: { loss } })).toBe(false);
      set(-1);
      await stopping.onTrainEnd();
      expect(await get()).toEqual([[[loss, -loss]], [loss]]);
      expect([stopping.best, stopping.bestEpoch]).toEqual([loss, 1]);
    }
  });

  test("in fit: restoreBest false keeps nothing, and asks the model for nothing", async () => {
    const { set, get } = make();
    const stopping = new EarlyStopping({ restoreBest: false });
    set(1);
    stopping.onEpochEnd({ model: { forward: (x) => x }, metrics: { validationLoss: 1 } });
    set(2);
    await stopping.onTrainEnd();
    expect(await get()).toEqual([[[2, -2]], [2]]);
  });

  test("parameters given to observe()", async () => {
    const { weight, bias, set, get } = make();
    const stopping = new EarlyStopping();
    set(1);
    stopping.observe(1, [weight]);
    set(2);
    stopping.observe(2, [weight]);
    await stopping.restore();
    expect(await get()).toEqual([[[1, -1]], [2]]);
    expect(await bias.item()).toBe(2);
  });

  test("the memory of the copies is used again", () => {
    const { weight, bias, set } = make();
    const stopping = new EarlyStopping({ parameters: [weight, bias] });
    let loss = 1000;
    const epoch = () => {
      set(loss);
      stopping.observe(--loss);
    };
    for (let i = 0; i < 20; i++) epoch();
    const before = memory();
    for (let i = 0; i < 100; i++) epoch();
    expect(memory()).toEqual(before);
  });
});
