import {
  Adam,
  addGradNoise,
  centralizeGrad,
  clipGradAdaptive,
  clipGradNorm,
  clipGradValue,
  NonFiniteError,
  SGD,
} from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { manualSeed, memory, parameter, profile, tensor, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import golden from "./golden/gradients.json" with { type: "json" };

interface Row {
  readonly name: string;
  readonly options: Readonly<Record<string, number>>;
  readonly parameters: readonly number[][][];
  readonly gradients: readonly number[][][];
  readonly result: readonly number[][][];
  readonly norm?: number;
}
const rows = golden.rows as unknown as readonly Row[];
const number = (value: number | string | undefined): number => Number(value);

const functions: Record<string, (weights: Parameter[], options: Row["options"]) => Tensor | undefined> = {
  clipGradNorm: (weights, { maxNorm, normType }) =>
    clipGradNorm(weights, number(maxNorm), normType === undefined ? {} : { normType: number(normType) }),
  clipGradValue(weights, { clipValue }) {
    clipGradValue(weights, number(clipValue));
    return undefined;
  },
  clipGradAdaptive(weights, { clipFactor, eps }) {
    clipGradAdaptive(weights, clipFactor, { eps });
    return undefined;
  },
  centralizeGrad(weights) {
    centralizeGrad(weights);
    return undefined;
  },
};

/** A loss with these gradients. */
const linear = (weights: readonly Parameter[], slopes: readonly unknown[]): Tensor =>
  weights.map((weight, i) => weight.mul(tensor(slopes[i] as number[])).sum()).reduce((a, b) => a.add(b));

afterAll(() => useEngine("cpu"));

describe.each(engines)("gradients on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test.each(rows)(
    `$name $options: ${golden.source}`,
    async ({ name, options, parameters, gradients, result, norm }) => {
      const weights = parameters.map((each) => parameter(each));
      linear(weights, gradients).backward();
      const measured = functions[name]?.(weights, options);
      for (const [i, weight] of weights.entries()) {
        const values = [...(await (weight.grad as Tensor).data())];
        const wanted = [result[i] as unknown as number[]].flat(5) as number[];
        values.forEach((value, j) => {
          expect(value).toBeCloseTo(wanted[j] as number, 5);
        });
      }
      if (norm !== undefined) expect((await measured?.item()) ?? Number.NaN).toBeCloseTo(norm, 5);
    },
  );

  test("they compose, in the one evaluation of the step, with no new plan and flat memory", async () => {
    const [weight, bias] = [parameter([[1, -2, 3]]), parameter([0.5])];
    const optimizer = new Adam([weight, bias]);
    const norms: Tensor[] = [];
    const step = async (i: number) => {
      const loss = tensor([[1], [2]])
        .matmul(weight)
        .add(bias)
        .square()
        .mean();
      optimizer.zeroGrad();
      loss.backward();
      centralizeGrad(optimizer.parameters);
      addGradNoise(optimizer.parameters, { step: optimizer.steps });
      clipGradValue(optimizer.parameters, 5 + i);
      norms.push(clipGradNorm(optimizer.parameters, 0.5 + 0.1 * i));
      await optimizer.step();
      return loss;
    };
    await step(0);
    await step(1);
    const { plans, launches } = profile();
    for (let i = 2; i < 20; i++) await step(i);
    const before = memory();
    for (let i = 20; i < 40; i++) await step(i);
    expect(profile().plans).toBe(plans);
    expect(profile().launches).toBe(launches + 38);
    expect(memory()).toEqual(before);
    // Norms and losses can be read at any time, and cost nothing.
    expect(await norms[0]?.item()).toBeGreaterThan(0);
    expect(await (await step(40)).item()).toBeGreaterThan(0);
    expect(profile().launches).toBe(launches + 39);
  });

  test("the norm may be read before the step, too", async () => {
    const weight = parameter([1, 1]);
    const optimizer = new SGD([weight], { lr: 1 });
    weight.mul([30, 40]).sum().backward();
    const norm = clipGradNorm(weight, 5);
    expect(await norm.item()).toBe(50);
    await optimizer.step();
    expect(await norm.item()).toBe(50);
    expect(await weight.array()).toEqual([expect.closeTo(-2, 5), expect.closeTo(-3, 5)]);
  });

  test("what comes after clipping adds to it", async () => {
    const weight = parameter([1]);
    const optimizer = new SGD([weight], { lr: 1 });
    weight.mul(10).sum().backward();
    clipGradNorm([weight], 1);
    weight.mul(2).sum().backward();
    await optimizer.step();
    expect(await weight.item()).toBeCloseTo(1 - 3, 5);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("%d among them is refused by the step, not hidden", async (bad) => {
    const [weight, other] = [parameter([1]), parameter([2])];
    const optimizer = new SGD([weight, other], { lr: 1 });
    weight.mul(bad).sum().add(other.sum()).backward();
    clipGradNorm([weight, other], 1);
    await expect(optimizer.step()).rejects.toThrow(NonFiniteError);
    expect([await weight.item(), await other.item()]).toEqual([1, 2]);
  });

  test("parameters without a gradient are left alone; without any the norm is 0", async () => {
    const [weight, idle] = [parameter([3]), parameter([4])];
    expect(await clipGradNorm([weight, idle], 1).item()).toBe(0);
    weight.sum().backward();
    clipGradValue([weight, idle], 0.5);
    expect(idle.grad).toBeNull();
    expect(await weight.grad?.array()).toEqual([0.5]);
  });

  test("noise has the variance that it should, and is repeatable", async () => {
    const draw = async () => {
      manualSeed(3);
      const weight = parameter(new Float32Array(20_000));
      weight.sum().backward();
      addGradNoise(weight, { step: 9, eta: 0.3, gamma: 0.5 });
      return (await weight.grad?.data()) as Float32Array;
    };
    const values = await draw();
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(1, 1);
    expect(variance / (0.3 / Math.sqrt(10))).toBeCloseTo(1, 1);
    expect(await draw()).toEqual(values);
  });

  test("several backward passes before a step equal one over the large batch", async () => {
    const start = [
      [0.3, -0.7, 0.2],
      [0.1, 0.4, -0.5],
    ];
    const batch = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(2 * i), Math.sin(3 * i + 1)]);
    const train = async (parts: number) => {
      const weight = parameter(start);
      const optimizer = new Adam([weight], { lr: 0.05 });
      for (let step = 0; step < 10; step++) {
        optimizer.zeroGrad();
        const size = batch.length / parts;
        for (let i = 0; i < parts; i++) {
          const x = tensor(batch.slice(i * size, (i + 1) * size));
          x.matmul(weight.transpose()).tanh().sub(0.5).square().mean().div(parts).backward();
        }
        await optimizer.step();
      }
      return [...(await weight.data())];
    };
    const [whole, parts] = [await train(1), await train(4)];
    parts.forEach((value, i) => {
      expect(Math.abs(value - (whole[i] as number))).toBeLessThan(1e-6);
    });
  });
});

describe("wrong calls", () => {
  const weight = parameter([1], { name: "weight" });
  const rows: [name: string, call: () => unknown, error: Error][] = [
    [
      "a model",
      () => clipGradNorm({ parameters: () => [] } as never, 1),
      new TypeError(
        'clipGradNorm: "parameters" expected an iterable of Parameters, got a Object; pass model.parameters()',
      ),
    ],
    [
      "a method that was not called",
      () => clipGradValue((() => []) as never, 1),
      new TypeError(
        'clipGradValue: "parameters" expected an iterable of Parameters, got a function; call it: model.parameters()',
      ),
    ],
    [
      "a tensor among them",
      () => centralizeGrad([tensor([1])] as never),
      new TypeError('centralizeGrad: "parameters" expected Parameters, got a Tensor; pass model.parameters()'),
    ],
    [
      "a norm of 0",
      () => clipGradNorm([weight], 0),
      new RangeError('clipGradNorm: "maxNorm" expected a finite number above 0, got 0'),
    ],
    [
      "a norm type of 0",
      () => clipGradNorm([weight], 1, { normType: 0 }),
      new RangeError('clipGradNorm: "normType" expected a finite number above 0, got 0'),
    ],
    [
      "no value",
      () => clipGradValue([weight], undefined as never),
      new TypeError('clipGradValue: "clipValue" expected a number, got undefined'),
    ],
    [
      "a factor of NaN",
      () => clipGradAdaptive([weight], Number.NaN),
      new RangeError('clipGradAdaptive: "clipFactor" expected a finite number above 0, got NaN'),
    ],
    [
      "an eps of 0",
      () => clipGradAdaptive([weight], 1, { eps: 0 }),
      new RangeError('clipGradAdaptive: "eps" expected a finite number above 0, got 0'),
    ],
    [
      "half a step",
      () => addGradNoise([weight], { step: 0.5 }),
      new RangeError('addGradNoise: "step" expected an integer of at least 0, got 0.5'),
    ],
    [
      "a negative eta",
      () => addGradNoise([weight], { step: 0, eta: -1 }),
      new RangeError('addGradNoise: "eta" expected a finite number of at least 0, got -1'),
    ],
    [
      "a negative gamma",
      () => addGradNoise([weight], { step: 0, gamma: -1 }),
      new RangeError('addGradNoise: "gamma" expected a finite number of at least 0, got -1'),
    ],
  ];
  test.each(rows)("%s", (_, call, error) => expect(call).toThrow(error));

  test("after the step", async () => {
    const used = parameter([1], { name: "used" });
    const optimizer = new SGD([used]);
    await optimizer.minimize(() => used.sum());
    expect(() => clipGradNorm([used], 1)).toThrow('the gradient of "used" was used by an optimizer step');
  });
});
