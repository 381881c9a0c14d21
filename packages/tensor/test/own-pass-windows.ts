// Graphs of products, convolutions and poolings for the tests of the GPU engine's own kernels.
import type { Tensor } from "@downhill/tensor";
import { avgPool2d, conv2d, grad, maxPool2d, tensor } from "@downhill/tensor";
import type { Case } from "./against-reference.js";
import { whole } from "./against-reference.js";
import { draw, randomNumbers, sizeOf } from "./support.js";

/** Few different values, with NaN, infinities and both zeros among them. */
export function special(shape: readonly number[], seed = 3): Tensor {
  const values = [0, -0, 1, 1, -2, 3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const drawn = draw(sizeOf(shape), 0, values.length, seed).map((x) => values[Math.floor(x)] as number);
  return tensor(drawn, { shape });
}

type Formula = (...args: [Tensor, Tensor]) => Tensor;

/** A value, and the gradients of its sum with weights. */
export function withGradients(f: Formula, ...args: Tensor[]): Tensor[] {
  const call = (...inputs: Tensor[]): Tensor => f(...(inputs as [Tensor, Tensor]));
  const value = call(...args);
  const weights = whole(value.shape, 9, 3);
  const argnums = args.map((_, i) => i);
  return [
    value,
    ...grad(
      (...inputs: Tensor[]) =>
        call(...inputs)
          .mul(weights)
          .sum(),
      { argnums },
    )(...args),
  ];
}

const products: [a: number[], b: number[]][] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 3],
    [3, 4],
  ],
  [
    [5, 4],
    [4, 1],
  ],
  [
    [1, 7],
    [7, 6],
  ],
  [
    [3, 130],
    [130, 2],
  ],
  [
    [2, 1001],
    [1001, 3],
  ],
  [
    [4, 0],
    [0, 3],
  ],
  [
    [0, 3],
    [3, 2],
  ],
  [
    [3, 4, 5],
    [3, 5, 2],
  ],
  [
    [3, 4, 5],
    [5, 2],
  ],
  [
    [4, 5],
    [3, 5, 2],
  ],
  [
    [2, 1, 4, 5],
    [3, 5, 2],
  ],
  [
    [3, 2, 300],
    [3, 300, 2],
  ],
];

/** The same values, stored transposed. */
function stored(x: Tensor): Tensor {
  const order = x.shape.map((_, axis) => axis);
  order.push(...order.splice(-2).reverse());
  return x.transpose(order).clone().transpose(order);
}

export const productCases: readonly Case[] = [
  ...products.map(
    ([a, b]): Case => [
      `${JSON.stringify(a)} x ${JSON.stringify(b)}`,
      () => {
        const [x, y] = [whole(a, 1, 4), whole(b, 2, 4)];
        const product: Formula = (p, q) => p.matmul(q);
        return [
          ...withGradients(product, x, y),
          stored(x).matmul(stored(y)),
          stored(x).matmul(y),
          ...withGradients((p, q) => stored(p).matmul(stored(q)), x, y),
          tensor(1).expand(x.shape).matmul(y),
        ];
      },
    ],
  ),
  ["a vector with a matrix", () => [whole([6]).matmul(whole([6, 2])), whole([2, 6]).matmul(whole([6]))]],
];

const convolutions: [x: number[], w: number[], options: object][] = [
  [[2, 3, 5, 7], [4, 3, 3, 3], {}],
  [[1, 1, 5, 5], [1, 1, 5, 5], {}],
  [[1, 1, 5, 6], [1, 1, 2, 2], { stride: 2 }],
  [[1, 1, 7, 6], [2, 1, 3, 2], { stride: [1, 3], padding: [2, 1] }],
  [[2, 2, 9, 8], [3, 2, 3, 3], { stride: [3, 2], padding: 2, dilation: [2, 1] }],
  [[1, 1, 3, 3], [1, 1, 3, 3], { padding: 2 }],
  [[1, 1, 7, 7], [1, 1, 3, 3], { dilation: 3 }],
  [[2, 4, 3, 3], [8, 1, 1, 1], { groups: 4 }],
  [[2, 4, 6, 6], [6, 2, 3, 3], { groups: 2, padding: 1, stride: 2 }],
  [[0, 1, 3, 3], [2, 1, 2, 2], {}],
  [[2, 1, 3, 3], [0, 1, 2, 2], {}],
  [[1, 0, 3, 3], [2, 0, 2, 2], {}],
  [[9, 1, 20, 11], [2, 1, 3, 3], { padding: 1 }],
  [[1, 1, 70, 1], [1, 1, 1, 1], {}],
];

function randomConvolutions(count: number): typeof convolutions {
  const next = randomNumbers(11);
  const upTo = (limit: number): number => 1 + Math.floor(next() * limit);
  const pair = (limit: number): number[] => [upTo(limit), upTo(limit)];
  return Array.from({ length: count }, () => {
    const [groups, perGroup] = pair(3) as [number, number];
    const padding = pair(3).map((p) => p - 1);
    const options = { groups, stride: pair(3), padding, dilation: pair(2) };
    const image = [upTo(3), groups * perGroup, ...pair(5).map((extent) => extent + 4)];
    return [image, [groups * upTo(2), perGroup, ...pair(3)], options];
  });
}

export const convolutionCases: readonly Case[] = [...convolutions, ...randomConvolutions(20)].map(([x, w, options]) => [
  `${JSON.stringify(x)} with ${JSON.stringify(w)}, ${JSON.stringify(options)}`,
  () => withGradients((p, q) => conv2d(p, q, options), whole(x, 1, 4), whole(w, 2, 4)),
]);

const pools: [x: number[], options: Parameters<typeof maxPool2d>[1]][] = [
  [[2, 3, 6, 8], { size: 2 }],
  [[1, 2, 7, 5], { size: 3, stride: 2, padding: 1 }],
  [[1, 1, 5, 5], { size: [2, 3], stride: [3, 1], padding: [1, 1] }],
  [[1, 1, 1, 1], { size: 4, padding: 2 }],
  [[2, 2, 9, 4], { size: 2, stride: 3 }],
  [[1, 2, 6, 6], { size: 5, stride: 1, padding: 2 }],
  [[0, 2, 4, 4], { size: 2 }],
];

export const poolCases: readonly Case[] = pools.map(([shape, options]) => [
  `${JSON.stringify(shape)}, ${JSON.stringify(options)}`,
  () => [
    ...withGradients((p) => maxPool2d(p, options), whole(shape, 1, 2)),
    ...withGradients((p) => avgPool2d(p, options), whole(shape, 1, 9)),
    maxPool2d(special(shape), options),
  ],
]);
