// Random chains of matrix products that are large enough for a device to compute in tiles.
import type { Tensor } from "@downhill/tensor";
import { grad, tensor } from "@downhill/tensor";
import fc from "fast-check";

/** What comes next in a chain; numbers choose among what is possible. */
const steps = ["left", "right", "squared", "batched", "reshape", "transpose", "bias", "softmax", "columns"] as const;
const extents = [32, 33, 36, 42, 64];

interface Step {
  readonly kind: (typeof steps)[number];
  readonly choice: number;
  readonly flag: boolean;
}

/** A chain: the extents of its first matrix, its steps, and whether its gradient is asked for. */
export interface Chain {
  readonly rows: number;
  readonly columns: number;
  readonly steps: readonly Step[];
  readonly gradient: boolean;
}

export const chains: fc.Arbitrary<Chain> = fc.record({
  rows: fc.constantFrom(...extents),
  columns: fc.constantFrom(...extents),
  steps: fc.array(fc.record({ kind: fc.constantFrom(...steps), choice: fc.nat(1000), flag: fc.boolean() }), {
    minLength: 2,
    maxLength: 6,
  }),
  gradient: fc.boolean(),
});

/** Numbers that look random, of a size that keeps products as large as their factors. */
function matrix(shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const scale = (3 / (shape.at(-2) ?? 1)) ** 0.5;
  return tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i * 12.9898 + seed * 7.3)),
    { shape },
  );
}

const turned = (x: Tensor): Tensor => x.transpose(x.shape.length === 2 ? [1, 0] : [0, 2, 1]);
const times = (a: Tensor, b: Tensor): Tensor => a.matmul(b);

function next(x: Tensor, { kind, choice, flag }: Step, seed: number): Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const size = x.shape.reduce((product, extent) => product * extent, 1);
  const other = extents[choice % extents.length] as number;
  const flat = (): Tensor => x.reshape([size / columns, columns]);
  switch (kind) {
    case "right":
      return times(flat(), flag ? turned(matrix([other, columns], seed)) : matrix([columns, other], seed));
    case "left": {
      const y = flat();
      const inner = y.shape[0] as number;
      return times(flag ? turned(matrix([inner, other], seed)) : matrix([other, inner], seed), y);
    }
    case "squared":
      return (flag ? times(x, turned(x)) : times(turned(x), x)).mul(1 / 16);
    case "batched": {
      const parts = [2, 3, 4].find((each) => (size / columns) % each === 0);
      if (parts === undefined) return x.mul(0.5);
      const y = x.reshape([parts, size / columns / parts, columns]);
      return flag ? times(y, turned(y)).mul(1 / 16) : times(y, matrix([parts, columns, other], seed));
    }
    case "reshape":
      return x.reshape(flag && rows % 2 === 0 ? [size / columns / 2, columns * 2] : [size / columns, columns]);
    case "transpose":
      return turned(x);
    case "bias":
      return flag ? x.add(matrix([columns], seed)).relu() : x.add(matrix([rows, 1], seed)).tanh();
    case "softmax":
      return x.softmax();
    case "columns":
      return x.sub(x.mean({ axis: -2, keepDims: true }));
  }
}

/** The values of a chain, or the gradient with respect to its first matrix. */
export function ofChain({ rows, columns, steps: list, gradient }: Chain): Tensor {
  const first = matrix([rows, columns], 1);
  const chain = (x: Tensor): Tensor => list.reduce((y, step, i) => next(y, step, i + 2), x);
  return gradient ? grad((x: Tensor) => chain(x).square().mean())(first) : chain(first);
}
