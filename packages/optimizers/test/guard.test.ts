import { Adam, NonFiniteError, SGD } from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { memory, parameter, profile, tensor, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

afterAll(() => useEngine("cpu"));

/** A loss whose gradient is not finite where `bad` is. */
const lossOf =
  (weight: Parameter, bias: Parameter) =>
  (bad: number): Tensor =>
    weight.square().sum().add(bias.mul(bad).sum());

describe.each(engines)("a gradient that is not finite, on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%d: parameters and state stay, and training goes on",
    async (bad) => {
      const make = () => {
        const [weight, bias] = [parameter([1, -2], { name: "weight" }), parameter([3], { name: "bias" })];
        return { weight, bias, optimizer: new Adam([weight, bias], { lr: (step) => 0.1 / (step + 1) }) };
      };
      const [one, other] = [make(), make()];
      const step = async ({ weight, bias, optimizer }: ReturnType<typeof make>, factor: number) => {
        optimizer.zeroGrad();
        lossOf(weight, bias)(factor).backward();
        await optimizer.step();
      };
      for (let i = 0; i < 3; i++) for (const each of [one, other]) await step(each, 1);
      const before = await one.optimizer.stateDict();
      const error = await step(one, bad).catch((each: unknown) => each);
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error).toMatchObject({ step: 3, parameter: "bias", lr: 0.1 / 4 });
      expect((error as Error).message).toMatch(
        'Adam.step: "step" expected a finite gradient of "bias", got NaN or Infinity at step 3 with lr 0.025; nothing was written',
      );
      expect(await one.optimizer.stateDict()).toEqual(before);
      for (let i = 0; i < 3; i++) for (const each of [one, other]) await step(each, 1);
      expect(await one.weight.array()).toEqual(await other.weight.array());
      expect(await one.optimizer.stateDict()).toEqual(await other.optimizer.stateDict());
    },
  );

  test("one element among many is enough, and huge finite gradients are none", async () => {
    const weight = parameter(new Float32Array(10_000), { name: "weight" });
    const optimizer = new SGD([weight], { lr: 1e-30 });
    const slopes = new Float32Array(10_000).fill(3e38);
    weight.mul(tensor(slopes)).sum().backward();
    await optimizer.step();
    expect(await weight.max().item()).toBeCloseTo(-3e8, -3);
    optimizer.zeroGrad();
    slopes[9_876] = Number.POSITIVE_INFINITY;
    weight.mul(tensor(slopes)).sum().backward();
    await expect(optimizer.step()).rejects.toThrow(NonFiniteError);
    expect(await weight.max().item()).toBeCloseTo(-3e8, -3);
  });

  test("a loss that is not finite is named, with finite gradients too", async () => {
    const weight = parameter([1], { name: "weight" });
    const optimizer = new SGD([weight], { lr: 0.5 });
    const error = await optimizer.minimize(() => weight.sum().add(Number.POSITIVE_INFINITY)).catch((each) => each);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ step: 0, parameter: null, lr: 0.5 });
    expect(error.message).toMatch('SGD.step: "step" expected a finite loss, got NaN or Infinity at step 0 with lr 0.5');
    expect(await weight.item()).toBe(1);
    expect(optimizer.steps).toBe(0);
  });

  test("errorIfNonFinite: false writes what comes", async () => {
    const weight = parameter([1, 2]);
    const optimizer = new SGD([weight], { lr: 0.5, errorIfNonFinite: false });
    weight.mul([1, Number.NaN]).sum().backward();
    await optimizer.step();
    expect(await weight.array()).toEqual([0.5, Number.NaN]);
  });

  test("takes memory that is flat, also in a loop of refused steps", async () => {
    const weight = parameter([1, 2]);
    const optimizer = new Adam([weight]);
    const step = async (factor: number) => {
      optimizer.zeroGrad();
      weight.mul(factor).sum().backward();
      await optimizer.step().catch(() => {});
    };
    for (let i = 0; i < 20; i++) await step(i % 2 ? 1 : Number.NaN);
    const { plans } = profile();
    const before = memory();
    for (let i = 0; i < 200; i++) await step(i % 2 ? 1 : Number.NaN);
    expect(memory()).toEqual(before);
    expect(profile().plans).toBe(plans);
  });
});

test("the check costs no launch, and kernels only where a parameter has many elements", async () => {
  useEngine("cpu");
  const kernels = async (size: number, errorIfNonFinite: boolean) => {
    const weight = parameter(new Float32Array(size).fill(1));
    const optimizer = new Adam([weight], { errorIfNonFinite });
    let before = profile();
    for (let i = 0; i < 3; i++) {
      before = profile();
      await optimizer.minimize(() => weight.square().sum());
    }
    const after = profile();
    return [after.kernels - before.kernels, after.launches - before.launches, after.plans - before.plans];
  };
  expect(await kernels(4096, false)).toEqual([1, 1, 0]);
  expect(await kernels(4096, true)).toEqual([1, 1, 0]);
  expect(await kernels(100_000, false)).toEqual([1, 1, 0]);
  expect(await kernels(100_000, true)).toEqual([2, 1, 0]);
});
