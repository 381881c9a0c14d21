// Convolution and pooling, with gradients, over widths around whole lines, channels around tiles and pixels and taps around
// the blocks in which they are gathered (128, 256, 512). Whole numbers: every sum is exact, in any order.
import type { Pair, Tensor } from "@downhill/tensor";
import { avgPool2d, conv2d, grad, maxPool2d } from "@downhill/tensor";
import type { Case } from "./against-reference.js";
import { likeReference, whole } from "./against-reference.js";

interface Convolution {
  readonly x: readonly [number, number, number, number];
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

const both = (pair: Pair): readonly [number, number] => (typeof pair === "number" ? [pair, pair] : pair);
const fits = ({ x, kernel, padding = 0, dilation = 1 }: Convolution): boolean =>
  kernel.every((taps, i) => (both(dilation)[i] ?? 0) * (taps - 1) + 1 <= (x[2 + i] ?? 0) + 2 * (both(padding)[i] ?? 0));

/** The value, and the gradients for weights that tell all outputs apart. */
function convolution({ x, filters, kernel, ...options }: Convolution): Case {
  const run = (t: Tensor, w: Tensor): Tensor => conv2d(t, w, options);
  const image = (): Tensor => whole(x, 1, 4);
  const weight = (): Tensor => whole([filters, x[1] / (options.groups ?? 1), ...kernel], 2, 4);
  return [
    `[${x}] with ${filters} of ${kernel} ${JSON.stringify(options)}`,
    () => {
      const value = run(image(), weight());
      const loss = (t: Tensor, w: Tensor): Tensor =>
        run(t, w)
          .mul(whole(value.shape, 3, 4))
          .sum();
      return [value, ...grad(loss, { argnums: [0, 1] })(image(), weight())];
    },
  ];
}

const channels = [1, 3, 4, 5, 8, 9];
const kernels = [
  [1, 1],
  [3, 3],
  [2, 3],
  [1, 4],
  [5, 5],
] as const;
const strides: Pair[] = [1, 2, 3, [2, 1], [1, 2]];
const paddings: Pair[] = [0, 1, 2, [0, 2], [1, 0], [2, 3]];
const dilations: Pair[] = [1, 1, 2, [2, 1], [1, 3]];

/** Entry `i` of a list that repeats. */
const nth = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

// All widths for all numbers of channels; the rest takes turns, with steps that have no factor in common.
const swept = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 33].flatMap((width, w) =>
  channels.flatMap((cin, c) =>
    channels.map((cout, o): Convolution => {
      const turn = w * 5 + c * 7 + o * 11;
      return {
        x: [1 + (turn % 3), cin, 1 + (turn % 8), width],
        filters: cout,
        kernel: nth(kernels, turn),
        stride: nth(strides, Math.floor(turn / 2)),
        padding: nth(paddings, turn + c),
        dilation: nth(dilations, Math.floor(turn / 3)),
      };
    }),
  ),
);

likeReference("widths and channels", swept.filter(fits).map(convolution));

likeReference(
  "groups",
  [2, 3, 4, 5, 8].flatMap((groups) =>
    [1, 2, 5].flatMap((each) =>
      paddings.map((padding, i) =>
        convolution({
          x: [2, groups * each, 5, 4 + i],
          filters: groups * (1 + ((each + i) % 4)),
          kernel: nth(kernels.slice(0, 4), i),
          padding,
          stride: nth(strides, i),
          groups,
        }),
      ),
    ),
  ),
);

likeReference(
  "many pixels, taps and filters",
  [
    ...[127, 128, 129, 255, 257, 511, 512, 513].map((width) => ({ x: [2, 2, 1, width], filters: 3, kernel: [1, 1] })),
    ...[11, 12].map((width) => ({ x: [2, 1, 11, width], filters: 5, kernel: [3, 3], padding: 1 })),
    ...[28, 29, 56, 57, 58].map((cin) => ({ x: [2, cin, 4, 5], filters: 5, kernel: [3, 3], padding: 1 })),
    ...[127, 128, 129].map((cin) => ({ x: [1, cin, 3, 4], filters: 4, kernel: [2, 2] })),
    ...[127, 129, 511, 512, 513].map((filters) => ({ x: [1, 2, 3, 4], filters, kernel: [2, 2] })),
    { x: [3, 1, 28, 28], filters: 8, kernel: [5, 5] },
    { x: [2, 3, 32, 33], filters: 9, kernel: [3, 3], padding: 1, stride: 2 },
    { x: [0, 2, 4, 4], filters: 3, kernel: [3, 3] },
    { x: [2, 0, 4, 4], filters: 3, kernel: [3, 3], padding: 1 },
    { x: [2, 2, 4, 4], filters: 0, kernel: [3, 3] },
  ].map((row) => convolution(row as unknown as Convolution)),
);

interface Pooling {
  readonly x: readonly [number, number, number, number];
  readonly size: readonly [number, number];
  readonly stride: Pair;
  readonly padding: readonly [number, number];
}

/** Maxima of few different numbers: ties everywhere. Means times the size of the window are whole. */
function pooling({ x, ...options }: Pooling): Case {
  const image = (): Tensor => whole(x, 1, 2);
  const slope = (run: (t: Tensor) => Tensor): Tensor =>
    grad((t: Tensor) => {
      const value = run(t);
      return value.mul(whole(value.shape, 3, 4)).sum();
    })(image());
  const most = (t: Tensor): Tensor => maxPool2d(t, options);
  const mean = (t: Tensor): Tensor => avgPool2d(t, options);
  return [
    `[${x}] ${JSON.stringify(options)}`,
    () => [most(image()), mean(image()), slope(most), slope(mean), most(image()).sum()],
  ];
}

const sizes = [
  [1, 1],
  [2, 2],
  [3, 3],
  [1, 3],
  [2, 4],
  [4, 1],
] as const;
const pools = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17].flatMap((width) =>
  sizes.flatMap((size, s) =>
    [1, 2, 3].map((stride, i): Pooling => {
      const turn = width + 5 * s + 7 * i;
      const padded = turn % 2;
      return {
        x: [1 + (turn % 2), nth(channels, turn), 4 + (turn % 4), width],
        size,
        stride,
        padding: [padded * Math.floor(size[0] / 2), padded * Math.floor(size[1] / 2)],
      };
    }),
  ),
);

likeReference(
  "pooling",
  pools.filter(({ x, size, padding }) => size[1] <= x[3] + 2 * padding[1] && size[0] <= x[2]).map(pooling),
  { tolerance: { relative: 1e-6, absolute: 1e-6 } },
);
