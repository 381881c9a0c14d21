import {
  AdaBelief,
  Adam,
  Adan,
  ASAM,
  EMA,
  LAMB,
  LARS,
  Lion,
  Lookahead,
  NonFiniteError,
  NovoGrad,
  Prodigy,
  SAM,
  ScheduleFreeAdamW,
  ScheduleFreeSGD,
  SGD,
  Sophia,
  SWA,
} from "@downhill/optimizers";
import type { Parameter } from "@downhill/tensor";
import { parameter, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

type Options = Readonly<Record<string, unknown>>;

afterAll(() => useEngine("cpu"));

describe.each(engines)("on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test("schedule-free: at the average, steps and state dicts are refused; back again all goes on", async () => {
    for (const make of [ScheduleFreeSGD, ScheduleFreeAdamW]) {
      const [weight, twin] = [parameter([3, -1]), parameter([3, -1])];
      const [optimizer, other] = [new make([weight], { lr: 0.1 }), new make([twin], { lr: 0.1 })];
      const loss = (w: Parameter) => () => w.square().sum();
      for (let i = 0; i < 5; i++)
        for (const [o, w] of [
          [optimizer, weight],
          [other, twin],
        ] as const)
          await o.minimize(loss(w));
      expect(optimizer.training).toBe(true);
      await optimizer.train();
      expect(await weight.array()).toEqual(await twin.array());
      await optimizer.eval();
      await optimizer.eval();
      expect(optimizer.training).toBe(false);
      expect(await weight.array()).not.toEqual(await twin.array());
      const refused = (method: string) =>
        `${make.name}.${method}: the parameters are averages for evaluation; call "await train()" first`;
      await expect(optimizer.minimize(loss(weight))).rejects.toThrow(refused("step"));
      await expect(optimizer.stateDict()).rejects.toThrow(refused("stateDict"));
      expect(() => optimizer.loadStateDict({} as never)).toThrow(refused("loadStateDict"));
      await optimizer.train();
      for (const [o, w] of [
        [optimizer, weight],
        [other, twin],
      ] as const)
        await o.minimize(loss(w));
      const [a, b] = [(await weight.array()) as number[], (await twin.array()) as number[]];
      a.forEach((value, i) => {
        expect(value).toBeCloseTo(b[i] as number, 5);
      });
    }
  });

  test("the average of ScheduleFreeSGD is the mean of its steps", async () => {
    const weight = parameter([8]);
    const optimizer = new ScheduleFreeSGD([weight], { lr: 0.1, momentum: 0.5, weightLrPower: 0 });
    // A gradient of 10: z is 7, 6, 5, 4.
    for (let i = 0; i < 4; i++) await optimizer.minimize(() => weight.sum().mul(10));
    await optimizer.eval();
    expect(await weight.item()).toBeCloseTo(5.5, 5);
  });

  test("swap: the average and back, bit for bit; meanwhile steps and state dicts are refused", async () => {
    const weight = parameter([8, 1]);
    const optimizer = new EMA(new Adam([weight], { lr: 0.1 }), { decay: 0.5 });
    await expect(optimizer.swap()).rejects.toThrow("EMA.swap: no weights are averaged yet; call step() before");
    const step = () => optimizer.minimize(() => weight.square().sum());
    for (let i = 0; i < 3; i++) await step();
    const [before, state] = [await weight.array(), await optimizer.stateDict()];
    await optimizer.swap();
    expect(optimizer.swapped).toBe(true);
    expect(await weight.array()).not.toEqual(before);
    const refused = (method: string) =>
      `EMA.${method}: the parameters are averages for evaluation; call "await swap()" first`;
    await expect(step()).rejects.toThrow(refused("step"));
    // The optimizer inside must not step on averages either.
    await expect(optimizer.optimizer.minimize(() => weight.sum())).rejects.toThrow(refused("step"));
    await expect(optimizer.stateDict()).rejects.toThrow(refused("stateDict"));
    expect(() => optimizer.loadStateDict(state)).toThrow(refused("loadStateDict"));
    await optimizer.swap();
    expect(await weight.array()).toEqual(before);
    expect(await optimizer.stateDict()).toEqual(state);
    await step();
  });

  test("an average that begins later is refused until then, and leaves idle parameters alone", async () => {
    const [weight, idle] = [parameter([8]), parameter([1])];
    const optimizer = new SWA(new SGD([weight, idle], { lr: 0.25 }), { start: 1 });
    await optimizer.minimize(() => weight.square().sum().add(idle.sum().mul(0)));
    await expect(optimizer.swap()).rejects.toThrow("SWA.swap: no weights are averaged yet");
    await optimizer.minimize(() => weight.square().sum());
    await optimizer.swap();
    expect(await weight.array()).toEqual([2]);
    expect(await idle.array()).toEqual([1]);
  });

  test("a wrapper around an optimizer that has taken steps", async () => {
    const weight = parameter([8]);
    const inner = new SGD([weight], { lr: 0.25, momentum: 0.5 });
    const loss = () => weight.square().sum();
    await inner.minimize(loss);
    const optimizer = new EMA(new Lookahead(inner, { k: 2, alpha: 0 }), { decay: 0.5 });
    await optimizer.minimize(loss);
    expect(optimizer.steps).toBe(2);
    // Lookahead's slow weights are those from when it began.
    expect(await weight.item()).toBe(4);
  });

  test.each(["SAM", "ASAM"] as const)("%s: a gradient that is not finite leaves everything as it was", async (kind) => {
    const weight = parameter([4, 1], { name: "weight" });
    const inner = new Adam([weight], { lr: 0.1 });
    const optimizer = kind === "SAM" ? new SAM(inner) : new ASAM(inner);
    const loss = () => weight.square().sum();
    await optimizer.minimize(loss);
    const [before, state] = [await weight.array(), await optimizer.stateDict()];
    let calls = 0;
    // Once in the first pass, once only in the second.
    for (const bad of [
      () => weight.sub(weight).sqrt().sum(),
      () => (++calls === 2 ? weight.mul(Number.NaN).sum() : loss()),
    ]) {
      await expect(optimizer.minimize(bad)).rejects.toThrow(NonFiniteError);
      expect(await weight.array()).toEqual(before);
      expect(await optimizer.stateDict()).toEqual(state);
    }
    await optimizer.minimize(loss);
    expect(optimizer.steps).toBe(2);
  });

  test("SAM: a closure that throws in the second pass leaves the weights where they were", async () => {
    const weight = parameter([4, 1]);
    const optimizer = new SAM(new SGD([weight], { lr: 0.1 }));
    let calls = 0;
    const loss = () => {
      if (++calls === 2) throw new Error("out of data");
      return weight.square().sum();
    };
    await expect(optimizer.minimize(loss)).rejects.toThrow("out of data");
    expect(await weight.array()).toEqual([4, 1]);
    expect(optimizer.steps).toBe(0);
    await optimizer.minimize(loss);
    expect(optimizer.steps).toBe(1);
  });

  test("SAM goes uphill where the optimizer goes downhill, and the other way round with maximize", async () => {
    const [low, high] = [parameter([3]), parameter([3])];
    await new SAM(new SGD([low], { lr: 0.1 }), { rho: 1 }).minimize(() => low.square().sum());
    expect(await low.item()).toBeCloseTo(3 - 0.1 * 2 * 4, 5);
    await new SAM(new SGD([high], { lr: 0.1, maximize: true }), { rho: 1 }).minimize(() => high.square().sum());
    expect(await high.item()).toBeCloseTo(3 + 0.1 * 2 * 2, 5);
  });

  test("SAM around an optimizer that starts from its parameters", async () => {
    const [weight, twin] = [parameter([3, -4]), parameter([3, -4])];
    const optimizer = new SAM(new ScheduleFreeSGD([weight], { lr: 0.1 }), { rho: 0 });
    const plain = new ScheduleFreeSGD([twin], { lr: 0.1 });
    for (let i = 0; i < 3; i++) {
      await optimizer.minimize(() => weight.square().sum());
      await plain.minimize(() => twin.square().sum());
    }
    expect(await weight.array()).toEqual(await twin.array());
  });

  test("Sophia: an estimate is no step, uses the gradient up, and refuses what is not finite", async () => {
    const weight = parameter([2, -1], { name: "weight" });
    const optimizer = new Sophia([weight], { batchSize: 1, rho: 1, lr: 0.1, weightDecay: 0 });
    await expect(optimizer.updateHessian()).rejects.toThrow("Sophia.updateHessian: no parameter has a gradient");
    weight.mul(Number.NaN).sum().backward();
    await expect(optimizer.updateHessian()).rejects.toThrow(NonFiniteError);
    optimizer.zeroGrad();
    weight.sum().mul(10).backward();
    await optimizer.updateHessian();
    expect(optimizer.steps).toBe(0);
    expect(await weight.array()).toEqual([2, -1]);
    const { slots, updates } = (await optimizer.stateDict()).groups[0]?.parameters[0] ?? {};
    expect(updates).toBe(0);
    expect([...(slots?.hessian ?? [])]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    // 0.035 of the gradient over a curvature of 1.
    await optimizer.minimize(() => weight.sum().mul(10));
    expect(await weight.array()).toEqual([expect.closeTo(2 - 0.035, 5), expect.closeTo(-1 - 0.035, 5)]);
    // A state from before the first step has the estimate.
    const early = new Sophia([parameter([2, -1], { name: "weight" })]);
    early.loadStateDict(await optimizer.stateDict());
    expect(early.steps).toBe(1);
  });

  test("zero gradients and zero weights give no NaN", async () => {
    const makers: ((p: Parameter[]) => { minimize(loss: () => ReturnType<Parameter["sum"]>): Promise<unknown> })[] = [
      (p) => new Lion(p),
      (p) => new Adan(p),
      (p) => new AdaBelief(p),
      (p) => new LAMB(p, { weightDecay: 0.1 }),
      (p) => new LARS(p, { weightDecay: 0.1 }),
      (p) => new NovoGrad(p, { eps: 0 }),
      (p) => new Sophia(p),
      (p) => new Prodigy(p),
      (p) => new ScheduleFreeSGD(p, { lr: 0 }),
      (p) => new ScheduleFreeAdamW(p),
      (p) => new SAM(new SGD(p)),
      (p) => new ASAM(new SGD(p)),
    ];
    for (const make of makers) {
      const weight = parameter([0, 0]);
      const optimizer = make([weight]);
      for (let i = 0; i < 3; i++) await optimizer.minimize(() => weight.mul(0).sum());
      expect(await weight.array()).toEqual([0, 0]);
      await optimizer.minimize(() => weight.sum());
      expect(((await weight.array()) as number[]).every(Number.isFinite)).toBe(true);
    }
  });

  test("gradients of 1e4 and 1e-4 give finite steps", async () => {
    for (const scale of [1e4, 1e-4])
      for (const make of [Lion, Adan, AdaBelief, LAMB, LARS, NovoGrad, Sophia, Prodigy, ScheduleFreeAdamW]) {
        const weight = parameter([1, -1]);
        const optimizer = new make([weight]);
        for (let i = 0; i < 10; i++) await optimizer.minimize(() => weight.sum().mul(scale));
        const values = (await weight.array()) as number[];
        expect(values.every(Number.isFinite), make.name).toBe(true);
        // AdaBelief begins with plain steps, as its code does.
        if (make !== AdaBelief) expect(Math.max(...values.map(Math.abs)), make.name).toBeLessThan(3);
      }
  });

  test("weight decay, masked or not, and maximize", async () => {
    const makers = [Lion, Adan, AdaBelief, LAMB, LARS, NovoGrad, Sophia, ScheduleFreeSGD, ScheduleFreeAdamW] as const;
    for (const make of makers) {
      const run = async (options: Options) => {
        const [weight, bias] = [parameter([[2, 3]]), parameter([2, 3])];
        const optimizer = new make([weight, bias], { lr: 0.01, weightDecay: 0.5, ...options });
        for (let i = 0; i < 3; i++) await optimizer.minimize(() => weight.sum().add(bias.sum()));
        return [((await weight.array()) as number[][])[0], await bias.array()];
      };
      const [all, masked, up] = [
        await run({}),
        await run({ decay: (each: Parameter) => each.rank > 1 }),
        await run({ maximize: true, weightDecay: 0 }),
      ];
      expect(all[0]).toEqual(all[1]);
      expect(masked[0]).toEqual(all[0]);
      expect(masked[1]).not.toEqual(all[1]);
      expect((up[0] as number[])[0]).toBeGreaterThan(2);
    }
  });

  test("Prodigy: a group with rate 0 rests", async () => {
    const [weight, still] = [parameter([2]), parameter([2])];
    const optimizer = new Prodigy([{ parameters: [weight] }, { parameters: [still], lr: 0, weightDecay: 0.1 }]);
    for (let i = 0; i < 20; i++) await optimizer.minimize(() => weight.square().sum().add(still.square().sum()));
    expect(await still.array()).toEqual([2]);
    expect(await weight.item()).toBeLessThan(2);
  });
});
