// Sizes around the edges of lines (4, 16), runs (64, 1024), blocks (512) and parts, for what kernels of the tape do.
import type { Tensor } from "@downhill/tensor";
import { argsort, concat, cumsum, gelu, silu, softplus, tensor, where } from "@downhill/tensor";
import type { Case } from "./against-reference.js";
import { likeReference, whole } from "./against-reference.js";
import { random, sizeOf } from "./support.js";

const columnsOf = [
  1, 2, 3, 4, 5, 10, 15, 16, 17, 33, 63, 64, 65, 171, 256, 511, 512, 513, 1023, 1024, 1025, 1537, 2049,
];

/** Few rows, rows around one block and two, and around the least part of a total per column. */
function rowsFor(columns: number): number[] {
  const block = Math.max(1, Math.floor(512 / columns));
  const lines = block - (block % 16);
  const rows = [1, 3, block - 1, block, block + 1, 2 * block + 1, lines - 1, lines + 1, 65, 129];
  return [...new Set(rows)].filter((each) => each > 0 && (each <= 3 || each * columns <= 4200));
}

const shapes = columnsOf.flatMap((columns) => rowsFor(columns).map((rows) => [rows, columns] as const));

/** 0, 1, 2 ...: the extremes are the first and the last element of whatever is reduced. */
const ramp = (shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i),
    { shape },
  );

const kinds: Record<string, (rows: number, columns: number) => Tensor[]> = {
  elements: (r, c) => {
    const [x, y, row, column] = [whole([r, c]), whole([r, c], 2), whole([r, 1], 3), whole([c], 4)];
    return [
      x.mul(y).add(column),
      x.maximum(row),
      where(x.greater(y), x, y.neg()),
      x.mul(0.5).floor().sub(row).relu(),
      x.equal(y),
      x.cast("int32").mul(3),
    ];
  },
  rows: (r, c) => {
    const [x, y, row] = [whole([r, c]), whole([r, c], 2), whole([r], 3)];
    const most = x.max({ axis: 1, keepDims: true });
    return [
      x.sum({ axis: 1 }),
      most,
      x.mul(y).min({ axis: 1 }),
      x.sub(most),
      x.mul(y).sum({ axis: 1 }).add(row).abs(),
      x.cast("int32").sum({ axis: 1 }),
    ];
  },
  columns: (r, c) => {
    const [x, y, column] = [whole([r, c]), whole([r, c], 2), whole([c], 4)];
    return [
      x.sum({ axis: 0 }),
      x.mul(y).max({ axis: 0 }),
      y.min({ axis: 0 }),
      x.mul(y).sum({ axis: 0 }).mul(column),
      y.cast("int32").sum({ axis: 0 }),
    ];
  },
  totals: (r, c) => {
    const [x, y] = [whole([r, c]), whole([r, c], 2)];
    return [x.sum(), x.mul(y).sum(), x.max(), x.mul(y).min(), x.cast("int32").sum(), x.greater(y).cast("int32").sum()];
  },
  "extremes at the ends": (r, c) => {
    const x = ramp([r, c]);
    const y = x.neg().add(1);
    return [0, 1, undefined].flatMap((axis) => [x, y].flatMap((t) => [t.max({ axis }), t.min({ axis })]));
  },
  everything: (r, c) => {
    const [x, column] = [whole([r, c]).mul(whole([r, c], 2)), whole([c], 4)];
    const rows = x.sum({ axis: 1, keepDims: true });
    return [x, rows, rows.neg(), x.sum({ axis: 0 }), x.sum(), x.sub(rows), x.add(column), x.sub(x.max())];
  },
  moves: (r, c) => {
    const x = whole([r, c]);
    return [
      x.transpose().clone(),
      x.flip([0]).clone(),
      cumsum(x, { axis: 0 }),
      cumsum(x, { axis: 1 }),
      x.argmax({ axis: 1 }),
      x.argmin({ axis: 0 }),
      argsort(x, { axis: 1 }),
      concat([x, whole([r, 3], 2), x.neg()], 1),
    ];
  },
};

for (const [kind, build] of Object.entries(kinds))
  likeReference(
    `${kind}, exactly`,
    // Moves are many kernels each: every other shape will do.
    shapes
      .filter((_, i) => kind !== "moves" || i % 2 === 0)
      .map(([r, c]): Case => [`${kind} of ${r}x${c}`, () => build(r, c)]),
  );

likeReference(
  "flat, and along the middle axis, exactly",
  [
    1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 127, 129, 511, 513, 1023, 1024, 1025, 1039, 1041, 2047, 2049, 65_535, 65_537,
  ].flatMap((n): Case[] => [
    [
      `flat ${n}`,
      () => [whole([n]).sum(), whole([n]).max(), whole([n]).add(whole([n], 2)), whole([n, 1]).sum({ axis: 1 })],
    ],
    ...[1, 3, 4, 5, 17]
      .filter((inner) => n * inner < 6000)
      .map((inner): Case => {
        const x = (): Tensor => whole([2, n, inner]);
        const along = { axis: 1 };
        return [
          `middle 2x${n}x${inner}`,
          () => [
            x().sum(along),
            ramp([2, n, inner]).max(along),
            ramp([2, n, inner]).neg().min(along),
            x().cast("int32").sum(along),
          ],
        ];
      }),
  ]),
);

likeReference(
  "nothing at all",
  [[0], [0, 5], [5, 0], [2, 0, 3]].map((shape): Case => {
    const x = (): Tensor => whole(shape);
    return [
      `of ${shape}`,
      () => [x().add(1), x().exp(), x().sum(), x().sum({ axis: -1 }), x().sum({ axis: 0 }), whole([3])],
    ];
  }),
  { uncut: true },
);

const functions: Record<string, (x: Tensor) => Tensor> = {
  exp: (x) => x.exp(),
  expm1: (x) => x.expm1(),
  log: (x) => x.abs().log(),
  log1p: (x) => x.abs().log1p(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  erf: (x) => x.erf(),
  sin: (x) => x.sin(),
  cos: (x) => x.cos(),
  sqrt: (x) => x.abs().sqrt(),
  reciprocal: (x) => x.reciprocal(),
  pow: (x) => x.abs().pow(1.7),
  softplus,
  silu,
  gelu,
};

likeReference(
  "functions of one variable, alone and in a row",
  [1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 63, 64, 65, 511, 512, 513, 1023, 1025, 1041].map((n): Case => {
    const x = (): Tensor => random([n], -3, 3);
    return [`of ${n}`, () => Object.values(functions).flatMap((f) => [f(x()), f(x().mul(0.5)).mul(x()).add(1)])];
  }),
  { tolerance: { relative: 3e-6, absolute: 2e-6 } },
);
