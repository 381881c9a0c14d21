import type { Tensor } from "@downhill/tensor";
import {
  avgPool2d,
  conv2d,
  cumsum,
  gather,
  gelu,
  logSumExp,
  maxPool2d,
  norm,
  scatterAdd,
  silu,
  softplus,
  sort,
  std,
  take,
  topK,
  variance,
} from "@downhill/tensor";
import { expect, test } from "vitest";
import { goldenOps, testGolden } from "./golden.js";
import { onEveryEngine } from "./support.js";

type X = Tensor[];
const unary = [
  "sigmoid",
  "tanh",
  "erf",
  "exp",
  "expm1",
  "relu",
  "abs",
  "square",
  "sin",
  "cos",
  "log",
  "log1p",
  "sqrt",
  "reciprocal",
] as const;
const binary = ["pow", "maximum", "minimum", "add", "sub", "mul", "div", "matmul"] as const;
const reductions = ["sum", "mean", "max", "min"] as const;
const first = (x: X): Tensor => x[0] as Tensor;

const calls = {
  ...Object.fromEntries(unary.map((name) => [name, (x: X) => first(x)[name]()])),
  ...Object.fromEntries(binary.map((name) => [name, (x: X) => first(x)[name](x[1] as Tensor)])),
  ...Object.fromEntries(reductions.map((name) => [name, (x: X, options: object) => first(x)[name](options)])),
  gelu: (x: X) => gelu(first(x)),
  silu: (x: X) => silu(first(x)),
  softplus: (x: X) => softplus(first(x)),
  clip: (x: X, { min, max }: { min: number; max: number }) => first(x).clip(min, max),
  softmax: (x: X, { axis }: { axis: number }) => first(x).softmax(axis),
  logSoftmax: (x: X, { axis }: { axis: number }) => first(x).logSoftmax(axis),
  logSumExp: (x: X, options: object) => logSumExp(first(x), options),
  variance: (x: X, options: object) => variance(first(x), options),
  std: (x: X, options: object) => std(first(x), options),
  norm: (x: X, options: object) => norm(first(x), options),
  cumsum: (x: X, options: object) => cumsum(first(x), options),
  sort: (x: X, options: object) => sort(first(x), options),
  topK: (x: X, { k }: { k: number }) => topK(first(x), k),
  gather: (x: X, { axis }: { axis: number }) => gather(first(x), x[1] as Tensor, axis),
  take: (x: X, { axis }: { axis: number }) => take(first(x), x[1] as Tensor, axis),
  // PyTorch adds to an existing tensor; ours starts from zeros.
  scatterAdd: ([x, index, source]: X, { axis }: { axis: number }) =>
    (x as Tensor).add(scatterAdd(source as Tensor, index as Tensor, axis, (x as Tensor).shape[axis] as number)),
  indexAdd: ([x, index, source]: X, { axis }: { axis: number }) => {
    const [target, values] = [x as Tensor, source as Tensor];
    const spread = (index as Tensor)
      .reshape(values.shape.map((extent, i) => (i === axis ? extent : 1)))
      .expand(values.shape);
    return target.add(scatterAdd(values, spread, axis, target.shape[axis] as number));
  },
  conv2d: (x: X, options: object) => conv2d(first(x), x[1] as Tensor, options),
  maxPool2d: (x: X, options: { size: number }) => maxPool2d(first(x), options),
  avgPool2d: (x: X, options: { size: number }) => avgPool2d(first(x), options),
};

onEveryEngine(() => testGolden(calls as never));

test("every golden row is used", () => {
  expect(goldenOps.filter((op) => !(op in calls))).toEqual([]);
});
