import { Flatten, Linear, ReLU, Sequential, Sigmoid, Softmax, Tanh } from "@downhill/nn";
import type { Tensor } from "@downhill/tensor";
import { kindOf, manualSeed, tensor, zeros } from "@downhill/tensor";
import type { Numbers } from "@downhill/testing";
import { close } from "@downhill/testing";
import { expect, test } from "vitest";

const x = [[-1, 0, 2]];
const e = Math.E;

// By hand from the definitions.
test.each([
  ["ReLU", new ReLU(), [[0, 0, 2]]],
  ["Sigmoid", new Sigmoid(), [[1 / (1 + e), 0.5, 1 / (1 + e ** -2)]]],
  ["Tanh", new Tanh(), [[Math.tanh(-1), 0, Math.tanh(2)]]],
  ["Softmax", new Softmax(), [[e ** -1, 1, e ** 2].map((each) => each / (e ** -1 + 1 + e ** 2))]],
  ["Softmax along axis 0", new Softmax(0), [[1, 1, 1]]],
] as const)("%s", async (_name, layer, expected) => {
  close((await layer.forward(tensor(x)).array()) as Numbers, expected, { relative: 1e-6, absolute: 1e-7 });
});

test("losses see through Softmax and Sigmoid what they get", () => {
  expect(kindOf(new Softmax().forward(tensor(x)))).toBe("probabilities");
  expect(kindOf(new Sigmoid().forward(tensor(x)))).toBe("sigmoid");
});

test("Flatten keeps the batch axis, or starts elsewhere", () => {
  expect(new Flatten().forward(zeros([2, 3, 4])).shape).toEqual([2, 12]);
  expect(new Flatten(0).forward(zeros([2, 3, 4])).shape).toEqual([24]);
  expect(new Flatten(-2).forward(zeros([2, 3, 4])).shape).toEqual([2, 12]);
});

test("Linear multiplies by the transposed weight, on any leading axes", async () => {
  const layer = new Linear(2, 3);
  layer.weight.assign([
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
  layer.bias?.assign([10, 20, 30]);
  expect(await layer.forward(tensor([1, 2])).array()).toEqual([11, 22, 33]);
  expect(await layer.forward(tensor([[[1, 2]], [[3, 4]]])).array()).toEqual([[[11, 22, 33]], [[13, 24, 37]]]);
  expect(await layer.forward(tensor(new Uint8Array([1, 2]))).array()).toEqual([11, 22, 33]);
  expect(layer.parameters().map(({ name, shape }) => [name, ...shape])).toEqual([
    ["weight", 3, 2],
    ["bias", 3],
  ]);
  expect(new Linear(2, 3, { bias: false }).parameters()).toHaveLength(1);
});

test("Linear starts uniform within 1 / sqrt(in), the same for the same seed", async () => {
  const values = async (): Promise<number[]> => {
    manualSeed(3);
    const { weight, bias } = new Linear(100, 50);
    return [...(await weight.data()), ...(await (bias as Tensor).data())];
  };
  const drawn = await values();
  expect(Math.max(...drawn)).toBeLessThanOrEqual(0.1);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-0.1);
  expect(Math.max(...drawn)).toBeGreaterThan(0.099);
  // The variance of a uniform distribution is width² / 12.
  close(drawn.reduce((sum, each) => sum + each ** 2, 0) / drawn.length, 0.04 / 12, { relative: 0.05 });
  expect(await values()).toEqual(drawn);
});

test.each([
  [() => new Linear(0, 1), 'Linear: "inFeatures" expected an integer of at least 1, got 0'],
  [() => new Linear(1, 1.5), 'Linear: "outFeatures" expected an integer of at least 1, got 1.5'],
  [() => new Softmax(0.5), 'Softmax: "axis" expected an integer'],
  [() => new Flatten(Number.NaN), 'Flatten: "from" expected an integer'],
  [() => new Linear(3, 2).forward(zeros([4, 2])), 'Linear(3, 2): "x" expected shape [..., 3], got [4, 2]'],
  [
    () => new Sequential([new Linear(6, 2)]).forward(zeros([4, 2, 3])),
    'Linear(6, 2): "x" expected shape [..., 6], got [4, 2, 3]; put a Flatten before it',
  ],
  [() => new Linear(3, 2).forward([1, 2, 3] as never), 'Linear(3, 2): "x" expected a tensor, got an array of length 3'],
])("error %#: %s", (make, message) => {
  expect(make).toThrow(message);
});
