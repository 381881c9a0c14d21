import type { Tensor } from "@downhill/tensor";
import { cumsum, gather, grad, oneHot, parameter, pick, scatterAdd, take, tensor, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import {
  draw,
  expectClose,
  expectExactly,
  expectGradient,
  indicesOf,
  onEveryEngine,
  random,
  randomNumbers,
  sizeOf,
} from "./support.js";

const int = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor(Int32Array.from(values), { shape });
const randomIndices = (count: number, limit: number, seed = 1): number[] => {
  const next = randomNumbers(seed);
  return Array.from({ length: count }, () => Math.floor(next() * limit));
};

onEveryEngine((engine) => {
  describe("take", () => {
    const cases: [shape: number[], axis: number, indices: number[]][] = [
      [[4], 0, [3]],
      [[4, 3], 0, [2, 0, 2, 3]],
      [[4, 3], 1, [2, 2]],
      [[2, 3, 4], 1, [1, 0]],
      [[2, 3, 4], -1, [3, 0]],
      [[2, 3], 0, []],
    ];
    test.each(cases)("%j along %i: %j", (shape, axis, indices) => {
      const values = draw(sizeOf(shape));
      const at = axis < 0 ? axis + shape.length : axis;
      const out = shape.map((extent, i) => (i === at ? indices.length : extent));
      const place = (index: readonly number[]): number =>
        index.reduce((p, i, k) => p * (shape[k] as number) + (k === at ? (indices[i] as number) : i), 0);
      const y = take(tensor(values, { shape }), int(indices), axis);
      expect(y.shape).toEqual(out);
      expectClose(
        y,
        indicesOf(out).map((index) => values[place(index)] as number),
      );
      expectClose(
        take(tensor(values, { shape }).mul(2), int(indices), axis).add(1),
        indicesOf(out).map((index) => 2 * (values[place(index)] as number) + 1),
      );
      expectGradient(engine, (x) => take(x as Tensor, int(indices), axis).square(), [{ shape, values }]);
    });
    test("indices of any shape, also none and a scalar", () => {
      const x = tensor([
        [1, 2],
        [3, 4],
      ]);
      expect(
        take(x, [
          [1, 0],
          [0, 0],
        ]).arraySync(),
      ).toEqual([
        [
          [3, 4],
          [1, 2],
        ],
        [
          [1, 2],
          [1, 2],
        ],
      ]);
      expect(take(x, int([1], [])).arraySync()).toEqual([3, 4]);
      expect(take(x, 1).arraySync()).toEqual([3, 4]);
      expect(take(x, int([0], []), 1).arraySync()).toEqual([1, 3]);
    });
    test("int32 and bool values", () => {
      expectExactly(take(int([7, 16777217]), [1, 1]), [2], "int32", [16777217, 16777217]);
      expectExactly(take(tensor([true, false]), [1, 0]), [2], "bool", [0, 1]);
    });
    test("an embedding: rows taken twice add their gradients", () => {
      const table = parameter(zeros([5, 2]));
      take(table, [1, 3, 1])
        .mul([
          [1, 2],
          [3, 4],
          [5, 6],
        ])
        .sum()
        .backward();
      expect(table.grad?.arraySync()).toEqual([
        [0, 0],
        [6, 8],
        [0, 0],
        [3, 4],
        [0, 0],
      ]);
    });
    test("indices that were computed", () => {
      const x = tensor([10, 20, 30]);
      expectClose(take(x, tensor([0.2, 1.9]).cast("int32").add(1)), [20, 30]);
      expect(() => take(x, int([1]).add(2)).dataSync()).toThrow(
        new RangeError('evaluate: "indices" of take or gather expected integers from 0 to 2, got 3 at position 0'),
      );
    });
  });

  describe("gather and scatterAdd", () => {
    const cases: [shape: number[], axis: number, count: number][] = [
      [[4], 0, 6],
      [[3, 4], 1, 2],
      [[3, 4], 0, 5],
      [[2, 3, 4], 1, 4],
      [[2, 3, 4], -1, 1],
      [[2, 3], 1, 0],
    ];
    test.each(cases)("%j along %i, %i each", (shape, axis, count) => {
      const at = axis < 0 ? axis + shape.length : axis;
      const extent = shape[at] as number;
      const out = shape.map((each, i) => (i === at ? count : each));
      const index = randomIndices(sizeOf(out), extent, 3);
      const values = draw(sizeOf(shape));
      const sources = indicesOf(out).map((position, i) =>
        position.reduce((p, each, k) => p * (shape[k] as number) + (k === at ? (index[i] as number) : each), 0),
      );
      const gathered = gather(tensor(values, { shape }), int(index, out), axis);
      expect(gathered.shape).toEqual(out);
      expectClose(
        gathered,
        sources.map((source) => values[source] as number),
      );
      expectGradient(engine, (x) => gather(x as Tensor, int(index, out), axis).square(), [{ shape, values }]);

      const parts = draw(sizeOf(out), -2, 2, 9);
      const sums = new Array<number>(sizeOf(shape)).fill(0);
      sources.forEach((to, i) => {
        sums[to] = (sums[to] as number) + (parts[i] as number);
      });
      const scattered = scatterAdd(tensor(parts, { shape: out }), int(index, out), axis, extent);
      expect(scattered.shape).toEqual(shape);
      expectClose(scattered, sums, { absolute: 1e-6 });
      expectGradient(engine, (x) => scatterAdd(x as Tensor, int(index, out), axis, extent).square(), [
        { shape: out, values: parts },
      ]);
    });
    test("scatterAdd of int32 is exact, and of nothing is zeros", () => {
      expectExactly(scatterAdd(int([16777216, 1]), [0, 0], 0, 2), [2], "int32", [16777217, 0]);
      expectExactly(scatterAdd(zeros([0]), int([]), 0, 2), [2], "float32", [0, 0]);
      expectExactly(scatterAdd(zeros([2, 0]), int([], [2, 0]), 1, 0), [2, 0], "float32", []);
    });
  });

  describe("pick and oneHot", () => {
    test("pick takes one entry per row", () => {
      const shape = [5, 7];
      const values = draw(35);
      const index = randomIndices(5, 7);
      expectClose(
        pick(tensor(values, { shape }), int(index)),
        index.map((c, r) => values[r * 7 + c] as number),
      );
      expectClose(
        pick(tensor(values, { shape }).exp(), int(index)).log(),
        index.map((c, r) => values[r * 7 + c] as number),
        { absolute: 1e-6 },
      );
      expectGradient(engine, (x) => pick(x as Tensor, int(index)).square(), [{ shape, values }]);
      expectGradient(engine, (x) => pick((x as Tensor).logSoftmax(), int(index)), [{ shape, values }]);
    });
    test("pick of other ranks", () => {
      expect(pick(tensor([1, 2, 3]), 2).arraySync()).toBe(3);
      expect(
        pick(
          tensor([
            [
              [1, 2],
              [3, 4],
            ],
          ]),
          [[1, 0]],
        ).arraySync(),
      ).toEqual([[2, 3]]);
      expect(pick(tensor([[5], [6]]), [0, 0]).arraySync()).toEqual([5, 6]);
      expect(pick(zeros([0, 3]), int([])).arraySync()).toEqual([]);
      expectExactly(pick(int([1, 16777217], [1, 2]), [1]), [1], "int32", [16777217]);
      expectExactly(pick(tensor([[true, false]]), [0]), [1], "bool", [1]);
    });
    test("oneHot", () => {
      expectExactly(oneHot([1, 0], 3), [2, 3], "float32", [0, 1, 0, 1, 0, 0]);
      expectExactly(oneHot([[2]], 3), [1, 1, 3], "float32", [0, 0, 1]);
      expectExactly(oneHot(1, 2), [2], "float32", [0, 1]);
      expectExactly(oneHot(int([]), 2), [0, 2], "float32", []);
      expectExactly(oneHot([0, 0], 1), [2, 1], "float32", [1, 1]);
      expectClose(
        oneHot([1, 0], 3)
          .mul([
            [1, 2, 3],
            [4, 5, 6],
          ])
          .sum({ axis: 1 }),
        [2, 4],
      );
    });
    test("pick and oneHot agree on a wide row", () => {
      const [rows, classes] = [9, 133];
      const x = random([rows, classes]);
      const index = int(randomIndices(rows, classes));
      expectClose(pick(x, index), x.mul(oneHot(index, classes)).sum({ axis: 1 }).dataSync());
    });
    test("labels in any form", () => {
      const wanted = [0, 1, 0, 1, 0, 0];
      for (const labels of [
        [1, 0],
        new Int32Array([1, 0]),
        new Uint8Array([1, 0]),
        tensor([1, 0]),
        int([1, 0]),
        int([0, -1]).add(1),
      ])
        expectClose(oneHot(labels, 3), wanted);
    });
  });

  describe("cumsum", () => {
    test.each([[[5]], [[3, 4]], [[2, 3, 4]], [[1, 1]], [[0]], [[2, 0]], [[300]]])("%j", (shape) => {
      const values = draw(sizeOf(shape));
      for (let axis = 0; axis < shape.length; axis++) {
        const step = sizeOf(shape.slice(axis + 1));
        const sums = [...values];
        for (let i = 0; i < sums.length; i++)
          if (Math.floor(i / step) % (shape[axis] as number) > 0)
            sums[i] = (sums[i] as number) + (sums[i - step] as number);
        expectClose(cumsum(tensor(values, { shape }), { axis }), sums, { absolute: 2e-5 });
        if (values.length < 50)
          expectGradient(engine, (x) => cumsum(x as Tensor, { axis }).square(), [{ shape, values }]);
      }
    });
    test("of int32 and bool", () => {
      expectExactly(cumsum(int([16777216, 1, 1])), [3], "int32", [16777216, 16777217, 16777218]);
      expectExactly(cumsum(tensor([true, false, true])), [3], "int32", [1, 1, 2]);
    });
  });

  test("indices that turn out wrong while running: value, position and range", () => {
    const computed = int([0, 5]).add(1);
    const of = (names: string): RangeError =>
      new RangeError(`evaluate: "indices" of ${names} expected integers from 0 to 2, got 6 at position 1`);
    expect(() => take([1, 2, 3], computed).dataSync()).toThrow(of("take or gather"));
    expect(() => pick(zeros([2, 3]), computed).dataSync()).toThrow(of("pick"));
    expect(() => oneHot(computed, 3).dataSync()).toThrow(of("pick or oneHot"));
    expect(() => scatterAdd([1, 2], computed, 0, 3).dataSync()).toThrow(of("take, gather or scatterAdd"));
    expect(() =>
      pick(zeros([2, 3]).add(1), computed.neg())
        .sum()
        .itemSync(),
    ).toThrow(new RangeError('evaluate: "indices" of pick expected integers from 0 to 2, got -1 at position 0'));
    // And the engine goes on working.
    expect(take([1, 2, 3], [2]).arraySync()).toEqual([3]);
  });

  test("an index out of range found while running leaves parameters as they were", () => {
    const weight = parameter([1, 2]);
    expect(() => weight.assign(take(weight, int([0, 2]).add(0)))).toThrow(RangeError);
    expect(weight.arraySync()).toEqual([1, 2]);
    weight.assign([3, 4]);
    expect(weight.arraySync()).toEqual([3, 4]);
  });

  test("the second derivative of a pick", () => {
    const cube = (x: Tensor): Tensor => pick(x, [1]).pow(3).sum();
    expectClose(grad((x: Tensor) => grad(cube)(x).sum())(tensor([[1, 2]])), [0, 12]);
  });
});
