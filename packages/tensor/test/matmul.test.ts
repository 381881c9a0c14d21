import type { Tensor } from "@downhill/tensor";
import { grad, parameter, tensor, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { draw, expectClose, expectGradient, onEveryEngine, random, sizeOf } from "./support.js";

type Shape = readonly number[];

/** Batched product by the definition; both operands with at least two axes. */
function product(
  x: readonly number[],
  a: Shape,
  y: readonly number[],
  b: Shape,
): { shape: number[]; values: number[] } {
  const [m, k, n] = [a.at(-2) as number, a.at(-1) as number, b.at(-1) as number];
  const [leadA, leadB] = [a.slice(0, -2), b.slice(0, -2)];
  const rank = Math.max(leadA.length, leadB.length);
  const extent = (lead: Shape, i: number): number => lead[i - rank + lead.length] ?? 1;
  const lead = Array.from({ length: rank }, (_, i) => (extent(leadA, i) === 1 ? extent(leadB, i) : extent(leadA, i)));
  const values: number[] = [];
  for (let s = 0; s < sizeOf(lead); s++) {
    let rest = s;
    let [p, q, strideP, strideQ] = [0, 0, 1, 1];
    for (let i = rank - 1; i >= 0; i--) {
      const at = rest % (lead[i] as number);
      rest = Math.floor(rest / (lead[i] as number));
      if (extent(leadA, i) !== 1) p += at * strideP;
      if (extent(leadB, i) !== 1) q += at * strideQ;
      strideP *= extent(leadA, i);
      strideQ *= extent(leadB, i);
    }
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let l = 0; l < k; l++) total += (x[(p * m + i) * k + l] as number) * (y[(q * k + l) * n + j] as number);
        values.push(total);
      }
  }
  return { shape: [...lead, m, n], values };
}

const pairs: [Shape, Shape][] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 3],
    [3, 4],
  ],
  [
    [1, 5],
    [5, 1],
  ],
  [
    [5, 1],
    [1, 5],
  ],
  [
    [4, 8],
    [8, 8],
  ],
  [
    [5, 9],
    [9, 17],
  ],
  [
    [33, 65],
    [65, 31],
  ],
  [
    [3, 700],
    [700, 10],
  ],
  [
    [130, 7],
    [7, 3],
  ],
  [
    [2, 3, 4],
    [4, 5],
  ],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [3, 4],
    [2, 4, 5],
  ],
  [
    [1, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 3, 4],
    [1, 4, 5],
  ],
  [
    [1, 3, 4],
    [1, 4, 5],
  ],
  [
    [2, 1, 3, 4],
    [5, 4, 2],
  ],
  [
    [5, 3, 4],
    [2, 1, 4, 2],
  ],
  [
    [2, 2, 3, 4],
    [2, 2, 4, 1],
  ],
  [
    [3, 4],
    [1, 4, 5],
  ],
  [
    [0, 3],
    [3, 2],
  ],
  [
    [2, 3],
    [3, 0],
  ],
  [
    [2, 0],
    [0, 3],
  ],
  [
    [0, 2, 3],
    [3, 2],
  ],
  [
    [2, 3],
    [0, 3, 2],
  ],
  [
    [0, 2, 3],
    [0, 3, 2],
  ],
  [
    [2, 2, 0],
    [2, 0, 3],
  ],
];

onEveryEngine((engine) => {
  describe.each(pairs)("%j with %j", (a, b) => {
    const [x, y] = [draw(sizeOf(a), -1, 1, 1), draw(sizeOf(b), -1, 1, 2)];
    const { shape, values } = product(x, a, y, b);
    const left = (): Tensor => tensor(x, { shape: a });
    const right = (): Tensor => tensor(y, { shape: b });
    const swap = (t: Tensor): Tensor =>
      t.transpose([...t.shape.keys()].map((i, _, all) => (i < all.length - 2 ? i : 2 * all.length - 3 - i)));
    const within = { absolute: 3e-6 * Math.sqrt(a.at(-1) as number), relative: 1e-5 };

    test("values", () => {
      const z = left().matmul(right());
      expect(z.shape).toEqual(shape);
      expectClose(z, values, within);
    });
    test("operands that are transposed, computed, or both", () => {
      const stored = (t: Tensor): Tensor => tensor(swap(t).dataSync() as Float32Array, { shape: swap(t).shape });
      expectClose(swap(stored(left())).matmul(right()), values, within);
      expectClose(left().matmul(swap(stored(right()))), values, within);
      expectClose(swap(stored(left())).matmul(swap(stored(right()))), values, within);
      expectClose(
        swap(swap(right()).matmul(swap(left()))),
        shape.length === Math.max(a.length, b.length) ? values : [],
        within,
      );
      expectClose(
        left()
          .mul(2)
          .matmul(swap(stored(right()).neg()))
          .relu(),
        values.map((v) => Math.max(0, -2 * v)),
        { ...within, absolute: 2 * within.absolute },
      );
    });
    test("with what follows it", () => {
      const bias = draw(b.at(-1) as number, -1, 1, 3);
      expectClose(
        left().matmul(right()).add(bias).relu(),
        values.map((v, i) => Math.max(0, v + (bias[i % bias.length] as number))),
        within,
      );
      expectClose(left().matmul(right()).sum(), [values.reduce((s, v) => s + v, 0)], {
        absolute: 1e-3,
        relative: 1e-4,
      });
    });
    test("gradients", () => {
      const args = [
        { shape: a, values: x },
        { shape: b, values: y },
      ];
      if (x.length + y.length < 60) {
        expectGradient(engine, (p, q) => (p as Tensor).matmul(q as Tensor).tanh(), args);
        expectGradient(
          engine,
          (p, q) =>
            swap((p as Tensor).exp())
              .transpose()
              .transpose()
              .matmul(
                swap(q as Tensor)
                  .transpose()
                  .transpose(),
              )
              .tanh(),
          [
            { shape: swap(left()).shape, values: x },
            { shape: swap(right()).shape, values: y },
          ],
        );
      }
      const [dx, dy] = grad((p: Tensor, q: Tensor) => p.matmul(q).square().sum(), { argnums: [0, 1] })(
        left(),
        right(),
      ) as [Tensor, Tensor];
      expect([dx.shape, dy.shape]).toEqual([a, b]);
      if (a.length === 2 && b.length === 2) {
        const transposed = (v: readonly number[], [r, c]: Shape): number[] =>
          v.map((_, i) => v[(i % (r as number)) * (c as number) + Math.floor(i / (r as number))] as number);
        const g = values.map((v) => 2 * v);
        const [m, k, n] = [a[0] as number, a[1] as number, b[1] as number];
        const loose = { absolute: 1e-4, relative: 1e-4 };
        expectClose(dx, product(g, [m, n], transposed(y, b), [n, k]).values, loose);
        expectClose(dy, product(transposed(x, a), [k, m], g, [m, n]).values, loose);
      }
    });
  });

  describe("vectors", () => {
    const [v, w] = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const m = [
      [1, 0, 2],
      [0, 3, 0],
    ];
    const rows: [string, () => Tensor, readonly number[], readonly number[]][] = [
      ["vector with vector", () => tensor(v).matmul(w), [], [32]],
      ["matrix with vector", () => tensor(m).matmul(v), [2], [7, 6]],
      ["vector with matrix", () => tensor([1, 2]).matmul(m), [3], [1, 6, 2]],
      ["batch with vector", () => tensor([m, m]).matmul(v), [2, 2], [7, 6, 7, 6]],
      ["vector with batch", () => tensor([1, 2]).matmul([m, m]), [2, 3], [1, 6, 2, 1, 6, 2]],
      ["int32 with bool is float32", () => tensor(new Int32Array([1, 2])).matmul([true, true]), [], [3]],
      ["empty vectors", () => zeros([0]).matmul(zeros([0])), [], [0]],
    ];
    test.each(rows)("%s", (_what, make, shape, values) => {
      const z = make();
      expect([z.shape, z.dtype]).toEqual([shape, "float32"]);
      expectClose(z, values);
    });
    test("gradients", () => {
      const vector = { shape: [3], values: draw(3) };
      expectGradient(engine, (x, y) => (x as Tensor).matmul(y as Tensor).square(), [
        vector,
        { shape: [3], values: draw(3, 0, 1) },
      ]);
      expectGradient(engine, (x, y) => (x as Tensor).matmul(y as Tensor).square(), [
        vector,
        { shape: [3, 2], values: draw(6) },
      ]);
      expectGradient(engine, (x, y) => (x as Tensor).matmul(y as Tensor).square(), [
        { shape: [2, 2, 3], values: draw(12) },
        vector,
      ]);
    });
  });

  test("NaN and infinity stay in their rows and columns", () => {
    const z = tensor([
      [NaN, 1],
      [2, 3],
    ]).matmul([
      [1, 0],
      [0, Infinity],
    ]);
    expectClose(z, [NaN, NaN, 2, Infinity]);
    expectClose(tensor([[0]]).matmul([[Infinity]]), [NaN]);
  });

  test("an operand is itself a product", () => {
    const [x, y, z] = [random([3, 4], -1, 1, 1), random([4, 5], -1, 1, 2), random([5, 2], -1, 1, 3)];
    const once = product(Array.from(x.dataSync()), [3, 4], Array.from(y.dataSync()), [4, 5]);
    const twice = product(once.values, [3, 5], Array.from(z.dataSync()), [5, 2]);
    expectClose(x.matmul(y).matmul(z), twice.values, { absolute: 1e-5 });
    expectClose(x.matmul(y.matmul(z)), twice.values, { absolute: 1e-5 });
    expectClose(
      x.matmul(x.transpose()),
      product(Array.from(x.dataSync()), [3, 4], Array.from(x.transpose().dataSync()), [4, 3]).values,
      { absolute: 1e-5 },
    );
  });

  test("the second derivative of a product", () => {
    const x = random([2, 3], -1, 1, 1);
    const w = parameter(random([3, 2], -1, 1, 2));
    // f = |x w|²: its gradient is 2 xᵀ x w, and the gradient of half its square norm is 4 (xᵀ x)² w.
    const slope = grad((p: Tensor) => x.matmul(p).square().sum());
    const second = grad((p: Tensor) => slope(p).square().sum().mul(0.5))(w);
    const gram = x.transpose().matmul(x);
    expectClose(second, gram.matmul(gram).matmul(w).mul(4).dataSync(), { absolute: 1e-4 });
  });
});
