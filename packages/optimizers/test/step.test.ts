import type { Optimizer } from "@downhill/optimizers";
import { Adam, SGD } from "@downhill/optimizers";
import type { Parameter } from "@downhill/tensor";
import { memory, parameter, profile, tensor, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { rows } from "./rows.js";

const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
beforeEach(() => warn.mockClear());
afterAll(() => {
  warn.mockRestore();
  useEngine("cpu");
});

describe.each(engines)("a step on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test.each(rows)("$name: one launch, no new plan after the second step, flat memory", async ({ make, matrices }) => {
    const weight = parameter([[1, -2, 3]]);
    const bias = parameter(matrices ? [[0.5]] : [0.5]);
    const optimizer = make([weight, bias]);
    const inputs = tensor([[1], [2]]);
    const step = async () => {
      optimizer.zeroGrad();
      inputs.matmul(weight).add(bias).square().mean().backward();
      await optimizer.step();
    };
    await step();
    await step();
    const { plans, launches } = profile();
    // The engine keeps uploads of earlier tests for a few runs.
    for (let i = 2; i < 20; i++) await step();
    const before = memory();
    for (let i = 20; i < 50; i++) await step();
    expect(profile().plans).toBe(plans);
    expect(profile().launches).toBe(launches + 48);
    expect(memory()).toEqual(before);
    expect(optimizer.steps).toBe(50);
    expect((await weight.data()).every(Number.isFinite)).toBe(true);
  });

  test("Adam comes down Rosenbrock's valley, from 162.5", async () => {
    const w = parameter([-1.5, 1]);
    const optimizer = new Adam([w], { lr: 0.1 });
    const loss = () => {
      const [x, y] = [w.slice([0], [1]), w.slice([1], [2])];
      return x.sub(1).square().add(y.sub(x.square()).square().mul(100)).sum();
    };
    for (let i = 0; i < 1000; i++) {
      optimizer.zeroGrad();
      loss().backward();
      await optimizer.step();
    }
    expect(await loss().item()).toBeLessThan(0.05);
  });

  test("groups: each has its own rate and options; what it leaves out is the optimizer's", async () => {
    const [a, b, c] = [parameter([1]), parameter([1]), parameter([1])];
    const groups = [
      { parameters: [a], lr: 0.5 },
      { parameters: [b], lr: (step: number) => 0.25 / (step + 1), weightDecay: 0 },
      { parameters: [c] },
    ];
    const optimizer = new SGD(groups, { lr: 0.1, weightDecay: 1 });
    expect(optimizer.lr).toBe(0.5);
    for (let i = 0; i < 2; i++) {
      optimizer.zeroGrad();
      a.add(b).add(c).sum().backward();
      await optimizer.step();
    }
    // The gradient is 1 and the decay adds the parameter: 1 - 0.5 (1 + 1) = 0, then - 0.5 (1 + 0).
    expect(await a.array()).toEqual([-0.5]);
    expect(await b.array()).toEqual([expect.closeTo(0.625, 6)]);
    expect(await c.array()).toEqual([expect.closeTo(0.62, 6)]);
  });

  test("the schedule is read at the number of the step, from 0 on", async () => {
    const seen: number[] = [];
    const weight = parameter([1]);
    const optimizer = new SGD([weight], {
      lr(step) {
        seen.push(step);
        return 0.1 * (step + 1);
      },
    });
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      weight.sum().backward();
      await optimizer.step();
    }
    expect(seen).toEqual([0, 1, 2]);
    expect(optimizer.lr).toBeCloseTo(0.4);
    expect(await weight.item()).toBeCloseTo(1 - 0.6, 6);
  });

  test("a parameter without a gradient is left alone and named once", async () => {
    const [used, lazy, idle] = ["used", "lazy", "idle"].map((name) => parameter([1], { name })) as [
      Parameter,
      Parameter,
      Parameter,
    ];
    const optimizer = new Adam([used, lazy, idle], { lr: 0.1 });
    const values: number[] = [];
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      (i === 0 ? used : used.add(lazy)).square().sum().backward();
      await optimizer.step();
      values.push(await lazy.item());
    }
    expect(warn.mock.calls).toEqual([
      [
        'Adam: no gradient reached "lazy", "idle", so the first step left them unchanged; does the loss depend on them?',
      ],
    ]);
    expect(await idle.item()).toBe(1);
    // Bias correction counts the updates of each parameter, as in PyTorch: a first update moves by the rate.
    expect(values.slice(0, 2)).toEqual([1, expect.closeTo(0.9, 6)]);
  });

  test("is taken at the call: what is not awaited is right, too", async () => {
    const [weight, twin] = [parameter([1, 2]), parameter([1, 2])];
    const [optimizer, other] = [
      new SGD([weight], { lr: 0.1, momentum: 0.9 }),
      new SGD([twin], { lr: 0.1, momentum: 0.9 }),
    ];
    const steps: Promise<void>[] = [];
    for (let i = 0; i < 5; i++) {
      optimizer.zeroGrad();
      weight.square().sum().backward();
      steps.push(optimizer.step());
      expect(optimizer.steps).toBe(i + 1);
      other.zeroGrad();
      twin.square().sum().backward();
      await other.step();
    }
    await Promise.all(steps);
    expect(await weight.array()).toEqual(await twin.array());
  });

  test("a refused step changes nothing", async () => {
    const weight = parameter([1]);
    const optimizer = new SGD([weight], { lr: (step) => (step === 1 && broken ? Number.NaN : 0.1), momentum: 0.9 });
    let broken = true;
    const backward = () => {
      optimizer.zeroGrad();
      weight.square().sum().backward();
    };
    backward();
    await optimizer.step();
    const value = await weight.item();
    backward();
    await expect(optimizer.step()).rejects.toThrow(
      new RangeError('SGD: "lr" expected a schedule that gives finite numbers of at least 0, got NaN at step 1'),
    );
    expect(optimizer.steps).toBe(1);
    expect(await weight.item()).toBe(value);
    broken = false;
    await optimizer.step();
    // velocity 2, then 0.9 · 2 + 2 · 0.8
    expect(await weight.item()).toBeCloseTo(0.8 - 0.1 * 3.4, 6);
  });

  test("10,000 steps that are refused leave no memory behind", async () => {
    const weight = parameter([1, 2]);
    const optimizer = new Adam([weight], { lr: () => -1 });
    weight.square().sum().backward();
    await optimizer.step().catch(() => {});
    const before = memory();
    for (let i = 0; i < 10_000; i++) await optimizer.step().catch(() => {});
    expect(memory()).toEqual(before);
  });
});

test.each(rows)("$name keeps $bytes bytes for each element", async ({ make, bytes }) => {
  useEngine("cpu");
  const side = 256;
  const [first, second] = [0, 1].map(() => parameter(new Float32Array(side * side).fill(0.5), { shape: [side, side] }));
  const train = async (weight: Parameter): Promise<Optimizer> => {
    const optimizer = make([weight]);
    for (let i = 0; i < 3; i++) await optimizer.minimize(() => weight.square().sum());
    return optimizer;
  };
  // The first one brings the working memory, which all share.
  const kept = [await train(first as Parameter)];
  const before = memory().bytes;
  kept.push(await train(second as Parameter));
  // Every parameter that is trained has two versions.
  const each = (memory().bytes - before) / side ** 2 - 4;
  expect(each).toBeGreaterThanOrEqual(bytes);
  expect(each).toBeLessThan(bytes + 0.1);
  expect(kept.map(({ steps }) => steps)).toEqual([3, 3]);
});
