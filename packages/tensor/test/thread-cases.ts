// Graphs that reach every kernel which threads share, over shapes around the edges of lines, blocks and parts.
import type { Tensor } from "@downhill/tensor";
import {
  argsort,
  avgPool2d,
  concat,
  conv2d,
  cumsum,
  gather,
  gelu,
  grad,
  manualSeed,
  maxPool2d,
  pad,
  pick,
  rand,
  scatterAdd,
  sort,
  take,
  tensor,
  valueAndGrad,
} from "@downhill/tensor";
import { draw, random } from "./support.js";

export type Case = readonly [name: string, build: () => Tensor[]];

const indices = (count: number, limit: number): Tensor =>
  tensor(Int32Array.from(draw(count, 0, limit, 5), (x) => Math.min(limit - 1, Math.floor(x))));

const matrices = [
  [1, 7],
  [17, 3],
  [33, 10],
  [64, 8],
  [65, 100],
  [100, 33],
  [257, 17],
  [48, 513],
  [37, 1000],
  [19, 1025],
  [1030, 5],
] as const;

function ofMatrix(rows: number, columns: number): Case[] {
  const x = (): Tensor => random([rows, columns], -3, 3, 1);
  const y = (): Tensor => random([rows, columns], -3, 3, 2);
  const row = (): Tensor => random([rows, 1], 0.5, 2, 3);
  const column = (): Tensor => random([columns], 0.5, 2, 4);
  const norm = (t: Tensor): Tensor => {
    const centred = t.sub(t.mean({ axis: 1, keepDims: true }));
    return centred.div(centred.square().mean({ axis: 1, keepDims: true }).add(1e-5).sqrt());
  };
  const cases: Record<string, () => Tensor[]> = {
    elementwise: () => [x().mul(y()).add(x().exp()), x().mul(row()).add(column()), gelu(x()), x().greater(y())],
    totals: () => [x().sum(), x().mul(y()).mean(), x().max(), x().min(), x().cast("int32").sum()],
    "column totals": () => [
      x().sum({ axis: 0 }),
      x().exp().mean({ axis: 0 }),
      x().max({ axis: 0 }),
      y().cast("int32").sum({ axis: 0 }),
    ],
    rows: () => [x().sum({ axis: 1 }), x().mul(y()).max({ axis: 1 }), x().sum({ axis: 1 }).exp(), x().softmax()],
    "everything at once": () => {
      const t = x().mul(y());
      return [t, t.sum({ axis: 1 }), t.sum({ axis: 1 }).tanh(), t.sum({ axis: 0 }), t.sum(), t.sub(t.mean())];
    },
    "cross entropy with its gradient": () => {
      const labels = indices(rows, columns);
      const [loss, slope] = valueAndGrad((t: Tensor) => pick(t.logSoftmax(), labels).neg().mean())(x());
      return [loss, slope];
    },
    "layer norm with its gradients": () => {
      const slopes = grad((t: Tensor, w: Tensor, b: Tensor) => norm(t).mul(w).add(b).mul(y()).sum(), {
        argnums: [0, 1, 2],
      })(x(), column(), random([columns], -1, 1, 6));
      return [norm(x()), ...slopes];
    },
    "random numbers": () => {
      manualSeed(7);
      return [rand([rows, columns]), rand([rows, columns]).mul(column())];
    },
    "moved, sorted and summed up": () => [
      x().transpose().clone(),
      x().flip([1]).clone(),
      concat([x(), y()], 1),
      pad(x(), [
        [1, 2],
        [2, 1],
      ]),
      x()
        .slice([0, 0], [rows, Math.ceil(columns / 2)])
        .clone(),
      sort(x(), { axis: 1 }).values,
      argsort(x(), { axis: 1, descending: true }),
      cumsum(x(), { axis: 1 }),
      x().argmax({ axis: 1 }),
      x().argmin({ axis: 0 }),
    ],
    "gather and scatter": () => {
      const rowsOf = indices(2 * rows + 1, rows);
      const within = indices(rows * 3, columns).reshape([rows, 3]);
      const [slope] = grad((t: Tensor) => take(t, rowsOf).square().sum(), { argnums: [0] })(x());
      return [
        take(x(), rowsOf),
        slope as Tensor,
        gather(x(), within, 1),
        scatterAdd(gather(y(), within, 1), within, 1, columns),
      ];
    },
  };
  return Object.entries(cases).map(([name, build]) => [`${name} ${rows}x${columns}`, build]);
}

const products = [
  [3, 64, 33],
  [33, 31, 1],
  [64, 600, 16],
  [100, 50, 100],
  [129, 17, 9],
  [257, 12, 3],
  [40, 20, 700],
] as const;

function ofProduct(m: number, k: number, n: number): Case[] {
  const a = (): Tensor => random([m, k], -1, 1, 1);
  const b = (): Tensor => random([k, n], -1, 1, 2);
  return [
    [
      `matmul ${m}x${k}x${n} with bias, activation and totals`,
      () => {
        const c = a()
          .matmul(b())
          .add(random([n], -1, 1, 3));
        return [c, c.relu(), c.sum({ axis: 0 }), c.sum(), c.softmax()];
      },
    ],
    [
      `gradients of matmul ${m}x${k}x${n}`,
      () => grad((x: Tensor, y: Tensor) => x.matmul(y).square().sum(), { argnums: [0, 1] })(a(), b()),
    ],
    [
      `batched matmul 5x${m}x${k}x${n}`,
      () => {
        const [x, y] = [random([5, m, k], -1, 1, 4), random([5, k, n], -1, 1, 5)];
        const [xy, z] = [x.matmul(y), a().matmul(y)];
        return [xy.exp(), x.matmul(b()).add(1), z, x.matmul(y).sum({ axis: [0, 1] }), xy.sum({ axis: 2 }), z.softmax()];
      },
    ],
  ];
}

const images: Case[] = [
  [6, 3, 9, 11, 5, 1],
  [5, 4, 8, 8, 6, 2],
  [3, 1, 28, 28, 16, 1],
].map(([count, channels, height, width, filters, groups]) => {
  const [c, g] = [channels as number, groups as number];
  const x = (): Tensor => random([count as number, c, height as number, width as number], -1, 1, 1);
  const w = (): Tensor => random([filters as number, c / g, 3, 3], -1, 1, 2);
  return [
    `convolution and pooling of ${count}x${c}x${height}x${width}`,
    () => {
      const run = (t: Tensor, k: Tensor): Tensor => conv2d(t, k, { padding: 1, groups: g });
      const slopes = grad((t: Tensor, k: Tensor) => run(t, k).square().sum(), { argnums: [0, 1] })(x(), w());
      const [most] = grad((t: Tensor) => maxPool2d(t, { size: 2 }).square().sum(), { argnums: [0] })(x());
      const [mean] = grad((t: Tensor) => avgPool2d(t, { size: 3, stride: 2 }).square().sum(), { argnums: [0] })(x());
      return [run(x(), w()).relu(), ...slopes, most as Tensor, mean as Tensor, maxPool2d(x(), { size: 2 })];
    },
  ];
});

export const cases: readonly Case[] = [
  ...matrices.flatMap(([rows, columns]) => ofMatrix(rows, columns)),
  ...products.flatMap(([m, k, n]) => ofProduct(m, k, n)),
  ...images,
  ["a long flat sum", () => [random([100_003], -1, 1, 9).sum(), random([100_003], -1, 1, 9).exp().mean()]],
  [
    "reductions along the middle",
    () => [random([9, 70, 33], -1, 1, 1).sum({ axis: 1 }), random([9, 70, 33], -1, 1, 1).max({ axis: 1 })],
  ],
];
