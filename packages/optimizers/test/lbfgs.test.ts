import type { LBFGSOptions, OptimizerState } from "@downhill/optimizers";
import { joinState, LBFGS, NonFiniteError, splitState } from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { memory, parameter, profile, tensor, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import golden from "./golden/lbfgs.json" with { type: "json" };

const times = Float32Array.from({ length: 16 }, (_, i) => i / 4);
const targets = times.map((t) => Math.round(64 * (2 * Math.exp(-1.5 * t) + 0.5 + 0.1 * Math.sin(5 * t))) / 64);

/** As in tools/golden/lbfgs.py. */
const problems: Record<string, (w: Parameter) => Tensor> = {
  bowl: (w) => w.square().mul([1, 4, 9, 16]).sum().mul(0.5),
  rosenbrock(w) {
    const [x, y] = [w.slice([0], [1]), w.slice([1], [2])];
    return x.sub(1).square().add(y.sub(x.square()).square().mul(100)).sum();
  },
  fit(w) {
    const [a, b, c] = [w.slice([0], [1]), w.slice([1], [2]), w.slice([2], [3])];
    return a
      .mul(b.neg().mul(tensor(times)).exp())
      .add(c)
      .sub(tensor(targets))
      .square()
      .mean();
  },
};

afterAll(() => useEngine("cpu"));

describe.each(engines)("LBFGS on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test.each(golden.rows)(
    `$problem $options: ${golden.source}`,
    async ({ problem, options, start, steps, losses, calls }) => {
      const w = parameter(start);
      const optimizer = new LBFGS([w], options as LBFGSOptions);
      let called = 0;
      const loss = () => {
        called++;
        return (problems[problem] as (w: Parameter) => Tensor)(w);
      };
      for (const [i, wanted] of steps.entries()) {
        const first = await (await optimizer.minimize(loss)).item();
        const scale = Math.max(...wanted.map(Math.abs), ...start.map(Math.abs));
        (await w.data()).forEach((value, j) => {
          expect(Math.abs(value - (wanted[j] as number)) / scale, `step ${i + 1}, weight ${j}`).toBeLessThanOrEqual(
            1e-5,
          );
        });
        expect(Math.abs(first - (losses[i] as number)) / Math.max(1, losses[i] as number)).toBeLessThanOrEqual(1e-5);
        expect(called).toBe(calls[i]);
      }
      expect(optimizer.steps).toBe(steps.length);
    },
  );

  test("a state goes on bit for bit, also through files", async () => {
    const make = (start: Parameter[]) =>
      new LBFGS(start, { lineSearchFn: "strongWolfe", maxIter: 3, historySize: 4, lr: (step) => 1 / (1 + step) });
    const weights = () => [parameter([-1.5, 1], { name: "w" })];
    const [a, b] = [weights(), weights()];
    const train = async (of: Parameter[], optimizer: LBFGS) => {
      for (let i = 0; i < 4; i++)
        await optimizer.minimize(() => (problems.rosenbrock as (w: Parameter) => Tensor)(of[0] as Parameter));
    };
    const first = make(a);
    await train(a, first);
    const { tensors, json } = splitState(await first.stateDict());
    b[0]?.assign(tensor(await (a[0] as Parameter).data()));
    // The reference engine holds doubles, which a file does not.
    a[0]?.assign(tensor(await (a[0] as Parameter).data()));
    const second = make(b);
    second.loadStateDict(await joinState(tensors, json));
    expect(second.steps).toBe(4);
    await Promise.all([train(a, first), train(b, second)]);
    expect(await b[0]?.data()).toEqual(await a[0]?.data());
    expect(await second.stateDict()).toEqual(await first.stateDict());
  });

  test("makes no new plan after the first step, takes no memory of the engine", async () => {
    const w = parameter([-1.5, 1]);
    const optimizer = new LBFGS([w], { lineSearchFn: "strongWolfe", maxIter: 2 });
    const loss = () => (problems.rosenbrock as (w: Parameter) => Tensor)(w);
    for (let i = 0; i < 12; i++) await optimizer.minimize(loss);
    const [{ plans }, before] = [profile(), memory()];
    for (let i = 0; i < 6; i++) await optimizer.minimize(loss);
    expect(profile().plans).toBe(plans);
    expect(memory()).toEqual(before);
  });

  test("a loss that is not finite leaves everything as it was", async () => {
    const w = parameter([3], { name: "w" });
    const optimizer = new LBFGS([w], { maxIter: 5 });
    await optimizer.minimize(() => w.square().sum());
    const [before, value] = [await optimizer.stateDict(), await w.item()];
    const error = await optimizer
      .minimize(() =>
        w
          .sub(1)
          .add(value * -1)
          .log()
          .sum(),
      )
      .catch((each) => each);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ parameter: null, step: 1, lr: 1 });
    expect(await w.item()).toBe(value);
    expect(await optimizer.stateDict()).toEqual(before);
    await expect(optimizer.minimize(() => w.sub(value).sqrt().sum())).rejects.toMatchObject({ parameter: "w" });
    expect(await w.item()).toBe(value);
  });

  test("the line search comes back from where the loss is not finite", async () => {
    const w = parameter([0.1]);
    const optimizer = new LBFGS([w], { lineSearchFn: "strongWolfe", lr: 50 });
    // Minimum at 1; NaN below 0.
    for (let i = 0; i < 3; i++) await optimizer.minimize(() => w.sub(w.log()).sum());
    expect(await w.item()).toBeCloseTo(1, 3);
  });

  test("several parameters, one of them without a gradient", async () => {
    const [a, b, idle] = [parameter([[3, -1]]), parameter([2]), parameter([5])];
    const optimizer = new LBFGS([a, b, idle]);
    for (let i = 0; i < 3; i++) await optimizer.minimize(() => a.square().sum().add(b.sub(1).square().sum()));
    expect(await b.item()).toBeCloseTo(1, 4);
    expect(await a.abs().max().item()).toBeLessThan(1e-4);
    expect(await idle.item()).toBe(5);
  });
});

describe("wrong calls", () => {
  const w = () => parameter([1], { name: "w" });
  const rows: [name: string, call: () => unknown, error: Error][] = [
    [
      "groups",
      () => new LBFGS([{ parameters: [w()] }, { parameters: [w()] }] as never),
      new RangeError('LBFGS: "parameters" expected one group, got 2'),
    ],
    [
      "no iteration",
      () => new LBFGS([w()], { maxIter: 0 }),
      new RangeError('LBFGS: "maxIter" expected an integer of at least 1, got 0'),
    ],
    [
      "no call",
      () => new LBFGS([w()], { maxEval: 0 }),
      new RangeError('LBFGS: "maxEval" expected an integer of at least 1, got 0'),
    ],
    [
      "a negative tolerance",
      () => new LBFGS([w()], { toleranceGrad: -1 }),
      new RangeError('LBFGS: "toleranceGrad" expected a finite number of at least 0, got -1'),
    ],
    [
      "NaN as tolerance",
      () => new LBFGS([w()], { toleranceChange: Number.NaN }),
      new RangeError('LBFGS: "toleranceChange" expected a finite number of at least 0, got NaN'),
    ],
    [
      "half a history",
      () => new LBFGS([w()], { historySize: 0.5 }),
      new RangeError('LBFGS: "historySize" expected an integer of at least 1, got 0.5'),
    ],
    [
      "PyTorch's spelling",
      () => new LBFGS([w()], { lineSearchFn: "strong_wolfe" as never }),
      new RangeError('LBFGS: "lineSearchFn" expected "strongWolfe" or null, got "strong_wolfe"'),
    ],
    [
      "maximize",
      () => new LBFGS([w()], { maximize: true } as never),
      new TypeError('LBFGS: "options" expected no "maximize", got true; return the negative of what is to grow'),
    ],
  ];
  test.each(rows)("%s", (_, call, error) => expect(call).toThrow(error));

  test("a step without a closure", async () => {
    await expect((new LBFGS([w()]) as unknown as { step(): Promise<void> }).step()).rejects.toThrow(
      new TypeError(
        'LBFGS.step: "closure" expected a function that gives the loss again, got undefined; or use minimize(loss)',
      ),
    );
  });

  test("what gives no tensor", async () => {
    const optimizer = new LBFGS([w()]);
    await expect(optimizer.step((() => 1) as never)).rejects.toThrow(
      new TypeError('LBFGS.step: "closure" expected a function that returns a Tensor, got 1; return the loss'),
    );
    await expect(optimizer.minimize(null as never)).rejects.toThrow(
      new TypeError('LBFGS.minimize: "loss" expected a function, got null'),
    );
    expect(optimizer.steps).toBe(0);
  });

  test("a state that does not fit", async () => {
    const optimizer = new LBFGS([w()]);
    await optimizer.minimize(() => (optimizer.parameters[0] as Parameter).square().sum());
    const good = await optimizer.stateDict();
    const shared = (change: object) => ({ ...good, shared: { ...good.shared, ...change } }) as OptimizerState;
    expect(() => optimizer.loadStateDict(shared({ direction: new Float32Array(2) }))).toThrow(
      'LBFGS.loadStateDict: "shared.direction" expected 1 values, as many as the parameters have, got 2',
    );
    expect(() => optimizer.loadStateDict(shared({ gradient: [1] }))).toThrow(
      new TypeError('LBFGS.loadStateDict: "shared.gradient" expected a Float32Array, got an array of length 1'),
    );
    expect(() => optimizer.loadStateDict(shared({ changes: new Float32Array(9) }))).toThrow(
      '"shared.changes" expected',
    );
    expect(() => optimizer.loadStateDict({ ...good, kept: {} })).toThrow(
      new TypeError('LBFGS.loadStateDict: "kept.iterations" expected a finite number, got undefined'),
    );
    expect(() => optimizer.loadStateDict(null as never)).toThrow(
      'LBFGS.loadStateDict: "state" expected what "await stateDict()" gave, got null',
    );
    expect(await optimizer.stateDict()).toEqual(good);
  });
});
