import type { Tensor } from "@downhill/tensor";
import { concat, pad, profile, stack, tensor, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { draw, expectClose, expectGradient, indicesOf, onEveryEngine, random, sizeOf } from "./support.js";

/** What an operation does to the positions 0, 1, 2 ... of its input: exact, and without a second implementation. */
const positions = (shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i),
    { shape },
  );

type Row = [
  what: string,
  shape: readonly number[],
  f: (x: Tensor) => Tensor,
  to: readonly number[],
  from: (index: number[]) => number[] | null,
];
const zero = null;

const rows: Row[] = [
  ["transpose", [2, 3], (x) => x.transpose(), [3, 2], ([i, j]) => [j, i] as number[]],
  ["transpose of a vector", [4], (x) => x.transpose(), [4], (index) => index],
  ["transpose of a scalar", [], (x) => x.transpose(), [], (index) => index],
  ["transpose, batched", [2, 3, 4], (x) => x.transpose([0, 2, 1]), [2, 4, 3], ([b, i, j]) => [b, j, i] as number[]],
  ["transpose, rotating", [2, 3, 4], (x) => x.transpose([1, 2, 0]), [3, 4, 2], ([i, j, k]) => [k, i, j] as number[]],
  [
    "transpose, negative axes",
    [2, 3, 4],
    (x) => x.transpose([-1, 0, 1]),
    [4, 2, 3],
    ([i, j, k]) => [j, k, i] as number[],
  ],
  [
    "transpose, rank 4",
    [2, 3, 1, 4],
    (x) => x.transpose([3, 1, 0, 2]),
    [4, 3, 2, 1],
    ([i, j, k, l]) => [k, j, l, i] as number[],
  ],
  [
    "transpose moving ones only",
    [1, 3, 1, 2],
    (x) => x.transpose([1, 0, 3, 2]),
    [3, 1, 2, 1],
    ([i, j, k, l]) => [j, i, l, k] as number[],
  ],
  ["transpose twice", [2, 3], (x) => x.transpose().transpose(), [2, 3], (index) => index],
  ["transpose large", [37, 53], (x) => x.transpose(), [53, 37], ([i, j]) => [j, i] as number[]],
  ["transpose of nothing", [0, 3], (x) => x.transpose(), [3, 0], (index) => index],
  ["flip all", [2, 3], (x) => x.flip(), [2, 3], ([i, j]) => [1 - (i as number), 2 - (j as number)]],
  ["flip rows", [2, 3], (x) => x.flip(0), [2, 3], ([i, j]) => [1 - (i as number), j as number]],
  ["flip columns", [2, 3], (x) => x.flip(-1), [2, 3], ([i, j]) => [i as number, 2 - (j as number)]],
  [
    "flip two of three",
    [2, 3, 4],
    (x) => x.flip([0, 2]),
    [2, 3, 4],
    ([i, j, k]) => [1 - (i as number), j as number, 3 - (k as number)],
  ],
  ["flip a scalar", [], (x) => x.flip(), [], (index) => index],
  ["slice rows", [4, 3], (x) => x.slice([1], [3]), [2, 3], ([i, j]) => [(i as number) + 1, j as number]],
  ["slice columns", [4, 3], (x) => x.slice([0, 1]), [4, 2], ([i, j]) => [i as number, (j as number) + 1]],
  ["slice from the back", [4, 3], (x) => x.slice([-2, -1]), [2, 1], ([i, j]) => [(i as number) + 2, (j as number) + 2]],
  ["slice to the back", [4, 3], (x) => x.slice([0, 0], [-1, -2]), [3, 1], (index) => index],
  [
    "slice of a box",
    [3, 4, 5],
    (x) => x.slice([1, 1, 2], [3, 3, 4]),
    [2, 2, 2],
    (index) => index.map((i, axis) => i + [1, 1, 2][axis]!),
  ],
  ["slice of nothing", [4], (x) => x.slice([2], [2]), [0], (index) => index],
  ["slice of everything", [4], (x) => x.slice([0]), [4], (index) => index],
  ["slice of a slice", [10], (x) => x.slice([2], [9]).slice([3]), [4], ([i]) => [(i as number) + 5]],
  [
    "pad",
    [2, 2],
    (x) =>
      pad(x, [
        [1, 0],
        [0, 2],
      ]),
    [3, 4],
    ([i, j]) => ((i as number) > 0 && (j as number) < 2 ? [(i as number) - 1, j as number] : zero),
  ],
  ["pad by nothing", [2], (x) => pad(x, [[0, 0]]), [2], (index) => index],
  ["pad nothing", [0], (x) => pad(x, [[1, 2]]), [3], () => zero],
  ["pad a scalar", [], (x) => pad(x, []), [], (index) => index],
  [
    "reshape",
    [2, 6],
    (x) => x.reshape([3, 4]),
    [3, 4],
    ([i, j]) => {
      const at = (i as number) * 4 + (j as number);
      return [Math.floor(at / 6), at % 6];
    },
  ],
  [
    "reshape with -1",
    [2, 6],
    (x) => x.reshape([-1, 2, 2]),
    [3, 2, 2],
    ([i, j, k]) => {
      const at = (i as number) * 4 + (j as number) * 2 + (k as number);
      return [Math.floor(at / 6), at % 6];
    },
  ],
  ["reshape to a scalar", [1, 1], (x) => x.reshape([]), [], () => [0, 0]],
  ["reshape of nothing", [0, 3], (x) => x.reshape([2, 0]), [2, 0], (index) => index],
  ["flatten", [2, 3], (x) => x.flatten(), [6], ([i]) => [Math.floor((i as number) / 3), (i as number) % 3]],
  [
    "flatten from 1",
    [2, 3, 2],
    (x) => x.flatten(1),
    [2, 6],
    ([b, i]) => [b as number, Math.floor((i as number) / 2), (i as number) % 2],
  ],
  ["flatten a scalar", [], (x) => x.flatten(), [1], () => []],
  ["squeeze", [1, 3, 1], (x) => x.squeeze(), [3], ([i]) => [0, i as number, 0]],
  ["squeeze one axis", [1, 3, 1], (x) => x.squeeze(-1), [1, 3], ([, i]) => [0, i as number, 0]],
  ["unsqueeze", [3], (x) => x.unsqueeze(0), [1, 3], ([, i]) => [i as number]],
  ["unsqueeze at the end", [3], (x) => x.unsqueeze(-1), [3, 1], ([i]) => [i as number]],
  ["unsqueeze a scalar", [], (x) => x.unsqueeze(0), [1], () => []],
  [
    "transpose, then reshape",
    [2, 3],
    (x) => x.transpose().reshape([6]),
    [6],
    ([i]) => [(i as number) % 2, Math.floor((i as number) / 2)],
  ],
  [
    "reshape, then transpose",
    [6],
    (x) => x.reshape([2, 3]).transpose(),
    [3, 2],
    ([i, j]) => [(j as number) * 3 + (i as number)],
  ],
  [
    "slice of a transpose",
    [3, 4],
    (x) => x.transpose().slice([1, 0], [3, 2]),
    [2, 2],
    ([i, j]) => [j as number, (i as number) + 1],
  ],
  [
    "flip of a slice of a broadcast",
    [1, 4],
    (x) => x.expand([3, 4]).slice([1, 1]).flip(1),
    [2, 3],
    ([, j]) => [0, 3 - (j as number)],
  ],
];

onEveryEngine((engine) => {
  describe.each(rows)("%s", (_what, shape, f, to, from) => {
    const at = (index: readonly number[]): number =>
      index.reduce((place, i, axis) => place * (shape[axis] as number) + i, 0);
    const sources = indicesOf(to).map((index) => from([...index]));
    test("moves every element to its place", () => {
      const y = f(positions(shape));
      expect(y.shape).toEqual(to);
      expect(Array.from(y.dataSync())).toEqual(sources.map((index) => (index === null ? 0 : at(index))));
    });
    test("moves what was computed", () => {
      const y = f(positions(shape).add(1)).mul(2);
      expect(Array.from(y.dataSync())).toEqual(sources.map((index) => (index === null ? 0 : 2 * at(index) + 2)));
    });
    test("int32 and bool", () => {
      const wanted = sources.map((index) => (index === null ? 0 : at(index)));
      const ints = f(positions(shape).cast("int32"));
      expect(ints.dtype).toBe("int32");
      expect(Array.from(ints.dataSync())).toEqual(wanted);
      const bools = f(positions(shape).greater(0));
      expect(bools.dtype).toBe("bool");
      expect(Array.from(bools.dataSync())).toEqual(wanted.map((value) => Number(value > 0)));
    });
    test("gradient", () => {
      if (sizeOf(shape) < 100)
        expectGradient(engine, (x) => f(x as Tensor).square(), [{ shape, values: draw(sizeOf(shape)) }]);
    });
  });

  describe("concat and stack", () => {
    const [a, b, c] = [
      [2, 3],
      [2, 1],
      [2, 2],
    ] as const;
    test("along the last axis", () => {
      const y = concat([positions(a), positions(b), positions(c)], 1);
      expect(y.arraySync()).toEqual([
        [0, 1, 2, 0, 0, 1],
        [3, 4, 5, 1, 2, 3],
      ]);
    });
    test("along the first axis", () => {
      expect(concat([positions([1, 2]), positions([2, 2])]).arraySync()).toEqual([
        [0, 1],
        [0, 1],
        [2, 3],
      ]);
    });
    test("along the middle of three", () => {
      const y = concat([positions([2, 1, 2]), positions([2, 2, 2])], -2);
      expect(y.arraySync()).toEqual([
        [
          [0, 1],
          [0, 1],
          [2, 3],
        ],
        [
          [2, 3],
          [4, 5],
          [6, 7],
        ],
      ]);
    });
    test("of one, of nothing, of mixed dtypes", () => {
      expect(concat([positions([2])]).arraySync()).toEqual([0, 1]);
      expect(concat([zeros([0]), positions([2]), zeros([0])]).arraySync()).toEqual([0, 1]);
      expect(concat([tensor(new Int32Array([1])), tensor([true])]).dtype).toBe("int32");
      expect(concat([tensor(new Int32Array([1])), tensor([0.5])]).arraySync()).toEqual([1, 0.5]);
    });
    test("of many", () => {
      const parts = Array.from({ length: 33 }, (_, i) => tensor([i]));
      expect(concat(parts).arraySync()).toEqual(Array.from({ length: 33 }, (_, i) => i));
    });
    test("of one tensor with itself", () => {
      const x = tensor([1, 2]).mul(2);
      expect(concat([x, x]).arraySync()).toEqual([2, 4, 2, 4]);
    });
    test("stack at every axis", () => {
      const [x, y] = [tensor([1, 2]), tensor([3, 4])];
      expect(stack([x, y]).arraySync()).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(stack([x, y], 1).arraySync()).toEqual([
        [1, 3],
        [2, 4],
      ]);
      expect(stack([x, y], -1).arraySync()).toEqual([
        [1, 3],
        [2, 4],
      ]);
      expect(stack([tensor(1), 2]).arraySync()).toEqual([1, 2]);
    });
    test("gradients", () => {
      const args = [
        { shape: a, values: draw(6) },
        { shape: c, values: draw(4) },
      ];
      expectGradient(engine, (x, y) => concat([x as Tensor, y as Tensor, x as Tensor], 1).square(), args);
      expectGradient(engine, (x, y) => stack([x as Tensor, y as Tensor], 1).exp(), [
        args[1]!,
        { ...args[1]!, values: draw(4, 0, 1) },
      ]);
    });
  });

  test("pad with a value", () => {
    expect(pad(tensor([1, 2]), [[1, 2]], -1).arraySync()).toEqual([-1, 1, 2, -1, -1]);
    expect(pad(tensor([1]), [[0, 1]], -Infinity).arraySync()).toEqual([1, -Infinity]);
    const ints = pad(tensor(new Int32Array([1])), [[1, 0]], 7);
    expect([ints.dtype, ints.arraySync()]).toEqual(["int32", [7, 1]]);
  });

  test("moving a box or a padding makes no new plan", () => {
    const x = random([10, 4]);
    const read = (i: number): unknown => [
      x.slice([i], [i + 2]).arraySync(),
      pad(
        x,
        [
          [i, 9 - i],
          [0, 0],
        ],
        i,
      )
        .sum()
        .itemSync(),
    ];
    read(0);
    const before = profile().plans;
    const values = Array.from(x.dataSync());
    for (let i = 0; i < 9; i++) expectClose(x.slice([i], [i + 2]), values.slice(i * 4, i * 4 + 8));
    for (let i = 1; i < 9; i++) read(i);
    expect(profile().plans).toBe(before);
  });

  test("two boxes of one tensor are not taken for one", () => {
    const x = positions([6]);
    expect(
      x
        .slice([0], [2])
        .add(x.slice([4], [6]))
        .arraySync(),
    ).toEqual([4, 6]);
    expect(
      pad(tensor([1]), [[0, 2]])
        .add(pad(tensor([1]), [[2, 0]]))
        .arraySync(),
    ).toEqual([1, 0, 1]);
  });
});
