import type { Rule, RuleSettings } from "@downhill/optimizers";
import { Adam, Optimizer, SGD, sharedSlot, slot } from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { parameter, profile, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

afterAll(() => useEngine("cpu"));

describe.each(engines)("options on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test("decay: only where the mask says so", async () => {
    const [weight, bias] = [parameter([[1]]), parameter([1])];
    const optimizer = new SGD([weight, bias], { lr: 0.5, weightDecay: 1, decay: ({ rank }) => rank > 1 });
    await optimizer.minimize(() => weight.sum().add(bias.sum()));
    expect([await weight.item(), await bias.item()]).toEqual([0, 0.5]);
  });

  test("maximize goes uphill, and a group may go the other way", async () => {
    const [up, down] = [parameter([1]), parameter([1])];
    const optimizer = new SGD([{ parameters: [up] }, { parameters: [down], maximize: false }], {
      lr: 0.5,
      maximize: true,
    });
    const loss = await optimizer.minimize(() => up.add(down).sum());
    expect([await up.item(), await down.item(), await loss.item()]).toEqual([1.5, 0.5, 2]);
  });

  test("schedules of other options make no new plan and are read at the step", async () => {
    const [weight, twin] = [parameter([1, 2]), parameter([1, 2])];
    const at = (step: number) => 0.5 + 0.01 * step;
    const scheduled = new SGD([weight], { lr: 0.1, momentum: at, weightDecay: (step) => 0.1 * step });
    for (let i = 0; i < 2; i++) await scheduled.minimize(() => weight.square().sum());
    const { plans } = profile();
    for (let i = 2; i < 6; i++) await scheduled.minimize(() => weight.square().sum());
    expect(profile().plans).toBe(plans);
    let [velocity, w] = [0, 1];
    for (let i = 0; i < 6; i++) {
      const g = 2 * w + 0.1 * i * w;
      velocity = at(i) * velocity + g;
      w -= 0.1 * velocity;
    }
    expect((await weight.data())[0]).toBeCloseTo(w, 5);
    const betas = new Adam([twin], { betas: [(step) => 0.9 - 0.01 * step, 0.999] });
    for (let i = 0; i < 4; i++) await betas.minimize(() => twin.square().sum());
    const { groups } = await betas.stateDict();
    expect(groups[0]?.options.betas).toEqual([null, 0.999]);
  });

  test("a schedule that leaves the range is refused, and nothing has changed", async () => {
    const weight = parameter([1]);
    const optimizer = new Adam([weight], { betas: [(step) => step, 0.999] });
    await optimizer.minimize(() => weight.square().sum());
    const value = await weight.item();
    await expect(optimizer.minimize(() => weight.square().sum())).rejects.toThrow(
      new RangeError('Adam: "betas[0]" expected a number in [0, 1), got 1 from its schedule at step 1'),
    );
    expect(await weight.item()).toBe(value);
  });

  test("addGroup", async () => {
    const [first, second] = [parameter([1], { name: "first" }), parameter([1], { name: "second" })];
    const optimizer = new SGD([first], { lr: 0.5 });
    expect(() => optimizer.addGroup({ parameters: [first] })).toThrow(
      new RangeError('SGD: "group.parameters" expected every parameter once, got "first" twice'),
    );
    optimizer.addGroup({ parameters: [second], lr: 0.25 });
    expect(optimizer.parameters).toEqual([first, second]);
    await optimizer.minimize(() => first.add(second).sum());
    expect([await first.item(), await second.item()]).toEqual([0.5, 0.75]);
  });

  test("names of pairs go into errors and state dicts", async () => {
    const weight = parameter([1]);
    const optimizer = new SGD(new Map([["layer.weight", weight]]), { momentum: 0.9 });
    await optimizer.minimize(() => weight.sum());
    const { groups } = await optimizer.stateDict();
    expect(groups[0]?.parameters[0]?.name).toBe("layer.weight");
    await expect(optimizer.minimize(() => weight.mul(Number.NaN).sum())).rejects.toMatchObject({ parameter: null });
    await expect(optimizer.minimize(() => weight.mul(0).sqrt().sum())).rejects.toMatchObject({
      parameter: "layer.weight",
    });
  });

  test("minimize gives the loss before the step, in one launch", async () => {
    const weight = parameter([3, 4]);
    const optimizer = new SGD([weight], { lr: 0.1 });
    await optimizer.minimize(() => weight.square().sum());
    const { launches } = profile();
    const loss = await optimizer.minimize(() => weight.square().sum());
    expect(profile().launches).toBe(launches + 1);
    for (let i = 0; i < 3; i++) await optimizer.minimize(() => weight.square().sum());
    expect(await loss.item()).toBeCloseTo(16, 5);
  });
});

interface LengthSettings extends RuleSettings {
  readonly scale: number;
}
/** Divides all gradients by the norm of all, and counts with shared and kept state. */
const byLength: Rule<LengthSettings, { start: Parameter; calls: Parameter }, "lr" | "weight", { longest: Parameter }> =
  {
    name: "ByLength",
    defaults: { lr: 1, scale: 1 },
    ranges: { scale: { low: 0 } },
    kept: { weight: 1 },
    init: (weight) => ({
      start: slot(weight, "start", { start: weight }),
      calls: slot(weight, "calls", { shape: [] }),
    }),
    initShared: () => ({ longest: sharedSlot("longest", { start: 0.5 }) }),
    numbers: (_settings, { lr, kept }) => ({ lr, weight: kept.weight as number }),
    keep: ({ scale }, { kept }) => ({ weight: (kept.weight as number) * scale }),
    measure: (gradient) => ({ squares: gradient.square().sum() }),
    share({ squares }, { longest }) {
      const length = (squares as Tensor).sqrt();
      return { slots: { longest: longest.maximum(length) }, values: { length } };
    },
    update(gradient, { start, calls }, weight, numbers, _settings, { length }) {
      const step = gradient
        .div(length as Tensor)
        .mul(numbers.lr)
        .mul(numbers.weight);
      return { parameter: weight.sub(step), slots: { start: start.mul(1), calls: calls.add(1) } };
    },
  };

describe.each(engines)("a rule with shared state on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test("sums over all parameters, keeps numbers, starts from a copy, and is saved", async () => {
    const [a, b] = [parameter([3], { name: "a" }), parameter([[4]], { name: "b" })];
    const optimizer = new Optimizer(byLength, [a, b], { scale: 0.5 } as object);
    const loss = () => a.sum().mul(3).add(b.sum().mul(4));
    await optimizer.minimize(loss);
    expect([await a.item(), await b.item()]).toEqual([expect.closeTo(2.4, 6), expect.closeTo(3.2, 6)]);
    const { plans, launches } = profile();
    for (let i = 1; i < 4; i++) await optimizer.minimize(loss);
    expect(profile().plans).toBe(plans);
    expect(profile().launches).toBe(launches + 3);
    const saved = await optimizer.stateDict();
    expect(saved.shared).toEqual({ longest: Float32Array.of(5) });
    expect(saved.groups[0]?.parameters).toEqual([
      {
        name: "a",
        shape: [1],
        updates: 4,
        slots: { start: Float32Array.of(3), calls: Float32Array.of(4) },
        kept: { weight: 1 / 16 },
      },
      {
        name: "b",
        shape: [1, 1],
        updates: 4,
        slots: { start: Float32Array.of(4), calls: Float32Array.of(4) },
        kept: { weight: 1 / 16 },
      },
    ]);
    const other = new Optimizer(byLength, [a, b], { scale: 0.5 } as object);
    other.loadStateDict(saved);
    expect(await other.stateDict()).toEqual(saved);
  });
});
