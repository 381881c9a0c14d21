import type { Tensor } from "@downhill/tensor";
import { argsort, sort, tensor, topK } from "@downhill/tensor";
import { expect, test } from "vitest";
import { draw, expectClose, expectExactly, expectGradient, indicesOf, onEveryEngine, random } from "./support.js";

const int = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor(Int32Array.from(values), { shape });

onEveryEngine((engine) => {
  const orders = (x: readonly number[], descending: boolean): number[] => {
    const rank = (v: number): number => (Number.isNaN(v) ? Infinity : v);
    const compare = (a: number, b: number): number =>
      Number.isNaN(a) || Number.isNaN(b)
        ? Number(Number.isNaN(a)) - Number(Number.isNaN(b))
        : rank(a) < rank(b)
          ? -1
          : rank(a) > rank(b)
            ? 1
            : 0;
    return x.map((_, i) => i).sort((i, j) => compare(x[i] as number, x[j] as number) * (descending ? -1 : 1) || i - j);
  };
  const lists: [string, number[]][] = [
    ["distinct", draw(33)],
    ["with ties", draw(40).map(Math.round)],
    ["all equal", new Array<number>(9).fill(2)],
    ["sorted", [1, 2, 3, 4]],
    ["reversed", [4, 3, 2, 1]],
    ["one", [5]],
    ["none", []],
    ["with NaN and infinities", [NaN, 1, Infinity, -Infinity, NaN, -0, 0, 1]],
    ["long", draw(1000, -50, 50).map(Math.round)],
  ];
  test.each(lists)("%s", (_what, x) => {
    for (const descending of [false, true]) {
      const order = orders(x, descending);
      expectExactly(argsort(tensor(x), { descending }), [x.length], "int32", order);
      const { values, indices } = sort(tensor(x), { descending });
      expectExactly(indices, [x.length], "int32", order);
      expectClose(
        values,
        order.map((i) => x[i] as number),
      );
      const ints = x.filter((v) => Number.isFinite(v)).map(Math.round);
      expectExactly(argsort(int(ints), { descending }), [ints.length], "int32", orders(ints, descending));
    }
    for (const k of [0, 1, Math.floor(x.length / 2), x.length].filter((each) => each <= x.length))
      for (const largest of [true, false])
        expectExactly(topK(tensor(x), k, { largest }).indices, [k], "int32", orders(x, largest).slice(0, k));
  });
  test("along every axis", () => {
    const shape = [3, 4, 2];
    const x = random(shape);
    const values = Array.from(x.dataSync());
    for (let axis = 0; axis < 3; axis++) {
      const sorted = sort(x, { axis: axis - 3 }).values.dataSync();
      const strides = [8, 2, 1];
      const lines = new Map<string, { before: number[]; after: number[] }>();
      indicesOf(shape).forEach((index) => {
        const key = index.filter((_, i) => i !== axis).join();
        const at = index.reduce((p, i, k) => p + i * (strides[k] as number), 0);
        const line = lines.get(key) ?? { before: [], after: [] };
        line.before.push(values[at] as number);
        line.after.push(sorted[at] as number);
        lines.set(key, line);
      });
      for (const { before, after } of lines.values()) expect(after).toEqual([...before].sort((a, b) => a - b));
    }
    expect(topK(x, 2, { axis: 1 }).values.shape).toEqual([3, 2, 2]);
  });
  test("int32 above 2^24 and bool", () => {
    expectExactly(sort(int([16777217, 16777216])).values, [2], "int32", [16777216, 16777217]);
    expectExactly(sort(tensor([true, false])).values, [2], "bool", [0, 1]);
  });
  test("gradients go where the values came from", () => {
    const values = draw(12);
    expectGradient(engine, (x) => sort(x as Tensor).values.square(), [{ shape: [3, 4], values }]);
    expectGradient(engine, (x) => topK(x as Tensor, 2, { axis: 0 }).values.square(), [{ shape: [3, 4], values }]);
  });
});
