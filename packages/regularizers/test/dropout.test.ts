import { Dropout } from "@downhill/regularizers";
import type { Tensor } from "@downhill/tensor";
import { manualSeed, ones, parameter, profile, tensor, useEngine } from "@downhill/tensor";
import { engines, gradcheck, inputOf } from "@downhill/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const size = 20_000;
const counts = (values: Iterable<number>) => {
  const found = new Map<number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
};

afterAll(() => useEngine("cpu"));

describe.each(engines)("dropout on %s", (engine) => {
  beforeEach(() => {
    useEngine(engine);
    manualSeed(1);
  });

  test.each([0.1, 0.5, 0.8])("p = %f: zeros and scaled values in the right shares", async (p) => {
    const found = counts(await new Dropout(p).forward(ones([size])).data());
    expect([...found.keys()].sort()).toEqual([0, expect.closeTo(1 / (1 - p), 5)]);
    // Six standard deviations of a binomial count.
    expect(Math.abs((found.get(0) ?? 0) - p * size)).toBeLessThan(6 * Math.sqrt(size * p * (1 - p)));
  });

  test("every call draws a mask of its own; the same seed gives the same ones", async () => {
    const dropout = new Dropout();
    const draw = async () => [...(await dropout.forward(ones([64])).data())].join();
    const [first, second] = [await draw(), await draw()];
    expect(first).not.toBe(second);
    manualSeed(1);
    expect([await draw(), await draw()]).toEqual([first, second]);
  });

  test("the gradient passes where the value does", async () => {
    const x = parameter([[1, 2, 3, 4, 5, 6, 7, 8]]);
    const y = new Dropout(0.5).forward(x);
    y.sum().backward();
    const values = [...(await y.data())];
    expect(values).toContain(0);
    expect([...((await x.grad?.data()) ?? [])]).toEqual(values.map((value) => (value === 0 ? 0 : 2)));
  });

  test("drops NaN and infinity, too", async () => {
    const x = tensor(
      Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? Number.NaN : Number.POSITIVE_INFINITY)),
    );
    expect(await new Dropout(0.5).forward(x).data()).toContain(0);
  });

  test("p = 1: zeros with gradient 0, whatever goes in", async () => {
    const x = parameter([1, Number.NaN, Number.POSITIVE_INFINITY]);
    const y = new Dropout(1).forward(x);
    y.sum().backward();
    expect(await y.array()).toEqual([0, 0, 0]);
    expect(await x.grad?.array()).toEqual([0, 0, 0]);
  });

  test("p = 0 and use without training are the identity", () => {
    const x = tensor([1, 2]);
    expect(new Dropout(0).forward(x)).toBe(x);
    const dropout = new Dropout(0.9);
    expect(dropout.training).toBe(true);
    dropout.training = false;
    expect(dropout.forward(x)).toBe(x);
  });

  test("no new plan from call to call, nor for another p", async () => {
    const x = ones([3, 4]);
    const run = (p: number) => new Dropout(p).forward(x).data();
    await run(0.5);
    const { plans } = profile();
    for (const p of [0.5, 0.25, 1]) await run(p);
    expect(profile().plans).toBe(plans);
  });
});

test("gradient against differences, one mask", () => {
  const dropped = (x: Tensor | undefined): Tensor => {
    manualSeed(3);
    return new Dropout(0.3)
      .forward(x as Tensor)
      .square()
      .sum();
  };
  gradcheck(dropped, [
    inputOf([
      [1, -2, 3],
      [0.5, 4, -1],
    ]),
  ]);
});

describe("wrong arguments", () => {
  const errors: [name: string, call: () => unknown, error: Error][] = [
    ["p below 0", () => new Dropout(-0.1), new RangeError('Dropout: "p" expected a number in [0, 1], got -0.1')],
    ["p above 1", () => new Dropout(50), new RangeError('Dropout: "p" expected a number in [0, 1], got 50')],
    ["p of NaN", () => new Dropout(Number.NaN), new RangeError('Dropout: "p" expected a number in [0, 1], got NaN')],
    ["p as text", () => new Dropout("0.5" as never), new TypeError('Dropout: "p" expected a number, got "0.5"')],
    [
      "an array",
      () => new Dropout().forward([1] as never),
      new TypeError('Dropout: "x" expected a tensor, got an array of length 1'),
    ],
    [
      "integers",
      () => new Dropout().forward(tensor([1], { dtype: "int32" })),
      new TypeError('Dropout: "x" expected float32, got int32; use cast("float32")'),
    ],
  ];
  test.each(errors)("%s", (_, call, error) => expect(call).toThrow(error));
});
