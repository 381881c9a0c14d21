// Graphs of movement, indexing, sorting, scans and reductions for the tests of the GPU engine's own kernels.
import type { Tensor } from "@downhill/tensor";
import { argsort, concat, cumsum, gather, maxPool2d, pad, scatterAdd, take, tensor } from "@downhill/tensor";
import type { Case } from "./against-reference.js";
import { whole } from "./against-reference.js";
import { special, withGradients } from "./own-pass-windows.js";
import { draw, sizeOf } from "./support.js";

/** Integers from 0 to `limit - 1`. */
function integers(shape: readonly number[], limit: number, seed = 5): Tensor {
  const drawn = draw(sizeOf(shape), 0, limit, seed);
  return tensor(
    Int32Array.from(drawn, (x) => Math.min(limit - 1, Math.floor(x))),
    { shape },
  );
}

const empty = (shape: readonly number[]): Tensor => tensor([], { shape });
const box = (): Tensor => whole([2, 3, 4, 5], 1, 50);

const orders = [
  [3, 2, 1, 0],
  [1, 0, 2, 3],
  [0, 2, 1, 3],
  [2, 3, 0, 1],
];
const broadcasts = [[3, 1, 5], [1], [2, 1, 1, 5], [4, 1]];
const margins: [number, number][][] = [
  [
    [1, 0],
    [0, 2],
    [3, 1],
    [1, 1],
  ],
  [
    [0, 0],
    [0, 0],
    [2, 0],
    [0, 0],
  ],
  [
    [0, 0],
    [1, 0],
    [0, 0],
    [0, 3],
  ],
];

export const moveCases: readonly Case[] = [
  ["permute", () => orders.map((order) => box().transpose(order).clone())],
  ["flip", () => [[0], [3], [1, 2], [0, 1, 2, 3]].map((axes) => box().flip(axes).clone())],
  ["expand", () => broadcasts.map((shape) => whole(shape).expand([2, 3, 4, 5]).flip([0]))],
  ["expand of a number", () => [3, -0.5, Number.NEGATIVE_INFINITY].map((x) => tensor(x).expand([4, 2]).flip([0]))],
  [
    "slice",
    () => [
      box().slice([0, 1, 2, 0], [2, 3, 4, 5]).clone(),
      box().slice([1, 0, 0, 4], [2, 3, 4, 5]).clone(),
      box().slice([0, 0, 1, 1], [2, 3, 3, 4]).clone(),
    ],
  ],
  [
    "slices that differ in their offset",
    () =>
      [0, 1, 2, 3].map((at) =>
        box()
          .slice([0, 0, 0, at], [2, 3, 4, at + 2])
          .clone(),
      ),
  ],
  ["gradients of slice", () => withGradients((p) => p.slice([1, 1, 0, 2], [2, 3, 4, 4]), box())],
  [
    "pad",
    () =>
      margins.flatMap((margin) => [0, 7, Number.NEGATIVE_INFINITY, Number.NaN].map((fill) => pad(box(), margin, fill))),
  ],
  [
    "pad of nothing",
    () => [
      pad(
        empty([0, 2]),
        [
          [2, 1],
          [1, 0],
        ],
        5,
      ),
    ],
  ],
  ["gradients of pad", () => withGradients((p) => pad(p, margins[0] as [number, number][]), box())],
  [
    "concat",
    () => [
      ...withGradients((p, q) => concat([p, q], 2), box(), whole([2, 3, 1, 5], 2)),
      concat([box(), whole([3, 3, 4, 5], 3)], 0),
      concat([box(), whole([2, 3, 4, 2], 3), box()], 3),
      concat([empty([0, 2]), whole([2, 2])], 0),
      concat([whole([2, 2]), empty([2, 0])], 1),
    ],
  ],
  [
    "nothing at all",
    () => [empty([0, 3]).flip([1]).transpose().clone(), box().slice([0, 0, 0, 0], [2, 0, 4, 5]).clone()],
  ],
];

const around = (axis: number, extent: number): number[] => [3, 3, 3].map((each, i) => (i === axis ? extent : each));

export const indexCases: readonly Case[] = [
  ["take rows", () => withGradients((p) => take(p, integers([7], 4)), whole([4, 5]))],
  ["take in the middle", () => withGradients((p) => take(p, integers([2, 3], 4), 1), whole([3, 4, 5]))],
  ["take nothing", () => withGradients((p) => take(p, tensor(new Int32Array(0))), whole([4, 5]))],
  [
    "gather",
    () =>
      [0, 1, 2].flatMap((axis) =>
        withGradients((p) => gather(p, integers(around(axis, 6), 3), axis), whole([3, 3, 3])),
      ),
  ],
  ["scatterAdd", () => withGradients((p) => scatterAdd(p, integers([3, 6], 4), 1, 4), whole([3, 6]))],
  ["many indices of few places", () => [scatterAdd(whole([900]), integers([900], 3), 0, 3)]],
  ["scatterAdd of int32", () => [scatterAdd(integers([3, 6], 9, 2), integers([3, 6], 4), 0, 5)]],
  ["so many rows that indices are sorted", () => withGradients((p) => take(p, integers([601], 700)), whole([700, 43]))],
  ["rows of indices that are sorted", () => [scatterAdd(whole([2, 3001]), integers([2, 3001], 3000), 1, 3000)]],
  [
    "the index of a max pooling",
    () =>
      withGradients((p) => maxPool2d(p.mul(2), { size: 3, stride: 2, padding: 1 }).mul(3), whole([1, 2, 9, 9], 1, 40)),
  ],
];

const counts = [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100, 257];
const reduced = [
  [2, 3, 4],
  [1, 70, 1],
  [3, 1, 2],
  [5, 300, 2],
  [2, 2000, 1],
  [1, 9, 8],
];
const everyReduction = (x: Tensor, axis: number): Tensor[] => [
  x.sum({ axis }),
  x.max({ axis }),
  x.min({ axis }),
  x.argmax({ axis }),
  x.argmin({ axis }),
];

export const rowCases: readonly Case[] = [
  ...counts.map(
    (count): Case => [
      `argsort of ${count}`,
      () =>
        [whole([3, count], 1, 3), special([4, count])].flatMap((x) => [
          argsort(x, { axis: 1 }),
          argsort(x, { axis: 1, descending: true }),
        ]),
    ],
  ),
  ["argsort of int32, along another axis", () => [argsort(integers([9, 4], 3), { axis: 0 })]],
  ...counts.map(
    (count): Case => [
      `cumsum of ${count}`,
      () => [
        ...withGradients((p) => cumsum(p, { axis: 1 }), whole([2, count, 3])),
        cumsum(integers([count], 5), { axis: 0 }),
      ],
    ],
  ),
  ["cumsum of 5000", () => [cumsum(whole([5000]), { axis: 0 })]],
  ["cumsum with NaN and infinities", () => [cumsum(special([3, 40]), { axis: 1 })]],
  ...reduced.flatMap((shape): Case[] => [
    [`reductions of ${shape}`, () => [0, 1, 2].flatMap((axis) => everyReduction(whole(shape), axis))],
    [
      `reductions of ${shape} with NaN and infinities`,
      () => [0, 1, 2].flatMap((axis) => everyReduction(special(shape), axis)),
    ],
  ]),
  ["sums of nothing", () => [whole([3, 0, 2]).sum({ axis: 1 }), whole([0]).sum()]],
  ["reductions of int32", () => everyReduction(integers([3, 5, 2], 9), 1)],
];
