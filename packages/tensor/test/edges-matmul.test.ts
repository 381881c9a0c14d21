// Products around the edges of tiles (4 rows, 4 and 8 columns), of blocks of the contracted axis (512) and of chunks of
// rows, in all four layouts. Whole numbers: every sum is exact, in any order.
import type { Tensor } from "@downhill/tensor";
import { grad } from "@downhill/tensor";
import type { Case } from "./against-reference.js";
import { likeReference, whole } from "./against-reference.js";

type Layout = number;

/** A matrix, or a batch of them, that is stored transposed when `turned`. */
function operand(lead: readonly number[], rows: number, columns: number, turned: boolean, seed: number): Tensor {
  if (!turned) return whole([...lead, rows, columns], seed, 4);
  const order = lead.length === 0 ? [1, 0] : [0, 2, 1];
  return whole([...lead, columns, rows], seed, 4).transpose(order);
}
const left = (m: number, k: number, layout: Layout, lead: readonly number[] = []): Tensor =>
  operand(lead, m, k, (layout & 1) > 0, 1);
const right = (k: number, n: number, layout: Layout, lead: readonly number[] = []): Tensor =>
  operand(lead, k, n, (layout & 2) > 0, 2);
const layouts: readonly Layout[] = [0, 1, 2, 3];

const ms = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17];
const ns = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 16, 17, 25, 31, 32, 33];
const ks = [0, 1, 2, 3, 4, 5, 7, 8, 9, 17];

// Every pair of extents meets every layout; all depths of a pair are one plan, their ragged results neighbours in memory.
likeReference(
  "every small product",
  ms.flatMap((m, i) =>
    ns.map(
      (n, j): Case => [
        `${m}x?x${n}`,
        () =>
          ks.map((k, l) => {
            const layout = (i + j + l) % 4;
            return left(m, k, layout).matmul(right(k, n, layout));
          }),
      ],
    ),
  ),
);

const deep = [256, 511, 512, 513, 1023, 1024, 1025, 1537];
likeReference(
  "deep products",
  deep.flatMap((k) =>
    [
      [1, 1],
      [1, 10],
      [1, 37],
      [3, 9],
      [4, 8],
      [5, 10],
      [9, 4],
      [13, 13],
      [37, 1],
    ].map(
      ([m, n]): Case => [
        `${m}x${k}x${n}`,
        () => layouts.map((layout) => left(m as number, k, layout).matmul(right(k, n as number, layout))),
      ],
    ),
  ),
);

// 128 rows are packed at a time; a chunk of rows has about 32,768 elements.
const tall: readonly (readonly [m: number, k: number, n: number])[] = [
  ...[127, 128, 129, 255, 257, 384].flatMap((m) => [1, 9, 10].map((n) => [m, 5, n] as const)),
  ...[124, 125, 128, 129].map((m) => [m, 3, 257] as const),
  ...[12, 15, 16, 17, 31, 33].map((m) => [m, 2, 2049] as const),
  [4, 3, 8191],
  [5, 3, 8193],
  [64, 784, 10],
  [65, 10, 129],
];

/** What training makes of a product: bias, activation, totals, stored or not. */
function dressed(x: Tensor, n: number): Tensor[] {
  const y = x.add(whole([n], 3));
  return [y.relu(), y.sum({ axis: 0 }), y.sum(), y.max({ axis: -1 }), x.mul(2)];
}

likeReference(
  "products with company",
  tall.map(
    ([m, k, n]): Case => [
      `${m}x${k}x${n}`,
      () => layouts.flatMap((layout) => dressed(left(m, k, layout).matmul(right(k, n, layout)), n)),
    ],
  ),
);

likeReference(
  "products that nobody stores",
  [...tall, [1, 17, 10] as const, [3, 17, 33] as const, [4, 1, 1] as const].map(([m, k, n]): Case => {
    const product = (): Tensor => left(m, k, 0).matmul(right(k, n, 0));
    return [
      `${m}x${k}x${n}`,
      () => [
        product()
          .add(whole([n], 3))
          .relu()
          .sum({ axis: 0 }),
        product().abs().sum(),
      ],
    ];
  }),
);

likeReference(
  "batches",
  [1, 2, 3, 5].flatMap((batch) =>
    [
      [1, 1, 1],
      [1, 7, 10],
      [3, 5, 9],
      [4, 4, 8],
      [5, 9, 13],
      [9, 17, 4],
      [16, 3, 1],
      [17, 513, 10],
      [0, 3, 4],
      [3, 0, 4],
      [3, 4, 0],
    ].map((extents): Case => {
      const [m, k, n] = extents as [number, number, number];
      const lead = [batch];
      return [
        `${batch} times ${m}x${k}x${n}`,
        () =>
          layouts.flatMap((layout) => [
            left(m, k, layout, lead).matmul(right(k, n, layout, lead)),
            left(m, k, layout, lead)
              .matmul(right(k, n, layout))
              .add(1),
            left(m, k, layout)
              .matmul(right(k, n, layout, lead))
              .neg(),
          ]),
      ];
    }),
  ),
);

likeReference(
  "gradients of products",
  [1, 3, 4, 5, 8, 9, 33].flatMap((m) =>
    [1, 4, 5, 8, 9, 10, 17].map((n): Case => {
      const k = 1 + ((m * 5 + n * 3) % 19);
      const slopes = (layout: Layout): Tensor[] =>
        grad(
          (x: Tensor, y: Tensor) =>
            x
              .matmul(y)
              .mul(whole([m, n], 5, 4))
              .sum(),
          { argnums: [0, 1] },
        )(left(m, k, layout), right(k, n, layout)) as Tensor[];
      return [`${m}x${k}x${n}`, () => layouts.flatMap(slopes)];
    }),
  ),
);
