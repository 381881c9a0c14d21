import { l1, l2 } from "@downhill/regularizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { parameter, profile, tensor, useEngine } from "@downhill/tensor";
import { engines, gradcheck, inputOf } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

interface Row {
  name: string;
  penalty: typeof l1;
  data: (number | number[] | number[][])[];
  strength?: number;
  value: number;
  gradients: unknown[];
  source: string;
}

const rows: Row[] = [
  {
    name: "l1",
    penalty: l1,
    data: [
      [
        [1, -2],
        [0.5, 0],
      ],
    ],
    value: 0.035,
    gradients: [
      [
        [0.01, -0.01],
        [0.01, 0],
      ],
    ],
    source: "Keras 3, L1(0.01)",
  },
  {
    name: "l1 of several",
    penalty: l1,
    data: [[1, -2], 3, [[-4]]],
    strength: 0.5,
    value: 5,
    gradients: [[0.5, -0.5], 0.5, [[-0.5]]],
    source: "by hand",
  },
  {
    name: "l2",
    penalty: l2,
    data: [
      [
        [1, -2],
        [0.5, 0],
      ],
    ],
    value: 0.0525,
    gradients: [
      [
        [0.02, -0.04],
        [0.01, 0],
      ],
    ],
    source: "Keras 3, L2(0.01)",
  },
  {
    name: "l2 of several",
    penalty: l2,
    data: [[1, -2], 3, [[-4]]],
    strength: 0.5,
    value: 15,
    gradients: [[1, -2], 3, [[-4]]],
    source: "by hand",
  },
  {
    name: "l1 of strength 0",
    penalty: l1,
    data: [[1, -2]],
    strength: 0,
    value: 0,
    gradients: [[0, 0]],
    source: "by definition",
  },
  { name: "l2 of no element", penalty: l2, data: [[]], value: 0, gradients: [[]], source: "an empty sum" },
];

const near = (value: unknown): unknown =>
  typeof value === "number" ? expect.closeTo(value, 6) : (value as unknown[]).map(near);

afterAll(() => useEngine("cpu"));

describe.each(engines)("penalties on %s", (engine) => {
  beforeEach(() => useEngine(engine));

  test.each(rows)("$name: $source", async ({ penalty, data, strength, value, gradients }) => {
    const parameters = data.map((each) => parameter(each));
    const result = penalty(parameters, strength);
    expect(result.shape).toEqual([]);
    expect(await result.item()).toBeCloseTo(value, 6);
    result.backward();
    expect(await Promise.all(parameters.map((each) => each.grad?.array()))).toEqual(near(gradients));
  });

  test("another strength makes no new plan", async () => {
    const weight = parameter([1, -2, 3]);
    const run = async (strength: number) => {
      weight.grad = null;
      const loss = weight
        .sum()
        .add(l1([weight], strength))
        .add(l2([weight], strength));
      loss.backward();
      await loss.item();
    };
    await run(0.1);
    const { plans } = profile();
    for (const strength of [0.2, 0, 1]) await run(strength);
    expect(profile().plans).toBe(plans);
  });
});

test.each([
  ["l1", l1],
  ["l2", l2],
] as const)("gradient of %s against differences", (_, penalty) => {
  gradcheck(
    (a, b) => penalty([a as Tensor, b as Tensor], 0.3),
    [
      inputOf([
        [1, -2],
        [0.5, 3],
      ]),
      inputOf([-0.25]),
    ],
  );
});

describe("wrong arguments", () => {
  const weight = parameter([1]);
  const errors: [name: string, call: () => unknown, error: Error][] = [
    [
      "nothing",
      () => l1([]),
      new RangeError('l1: "parameters" expected at least one tensor, got none; pass model.parameters()'),
    ],
    [
      "a tensor",
      () => l2(weight as never),
      new TypeError('l2: "parameters" expected an iterable of tensors, got a Parameter; put it into an array'),
    ],
    [
      "a model",
      () => l2({ parameters: () => [weight] } as never),
      new TypeError('l2: "parameters" expected an iterable of tensors, got a Object; pass model.parameters()'),
    ],
    [
      "null",
      () => l1(null as never),
      new TypeError('l1: "parameters" expected an iterable of tensors, got null; pass model.parameters()'),
    ],
    ["numbers", () => l1([1] as never), new TypeError('l1: "parameters" expected tensors, got 1')],
    [
      "integers",
      () => l1([tensor([1], { dtype: "int32" })]),
      new TypeError('l1: "parameters" expected float32 tensors, got int32'),
    ],
    [
      "a negative strength",
      () => l1([weight], -1),
      new RangeError('l1: "strength" expected a finite number of at least 0, got -1'),
    ],
    [
      "NaN",
      () => l2([weight], Number.NaN),
      new RangeError('l2: "strength" expected a finite number of at least 0, got NaN'),
    ],
    [
      "a strength as text",
      () => l2([weight], "1" as never),
      new TypeError('l2: "strength" expected a number, got "1"'),
    ],
  ];
  test.each(errors)("%s", (_, call, error) => expect(call).toThrow(error));
  test("a generator is fine", async () => {
    function* some(): Generator<Parameter> {
      yield weight;
    }
    expect(await l1(some(), 1).item()).toBe(1);
  });
});
