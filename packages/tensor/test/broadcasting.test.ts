import type { Tensor } from "@downhill/tensor";
import { grad, ones, tensor, where, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { draw, expectClose, expectGradient, indicesOf, onEveryEngine, random, sizeOf } from "./support.js";

type Shape = readonly number[];

/** numpy's rule, written down once more. */
function joined(...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const extents = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    return extents.find((extent) => extent !== 1) ?? 1;
  });
}
/** Position in the data of a tensor of `shape` that belongs to an index of the broadcast shape. */
const place = (shape: Shape, index: Shape): number =>
  shape.reduce(
    (at, extent, i) => at * extent + (extent === 1 ? 0 : (index[i + index.length - shape.length] as number)),
    0,
  );

const pairs: [Shape, Shape][] = [
  [[], []],
  [[], [3]],
  [[1], [3]],
  [[3], [3]],
  [[2, 3], [3]],
  [
    [2, 3],
    [1, 3],
  ],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [2, 1],
    [1, 3],
  ],
  [[2, 1], [3]],
  [
    [1, 1],
    [2, 3],
  ],
  [[2, 3, 4], [4]],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 3, 4],
    [3, 4],
  ],
  [
    [2, 3, 4],
    [2, 1, 1],
  ],
  [
    [2, 3, 4],
    [1, 3, 1],
  ],
  [
    [2, 3, 4],
    [2, 1, 4],
  ],
  [
    [2, 1, 4],
    [1, 3, 1],
  ],
  [
    [2, 1, 4, 1],
    [3, 1, 5],
  ],
  [
    [1, 2, 1, 3],
    [2, 2, 2, 1],
  ],
  [[17, 33], [33]],
  [
    [17, 33],
    [17, 1],
  ],
  [
    [5, 1],
    [1, 67],
  ],
  [[0], [1]],
  [[0], []],
  [[2, 0], [1]],
  [[2, 1], [0]],
  [
    [3, 1],
    [1, 0],
  ],
  [
    [0, 3],
    [1, 3],
  ],
];
const both = pairs.flatMap(([a, b]): [Shape, Shape][] =>
  a === b
    ? [[a, b]]
    : [
        [a, b],
        [b, a],
      ],
);

onEveryEngine((engine) => {
  describe.each(both)("%j with %j", (a, b) => {
    const shape = joined(a, b);
    const [x, y] = [draw(sizeOf(a), -2, 2, 1), draw(sizeOf(b), -2, 2, 2)];
    const combine = (f: (x: number, y: number) => number): number[] =>
      indicesOf(shape).map((index) => f(x[place(a, index)] as number, y[place(b, index)] as number));
    const left = (): Tensor => tensor(x, { shape: a });
    const right = (): Tensor => tensor(y, { shape: b });

    test("values", () => {
      const difference = left().sub(right());
      expect(difference.shape).toEqual(shape);
      expectClose(
        difference,
        combine((p, q) => p - q),
      );
      expectClose(
        left().less(right()),
        combine((p, q) => Number(p < q)),
      );
      expectClose(
        left().mul(2).sub(right().mul(3)).mul(left()),
        combine((p, q) => (p * 2 - q * 3) * p),
        { absolute: 1e-5 },
      );
    });
    test("gradients have the shape of their argument", () => {
      if (sizeOf(shape) > 12) {
        const [dx, dy] = grad((p: Tensor, q: Tensor) => p.mul(q).sum(), { argnums: [0, 1] })(left(), right()) as [
          Tensor,
          Tensor,
        ];
        const wanted = [new Array<number>(x.length).fill(0), new Array<number>(y.length).fill(0)] as const;
        for (const index of indicesOf(shape)) {
          const [i, j] = [place(a, index), place(b, index)];
          wanted[0][i] = (wanted[0][i] as number) + (y[j] as number);
          wanted[1][j] = (wanted[1][j] as number) + (x[i] as number);
        }
        expectClose(dx, wanted[0], { absolute: 2e-5 });
        expectClose(dy, wanted[1], { absolute: 2e-5 });
      } else
        expectGradient(engine, (p, q) => (p as Tensor).mul(q as Tensor).add(p as Tensor), [
          { shape: a, values: x },
          { shape: b, values: y },
        ]);
    });
    test("expand", () => {
      expect(left().expand(shape).shape).toEqual(shape);
      expectClose(
        left().expand(shape),
        combine((p) => p),
      );
      expectClose(
        right().expand(shape),
        combine((_, q) => q),
      );
      expectClose(
        left().exp().expand(shape),
        combine((p) => Math.exp(p)),
      );
      if (sizeOf(shape) < 100)
        expectGradient(engine, (p) => (p as Tensor).expand(shape).square(), [{ shape: a, values: x }]);
    });
  });

  test("where broadcasts three", () => {
    const condition = tensor([[true], [false]]);
    const y = where(condition, tensor([1, 2, 3]), tensor([[[10]], [[20]]]));
    expect(y.shape).toEqual([2, 2, 3]);
    expectClose(y, [1, 2, 3, 10, 10, 10, 1, 2, 3, 20, 20, 20]);
    expectGradient(engine, (p, q) => where(condition, p as Tensor, q as Tensor), [
      { shape: [3], values: [1, 2, 3] },
      { shape: [2, 1, 1], values: [10, 20] },
    ]);
  });

  test("rows and columns of one matrix in one expression", () => {
    const x = random([7, 19]);
    const centered = x.sub(x.mean({ axis: 1, keepDims: true })).sub(x.mean({ axis: 0 }));
    const values = Array.from(x.dataSync());
    const rows = Array.from({ length: 7 }, (_, r) => values.slice(r * 19, r * 19 + 19).reduce((s, v) => s + v, 0) / 19);
    const columns = Array.from(
      { length: 19 },
      (_, c) => values.filter((_v, i) => i % 19 === c).reduce((s, v) => s + v, 0) / 7,
    );
    expectClose(
      centered,
      values.map((v, i) => v - (rows[Math.floor(i / 19)] as number) - (columns[i % 19] as number)),
      { absolute: 1e-6 },
    );
  });

  test("an axis that is as long as another is not mistaken for it", () => {
    const square = random([4, 4], -2, 2, 5);
    const v = random([4], -2, 2, 6);
    const values = Array.from(square.dataSync());
    const w = Array.from(v.dataSync());
    expectClose(
      square.mul(v),
      values.map((x, i) => x * (w[i % 4] as number)),
    );
    expectClose(
      square.mul(v.reshape([4, 1])),
      values.map((x, i) => x * (w[Math.floor(i / 4)] as number)),
    );
    // In one plan: two ways of reading one vector are not one subexpression.
    expectClose(
      square.mul(v).sub(square.mul(v.reshape([4, 1]))),
      values.map((x, i) => x * ((w[i % 4] as number) - (w[Math.floor(i / 4)] as number))),
      { absolute: 1e-6 },
    );
    expectClose(
      square.sum({ axis: 0 }).add(square.sum({ axis: 1 })),
      w.map((_, i) => values.reduce((s, x, at) => s + (at % 4 === i ? x : 0) + (Math.floor(at / 4) === i ? x : 0), 0)),
      { absolute: 1e-5 },
    );
  });

  test("a broadcast along a huge axis costs no memory for its copies", () => {
    expectClose(ones([1]).expand([1000000]).sum(), [1000000]);
    expectClose(zeros([1, 1]).add(1).expand([1000, 1000]).mean(), [1]);
  });
});
