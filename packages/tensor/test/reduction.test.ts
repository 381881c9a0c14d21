import type { Tensor } from "@downhill/tensor";
import { grad, std, tensor, variance, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import {
  draw,
  expectClose,
  expectExactly,
  expectGradient,
  indicesOf,
  onEveryEngine,
  random,
  sizeOf,
} from "./support.js";

/** Every subset of the axes of a shape. */
const subsets = (rank: number): number[][] =>
  Array.from({ length: 2 ** rank }, (_, bits) =>
    Array.from({ length: rank }, (_, axis) => axis).filter((axis) => (bits >> axis) & 1),
  );

/** The elements that meet in each output element, in order. */
function groups(shape: readonly number[], axes: readonly number[]): number[][] {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const result = Array.from({ length: sizeOf(kept) }, (): number[] => []);
  indicesOf(shape).forEach((index, at) => {
    const to = index.reduce((place, i, axis) => place * (kept[axis] as number) + (axes.includes(axis) ? 0 : i), 0);
    result[to]?.push(at);
  });
  return result;
}

const reductions = {
  sum: (x: readonly number[]) => x.reduce((s, v) => s + v, 0),
  mean: (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length,
  max: (x: readonly number[]) => Math.max(...x),
  min: (x: readonly number[]) => Math.min(...x),
} as const;
const names = Object.keys(reductions) as (keyof typeof reductions)[];
const shapes: (readonly number[])[] = [
  [],
  [5],
  [1],
  [3, 4],
  [4, 1],
  [2, 3, 4],
  [3, 1, 2],
  [2, 3, 2, 3],
  [1, 2, 1, 3],
  [4, 4],
  [3, 70],
  [70, 3],
  [9, 33],
];

onEveryEngine((engine) => {
  describe.each(shapes.map((shape) => [shape]))("%j", (shape) => {
    const values = draw(sizeOf(shape), -2, 2, 3);
    const x = (): Tensor => tensor(values, { shape });
    const all = subsets(shape.length);

    test.each(names)("%s over every set of axes", (name) => {
      for (const axis of all) {
        const expected = groups(shape, axis).map((group) => reductions[name](group.map((i) => values[i] as number)));
        const kept = x()[name]({ axis, keepDims: true });
        const dropped = x()[name]({ axis: axis.map((each) => each - shape.length).reverse() });
        expect(kept.shape).toEqual(shape.map((extent, i) => (axis.includes(i) ? 1 : extent)));
        expect(dropped.shape).toEqual(shape.filter((_, i) => !axis.includes(i)));
        expectClose(kept, expected, { absolute: 1e-5 });
        expectClose(dropped, expected, { absolute: 1e-5 });
        // Between elementwise neighbours the reduction is part of a fused kernel.
        expectClose(
          x().mul(2)[name]({ axis }).add(1),
          expected.map((v) => 2 * v + 1),
          { absolute: 2e-5 },
        );
      }
      expect(x()[name]().shape).toEqual([]);
    });
    test.each(names)("gradient of %s", (name) => {
      if (values.length > 12) {
        for (const axis of all) {
          const slope = grad((t: Tensor) => t[name]({ axis }).square().sum())(x());
          const expected = new Array<number>(values.length);
          for (const group of groups(shape, axis)) {
            const result = reductions[name](group.map((i) => values[i] as number));
            const share = (v: number): number =>
              name === "sum" ? 1 : name === "mean" ? 1 / group.length : Number(v === result);
            for (const i of group) expected[i] = 2 * result * share(values[i] as number);
          }
          expectClose(slope, expected, { absolute: 2e-4, relative: 1e-5 });
        }
      } else
        for (const axis of all) {
          expectGradient(engine, (t) => (t as Tensor)[name]({ axis }).square(), [{ shape, values }]);
          expectGradient(engine, (t) => (t as Tensor)[name]({ axis, keepDims: true }).mul(t as Tensor), [
            { shape, values },
          ]);
        }
    });
    test("argmax and argmin along every axis", () => {
      for (let axis = 0; axis < shape.length; axis++) {
        const at = groups(shape, [axis]).map((group) => group.map((i) => values[i] as number));
        const kept = shape.map((extent, i) => (i === axis ? 1 : extent));
        expectExactly(
          x().argmax({ axis, keepDims: true }),
          kept,
          "int32",
          at.map((v) => v.indexOf(Math.max(...v))),
        );
        expectExactly(
          x().argmin({ axis: axis - shape.length }),
          shape.filter((_, i) => i !== axis),
          "int32",
          at.map((v) => v.indexOf(Math.min(...v))),
        );
      }
      expectExactly(x().argmax(), [], "int32", [values.indexOf(Math.max(...values))]);
      expectExactly(x().argmin(), [], "int32", [values.indexOf(Math.min(...values))]);
    });
  });

  describe("dtypes", () => {
    const ints = (): Tensor => tensor(new Int32Array([2147483647, 1, -5, 16777217]), { shape: [2, 2] });
    const bools = (): Tensor =>
      tensor([
        [true, false],
        [true, true],
      ]);
    const rows: [string, () => Tensor, number[], string, number[]][] = [
      ["sum of int32 wraps", () => ints().sum({ axis: 1 }), [2], "int32", [-2147483648, 16777212]],
      ["sum of int32 is exact", () => ints().sum({ axis: 0 }), [2], "int32", [2147483642, 16777218]],
      ["max of int32 is exact", () => ints().max({ axis: 1 }), [2], "int32", [2147483647, 16777217]],
      ["min of int32", () => ints().min(), [], "int32", [-5]],
      ["mean of int32", () => tensor(new Int32Array([1, 2])).mean(), [], "float32", [1.5]],
      ["sum of bool counts", () => bools().sum(), [], "int32", [3]],
      ["sum of bool along an axis", () => bools().sum({ axis: 0 }), [2], "int32", [2, 1]],
      ["mean of bool", () => bools().mean({ axis: 1 }), [2], "float32", [0.5, 1]],
      ["max of bool", () => bools().max({ axis: 1 }), [2], "int32", [1, 1]],
      ["any", () => bools().any({ axis: 1 }), [2], "bool", [1, 1]],
      ["any of zeros", () => zeros([3]).any(), [], "bool", [0]],
      ["any of NaN", () => tensor([0, NaN]).any(), [], "bool", [1]],
      ["all", () => bools().all({ axis: 1 }), [2], "bool", [0, 1]],
      ["all, kept", () => bools().all({ keepDims: true }), [1, 1], "bool", [0]],
      ["any of int32", () => ints().sub(ints()).any(), [], "bool", [0]],
      ["argmax of int32", () => ints().argmax({ axis: 1 }), [2], "int32", [0, 1]],
      ["argmax of int32 above 2^24", () => tensor(new Int32Array([16777216, 16777217])).argmax(), [], "int32", [1]],
      ["argmax of bool", () => bools().argmax({ axis: 1 }), [2], "int32", [0, 0]],
      ["sum of no axes", () => bools().sum({ axis: [] }), [2, 2], "int32", [1, 0, 1, 1]],
      ["max of no axes", () => ints().max({ axis: [] }), [2, 2], "int32", [2147483647, 1, -5, 16777217]],
    ];
    test.each(rows)("%s", (_what, make, shape, dtype, values) => expectExactly(make(), shape, dtype, values));
  });

  describe("nothing to reduce", () => {
    const rows: [string, () => Tensor, number[], number[]][] = [
      ["the sum of nothing is 0", () => zeros([0]).sum(), [], [0]],
      ["sums of empty rows are 0", () => zeros([3, 0]).sum({ axis: 1 }), [3], [0, 0, 0]],
      ["no rows, no sums", () => zeros([0, 3]).sum({ axis: 1 }), [0], []],
      ["sums over no rows", () => zeros([0, 3]).sum({ axis: 0, keepDims: true }), [1, 3], [0, 0, 0]],
      ["the mean of nothing is NaN", () => zeros([0]).mean(), [], [NaN]],
      ["no rows, no maxima", () => zeros([0, 3]).max({ axis: 1 }), [0], []],
      ["no rows, no places", () => zeros([0, 3]).argmax({ axis: 1 }), [0], []],
      ["in a chain", () => zeros([2, 0]).exp().sum({ axis: 1 }).add(1), [2], [1, 1]],
    ];
    test.each(rows)("%s", (_what, make, shape, values) => {
      expect(make().shape).toEqual(shape);
      expectClose(make(), values);
    });
    test("the gradient of the sum of nothing", () => {
      expect(grad((x: Tensor) => x.sum())(zeros([2, 0])).shape).toEqual([2, 0]);
      expectClose(grad((x: Tensor) => x.mul(zeros([0, 1])).sum())(tensor([1, 2])), [0, 0]);
    });
  });

  describe("ties, NaN and infinity", () => {
    const rows: [string, () => Tensor, number[]][] = [
      [
        "argmax: the first of equals",
        () =>
          tensor([
            [1, 3, 3],
            [2, 2, 2],
          ]).argmax({ axis: 1 }),
        [1, 0],
      ],
      [
        "argmin: the first of equals",
        () =>
          tensor([
            [3, 1, 1],
            [2, 2, 2],
          ]).argmin({ axis: 1 }),
        [1, 0],
      ],
      [
        "argmax down columns: the first of equals",
        () =>
          tensor([
            [1, 5],
            [1, 5],
            [0, 5],
          ]).argmax({ axis: 0 }),
        [0, 0],
      ],
      ["argmax: the first NaN wins", () => tensor([1, NaN, 9, NaN]).argmax(), [1]],
      ["argmin: the first NaN wins", () => tensor([1, NaN, -9, NaN]).argmin(), [1]],
      ["argmax of -Infinity only", () => tensor([-Infinity, -Infinity]).argmax(), [0]],
      ["argmin of Infinity only", () => tensor([Infinity, Infinity]).argmin(), [0]],
      ["max of -Infinity only", () => tensor([-Infinity, -Infinity]).max(), [-Infinity]],
      [
        "NaN goes through max",
        () =>
          tensor([
            [1, NaN],
            [2, 3],
          ]).max({ axis: 1 }),
        [NaN, 3],
      ],
      [
        "NaN goes through min",
        () =>
          tensor([
            [1, NaN],
            [2, 3],
          ]).min({ axis: 0 }),
        [1, NaN],
      ],
      ["NaN goes through max in a long row", () => tensor([...draw(100), NaN, ...draw(100)]).max(), [NaN]],
      ["NaN goes through sum", () => tensor([1, NaN]).sum(), [NaN]],
      ["Infinity - Infinity", () => tensor([Infinity, -Infinity]).sum(), [NaN]],
      ["sum of infinities", () => tensor([Infinity, Infinity, 1]).sum(), [Infinity]],
      ["max of signed zeros", () => tensor([-0, 0]).max(), [0]],
    ];
    test.each(rows)("%s", (_what, make, values) => expectClose(make(), values));

    test("equal extremes share the gradient", () => {
      for (const name of ["max", "min"] as const) {
        expectClose(grad((x: Tensor) => x[name]())(tensor([2, 2, 2, 2])), [0.25, 0.25, 0.25, 0.25]);
        expectClose(
          grad((x: Tensor) => x[name]({ axis: 0 }).sum())(
            tensor([
              [1, 1],
              [1, 1],
            ]),
          ),
          [0.5, 0.5, 0.5, 0.5],
        );
      }
      expectClose(grad((x: Tensor) => x.max({ axis: [0, 2] }).sum())(tensor([[[1, 3]], [[3, 3]]])), [
        0,
        1 / 3,
        1 / 3,
        1 / 3,
      ]);
    });
    test("a row without gradient", () => {
      expect(() => grad((x: Tensor) => x.argmax().cast("float32").add(x.sum().mul(0)))(tensor([1, 2]))).not.toThrow();
      expectClose(grad((x: Tensor) => x.argmax().cast("float32"))(tensor([1, 2])), [0, 0]);
    });
  });

  test("sums keep their accuracy over a million elements", () => {
    const tenths = tensor(new Float32Array(1_000_000).fill(0.1));
    expectClose(tenths.sum(), [1_000_000 * Math.fround(0.1)], { relative: 1e-6 });
    expectClose(tenths.mean(), [Math.fround(0.1)], { relative: 1e-6 });
    // tfjs-wasm gives 49992896: reference/pains of float32 accumulators.
    expectClose(tensor(Float32Array.from({ length: 10000 }, (_, i) => i)).sum(), [49995000]);
    expectClose(
      tensor(
        Float32Array.from({ length: 10000 }, (_, i) => i),
        { shape: [10000, 1] },
      ).sum({ axis: 0 }),
      [49995000],
    );
    // Large terms that cancel around a small rest.
    expectClose(tensor([1e8, 1, -1e8, 1]).sum(), [2], { absolute: 8 });
  });

  test("variance and std without cancellation", () => {
    const far = Array.from({ length: 1000 }, (_, i) => 10000 + (i % 2));
    expectClose(variance(tensor(far), { correction: 0 }), [0.25], { relative: 1e-5 });
    expectClose(std(tensor(far), { correction: 0 }), [0.5], { relative: 1e-5 });
    expectClose(variance(tensor([5, 5, 5])), [0]);
    expectClose(grad((x: Tensor) => std(x))(tensor([5, 5, 5])), [0, 0, 0]);
  });

  test("several reductions of one tensor in one go", () => {
    const x = random([8, 16]);
    const values = Array.from(x.dataSync());
    const y = x.mul(1);
    const total = y.sum().add(y.max()).sub(y.min()).mul(y.mean());
    const [sum, max, min] = [values.reduce((s, v) => s + v, 0), Math.max(...values), Math.min(...values)];
    expectClose(total, [((sum + max - min) * sum) / 128], { relative: 1e-5 });
  });

  test("a reduction of a reduction", () => {
    const x = random([4, 5, 6], 0.5, 2);
    const values = Array.from(x.dataSync());
    const rows = Array.from({ length: 20 }, (_, r) => Math.max(...values.slice(r * 6, r * 6 + 6)));
    expectClose(
      x.max({ axis: 2 }).mul(2).sum({ axis: 1 }).log(),
      [0, 1, 2, 3].map((i) => Math.log(2 * rows.slice(i * 5, i * 5 + 5).reduce((s, v) => s + v, 0))),
    );
    expectGradient(engine, (t) => (t as Tensor).max({ axis: 1 }).sum({ axis: 0 }).log(), [
      { shape: [3, 4], values: values.slice(0, 12) },
    ]);
  });
});
