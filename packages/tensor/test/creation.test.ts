import type { Tensor } from "@downhill/tensor";
import {
  arange,
  eye,
  full,
  hostValues,
  linspace,
  number,
  ones,
  onesLike,
  parameter,
  state,
  tensor,
  zeros,
  zerosLike,
} from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { expectClose, expectExactly, onEveryEngine } from "./support.js";

type Row = [what: string, make: () => Tensor, shape: number[], dtype: string, values: number[]];

onEveryEngine(() => {
  const rows: Row[] = [
    ["a number", () => tensor(1.5), [], "float32", [1.5]],
    ["a boolean", () => tensor(true), [], "bool", [1]],
    ["a list", () => tensor([1, 2, 3]), [3], "float32", [1, 2, 3]],
    [
      "nested lists",
      () =>
        tensor([
          [[1], [2]],
          [[3], [4]],
        ]),
      [2, 2, 1],
      "float32",
      [1, 2, 3, 4],
    ],
    ["an empty list", () => tensor([]), [0], "float32", []],
    ["empty rows", () => tensor([[], []]), [2, 0], "float32", []],
    ["booleans", () => tensor([true, false]), [2], "bool", [1, 0]],
    ["booleans among numbers", () => tensor([true, 2]), [2], "float32", [1, 2]],
    ["Float32Array", () => tensor(new Float32Array([1.5])), [1], "float32", [1.5]],
    ["Float64Array", () => tensor(new Float64Array([0.1])), [1], "float32", [Math.fround(0.1)]],
    ["Int8Array", () => tensor(new Int8Array([-1])), [1], "int32", [-1]],
    ["Int16Array", () => tensor(new Int16Array([-1])), [1], "int32", [-1]],
    ["Int32Array", () => tensor(new Int32Array([2147483647, -2147483648])), [2], "int32", [2147483647, -2147483648]],
    ["Uint8Array", () => tensor(new Uint8Array([255])), [1], "int32", [255]],
    ["Uint8ClampedArray", () => tensor(new Uint8ClampedArray([255])), [1], "int32", [255]],
    ["Uint16Array", () => tensor(new Uint16Array([65535])), [1], "int32", [65535]],
    ["Uint32Array", () => tensor(new Uint32Array([7])), [1], "int32", [7]],
    ["a list of typed arrays", () => tensor([new Float32Array([1, 2])] as never), [1, 2], "float32", [1, 2]],
    [
      "a typed array in a shape",
      () => tensor(new Float32Array([1, 2, 3, 4]), { shape: [2, 2] }),
      [2, 2],
      "float32",
      [1, 2, 3, 4],
    ],
    ["a number in a shape", () => tensor(5, { shape: [1, 1] }), [1, 1], "float32", [5]],
    ["numbers as int32", () => tensor([1, -2147483648], { dtype: "int32" }), [2], "int32", [1, -2147483648]],
    ["a number as int32", () => tensor(-2147483648, { dtype: "int32" }), [], "int32", [-2147483648]],
    ["numbers as bool", () => tensor([0, -3, 0.5, NaN], { dtype: "bool" }), [4], "bool", [0, 1, 1, 1]],
    ["a number as bool", () => tensor(3, { dtype: "bool" }), [], "bool", [1]],
    ["booleans as float32", () => tensor([true, false], { dtype: "float32" }), [2], "float32", [1, 0]],
    ["integers as float32", () => tensor(new Int32Array([5]), { dtype: "float32" }), [1], "float32", [5]],
    ["specials", () => tensor([NaN, Infinity, -Infinity, -0]), [4], "float32", [NaN, Infinity, -Infinity, -0]],
    ["zeros", () => zeros([2, 1]), [2, 1], "float32", [0, 0]],
    ["zeros of nothing", () => zeros([0]), [0], "float32", []],
    ["a zero", () => zeros([]), [], "float32", [0]],
    ["int32 zeros", () => zeros([1], { dtype: "int32" }), [1], "int32", [0]],
    ["ones", () => ones([3]), [3], "float32", [1, 1, 1]],
    ["bool ones", () => ones([2], { dtype: "bool" }), [2], "bool", [1, 1]],
    ["full", () => full([2, 2], -1.5), [2, 2], "float32", [-1.5, -1.5, -1.5, -1.5]],
    ["full of NaN", () => full([1], NaN), [1], "float32", [NaN]],
    ["int32 full", () => full([2], 7, { dtype: "int32" }), [2], "int32", [7, 7]],
    ["bool full", () => full([2], 3, { dtype: "bool" }), [2], "bool", [1, 1]],
    ["zerosLike", () => zerosLike(tensor(new Int32Array([3, 4]))), [2], "int32", [0, 0]],
    ["onesLike", () => onesLike(tensor([[1, 2]])), [1, 2], "float32", [1, 1]],
    ["eye", () => eye(2), [2, 2], "float32", [1, 0, 0, 1]],
    ["a wide eye", () => eye(2, 3), [2, 3], "float32", [1, 0, 0, 0, 1, 0]],
    ["a tall eye", () => eye(3, 1), [3, 1], "float32", [1, 0, 0]],
    ["an empty eye", () => eye(0), [0, 0], "float32", []],
    ["arange to", () => arange(3), [3], "int32", [0, 1, 2]],
    ["arange to less than 0", () => arange(-3), [0], "int32", []],
    ["arange from to", () => arange(2, 5), [3], "int32", [2, 3, 4]],
    ["arange backwards", () => arange(5, 0, -2), [3], "int32", [5, 3, 1]],
    ["arange of fractions", () => arange(1, 2, 0.25), [4], "float32", [1, 1.25, 1.5, 1.75]],
    ["arange that does not reach", () => arange(0, 1, 0.4), [3], "float32", [0, Math.fround(0.4), Math.fround(0.8)]],
    ["linspace", () => linspace(-1, 1, 5), [5], "float32", [-1, -0.5, 0, 0.5, 1]],
    ["linspace of one", () => linspace(3, 9, 1), [1], "float32", [3]],
    ["linspace ends at the end", () => linspace(0, 0.7, 8).slice([7]), [1], "float32", [Math.fround(0.7)]],
    ["number", () => number(0.5), [], "float32", [0.5]],
    ["parameter", () => parameter([[1], [2]]), [2, 1], "float32", [1, 2]],
    ["parameter of a number", () => parameter(5), [], "float32", [5]],
    ["parameter of integers", () => parameter(new Int32Array([5])), [1], "float32", [5]],
    ["parameter of a tensor", () => parameter(tensor([1, 2]).mul(2)), [2], "float32", [2, 4]],
    ["parameter in a shape", () => parameter([1, 2], { shape: [2, 1] }), [2, 1], "float32", [1, 2]],
    ["an empty parameter", () => parameter(zeros([0, 2])), [0, 2], "float32", []],
    ["tensor that requires a gradient", () => tensor([1, 2], { requiresGrad: true }), [2], "float32", [1, 2]],
    ["state", () => state(new Int32Array([1])), [1], "int32", [1]],
    ["bool state", () => state([true]), [1], "bool", [1]],
    ["state of a tensor", () => state(zeros([2])), [2], "float32", [0, 0]],
  ];
  test.each(rows)("%s", (_what, make, shape, dtype, values) => {
    const x = make();
    expectExactly(x, shape, dtype, values);
    expect([x.rank, x.size]).toEqual([shape.length, values.length]);
  });

  test("data is copied", () => {
    const source = new Float32Array([1, 2]);
    const x = tensor(source);
    source[0] = 9;
    expectClose(x, [1, 2]);
  });

  test("what is read is a copy", async () => {
    const x = tensor([1, 2]);
    (await x.data())[0] = 9;
    expect(await x.array()).toEqual([1, 2]);
    const y = x.mul(2);
    (await y.data())[0] = 9;
    expect(await y.array()).toEqual([2, 4]);
  });

  test("reading: data, array and item, at once or awaited", async () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(await x.array()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(x.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await x.data()).toEqual(new Float32Array([1, 2, 3, 4]));
    expect(await tensor([true]).data()).toEqual(new Uint8Array([1]));
    expect(await tensor(new Int32Array([1])).data()).toEqual(new Int32Array([1]));
    expect(await tensor([[5]]).item()).toBe(5);
    expect(tensor(5).arraySync()).toBe(5);
    expect(zeros([2, 0]).arraySync()).toEqual([[], []]);
    expect(zeros([0, 2]).arraySync()).toEqual([]);
  });

  test("clone keeps the values of a parameter", async () => {
    const weight = parameter([1, 2]);
    const kept = weight.clone();
    for (let i = 0; i < 3; i++) weight.assign([i, i]);
    expect(await kept.array()).toEqual([1, 2]);
    expect(kept.requiresGrad).toBe(false);
  });

  test("parameters are numbered, named and renamed", () => {
    expect(parameter([1]).name).toMatch(/^parameter \d+$/);
    expect(state([1]).name).toMatch(/^state \d+$/);
    const weight = parameter([1], { name: "weight" });
    expect(weight.name).toBe("weight");
    weight.name = "bias";
    expect(weight.name).toBe("bias");
  });

  test("who needs a gradient", () => {
    const weight = parameter([1]);
    expect(
      [weight, weight.mul(2), state([1]), tensor([1]), weight.detach(), weight.cast("int32")].map(
        (x) => x.requiresGrad,
      ),
    ).toEqual([true, true, false, false, false, false]);
    expect(tensor([1]).grad).toBe(null);
    expect(weight.grad).toBe(null);
  });
});

describe("hostValues", () => {
  test("of data and what was read, nothing else", () => {
    expect(Array.from(hostValues(tensor([1, 2])) ?? [])).toEqual([1, 2]);
    expect(Array.from(hostValues(tensor([[1, 2]]).reshape([2])) ?? [])).toEqual([1, 2]);
    const x = tensor([1, 2]).exp();
    expect(hostValues(x)).toBe(null);
    x.dataSync();
    expect(hostValues(x)?.length).toBe(2);
    expect(hostValues(parameter([1]))).toBe(null);
  });
});
