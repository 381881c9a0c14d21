// Rows that fit no block: around the longest that a kernel keeps (65,536), and of a million elements.
import type { Tensor } from "@downhill/tensor";
import { argsort, cumsum, grad, logSumExp, pick, tensor, valueAndGrad, variance } from "@downhill/tensor";
import type { Case } from "./against-reference.js";
import { likeReference } from "./against-reference.js";
import { randomNumbers } from "./support.js";

// The last of each row is the largest, so that no extreme can do without it.
const drawn = new Map<string, Float32Array>();
function row(rows: number, columns: number, seed = 1): Tensor {
  const key = `${rows} ${columns} ${seed}`;
  const next = randomNumbers(seed);
  const values =
    drawn.get(key) ??
    Float32Array.from({ length: rows * columns }, (_, i) => (i % columns === columns - 1 ? 7 : 12 * next() - 6));
  drawn.set(key, values);
  return tensor(values, { shape: [rows, columns] });
}

const labels = (rows: number, columns: number): Tensor =>
  tensor(Int32Array.from({ length: rows }, (_, i) => (i * 7919 + columns - 1) % columns));
const norm = (x: Tensor): Tensor => {
  const centred = x.sub(x.mean({ axis: 1, keepDims: true }));
  return centred.div(centred.square().mean({ axis: 1, keepDims: true }).add(1e-5).sqrt());
};

type Kinds = Readonly<Record<string, (rows: number, columns: number) => Tensor[]>>;

/** Relative to the elements: probabilities of one in a million are not taken for zero. */
const ofRows: Kinds = {
  softmax: (r, c) => [row(r, c).softmax(), row(r, c).softmax().sum({ axis: 1 })],
  logSumExp: (r, c) => [logSumExp(row(r, c), { axis: 1 }), logSumExp(row(r, c).add(1000), { axis: 1 })],
  "cross entropy and its gradient": (r, c) =>
    valueAndGrad((x: Tensor) => pick(x.logSoftmax(), labels(r, c)).neg().mean())(row(r, c)),
};
/** Differences from a mean, which may cancel. */
const ofNorms: Kinds = {
  "layer norm": (r, c) => [norm(row(r, c)), variance(row(r, c), { axis: 1 })],
};
const ofSlopes: Kinds = {
  "gradient of layer norm": (r, c) => [
    grad((x: Tensor) =>
      norm(x)
        .mul(row(r, c, 2))
        .sum(),
    )(row(r, c)),
  ],
};
const exactly: Kinds = {
  "sums and extremes": (r, c) => {
    const x = row(r, c).round();
    return [x.sum({ axis: 1 }), x.max({ axis: 1 }), x.neg().min({ axis: 1 }), x.argmax({ axis: 1 }), x.sum()];
  },
  sorted: (r, c) => [argsort(row(r, c).round(), { axis: 1 })],
  "added up": (r, c) => [cumsum(row(r, c).round(), { axis: 1 })],
  shifted: (r, c) => [
    row(r, c)
      .slice([0, 1], [r, c - 1])
      .neg(),
  ],
};

const casesOf = (kinds: Kinds, sizes: readonly (readonly [number, number])[]): Case[] =>
  sizes.flatMap(([r, c]) =>
    Object.entries(kinds).map(([name, build]): Case => [`${name} of ${r}x${c}`, () => build(r, c)]),
  );

const million = [1, 1_000_000] as const;
const around = [
  [1, 65_536],
  [3, 65_537],
] as const;
likeReference("probabilities", casesOf(ofRows, [million, around[1]]), {
  tolerance: { relative: 1e-5, absolute: 1e-9 },
});
likeReference("norms", casesOf(ofNorms, [million, around[1]]), { tolerance: { relative: 1e-5, absolute: 3e-6 } });
likeReference("their gradients", casesOf(ofSlopes, around), { tolerance: { relative: 1e-5, absolute: 3e-6 } });
likeReference("what is exact", casesOf(exactly, around));
