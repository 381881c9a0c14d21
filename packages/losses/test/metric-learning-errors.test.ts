import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { range, type, wrong } from "./support.js";

const x = tensor([
  [1, 0, 2],
  [0.5, -1, 0],
]);
const y = [0, 1];
const weight = tensor([
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 1],
]);
/** Options as a JavaScript user may write them. */
type Call = (options: Record<string, unknown>) => unknown;

type ByLabels = (embeddings: Tensor, labels: number[] | Tensor, options?: object) => unknown;
const { contrastive, ntXent, supervisedContrastive, circle, multiSimilarity, nPairs, liftedStructure, angular } =
  losses;
const byLabels: Record<string, ByLabels> = {
  contrastive,
  ntXent,
  supervisedContrastive,
  circle,
  multiSimilarity,
  nPairs,
  liftedStructure,
  angular,
  batchHard: losses.batchHard,
  semiHard: losses.semiHard,
  arcFace: (embeddings, labels, options) => losses.arcFace(embeddings, labels, weight, options),
  cosFace: (embeddings, labels, options) => losses.cosFace(embeddings, labels, weight, options),
  proxyAnchor: (embeddings, labels, options) => losses.proxyAnchor(embeddings, labels, weight, options),
};

describe.each(Object.entries(byLabels))("%s", (fn, loss) => {
  errorSuite([
    type(
      () => loss(wrong([[1, 2, 3]]), [0]),
      `${fn}: "embeddings" expected a tensor, got an array of length 1; make one with tensor()`,
    ),
    range(() => loss(zeros([3]), [0, 1, 2]), `${fn}: "embeddings" expected shape [batch, dims], got shape [3]`),
    range(() => loss(zeros([2, 3, 4]), y), `${fn}: "embeddings" expected shape [batch, dims], got shape [2, 3, 4]`),
    range(
      () => loss(zeros([2, 0]), y),
      `${fn}: "embeddings" expected shape [batch, dims] with at least 1 of dims, got shape [2, 0]`,
    ),
    range(() => loss(x, [0, 1, 1]), `${fn}: "labels" expected one integer per embedding, shape [2], got shape [3]`),
    range(
      () => loss(x, zeros([2, 1])),
      `${fn}: "labels" expected one integer per embedding, shape [2], got shape [2, 1]; drop the last axis of "labels" with .squeeze(-1)`,
    ),
    range(() => loss(x, wrong(3)), `${fn}: "labels" expected one integer per embedding, shape [2], got shape []`),
    range(() => loss(x, [0, 0.5]), `${fn}: "labels" expected int32 integers, got 0.5 at position 1`),
    range(() => loss(x, [Number.NaN, 1]), `${fn}: "labels" expected int32 integers, got NaN at position 0`),
    range(() => loss(x, [0, 2 ** 31]), `${fn}: "labels" expected int32 integers, got 2147483648 at position 1`),
    type(
      () => loss(x, tensor([0, 1]).add(0.5)),
      `${fn}: "labels" expected int32, got computed float32; use .cast("int32")`,
    ),
    type(() => loss(x, wrong(["a", "b"])), `${fn}: "labels" expected a number at [0], got "a"`),
    type(() => loss(x, y, wrong(null)), `${fn}: "options" expected an object, got null`),
  ]);
});

const byClasses = {
  arcFace: [losses.arcFace, "weight"],
  cosFace: [losses.cosFace, "weight"],
  proxyAnchor: [losses.proxyAnchor, "proxies"],
} as const;
describe.each(Object.entries(byClasses))("%s", (fn, [loss, name]) => {
  errorSuite([
    range(
      () => loss(x, [0, 4], weight),
      `${fn}: "labels" expected class indices from 0 to 3, got 4 at position 1; classes are counted from 0`,
    ),
    range(() => loss(x, [-1, 0], weight), `${fn}: "labels" expected class indices from 0 to 3, got -1 at position 0`),
    type(
      () => loss(x, y, wrong(undefined)),
      `${fn}: "${name}" expected a tensor, got undefined; make one with tensor()`,
    ),
    range(() => loss(x, y, zeros([3])), `${fn}: "${name}" expected shape [classes, dims], got shape [3]`),
    range(
      () => loss(x, y, zeros([4, 2])),
      `${fn}: "${name}" expected one row per class with the dims of "embeddings", shape [classes, 3], got shape [4, 2]`,
    ),
    range(
      () => loss(x, y, zeros([3, 5])),
      `${fn}: "${name}" expected one row per class with the dims of "embeddings", shape [classes, 3], got shape [3, 5]; turn it with .transpose()`,
    ),
    range(
      () => loss(x, y, zeros([0, 3])),
      `${fn}: "${name}" expected one row per class with the dims of "embeddings", shape [classes, 3], got shape [0, 3]`,
    ),
    range(
      () => loss(x, y, weight, { sampleWeight: [1, 2, 3] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [2], got shape [3]`,
    ),
  ]);
});

const pairs = { contrastive, ntXent, liftedStructure, angular };
describe.each(Object.entries(pairs))("%s", (fn, loss) => {
  errorSuite([
    range(
      () => loss(x, y, { sampleWeight: [1, 2, 3] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [2] or [2, 2], got shape [3]`,
    ),
    range(
      () => loss(x, y, { sampleWeight: [1, -2] }),
      `${fn}: "sampleWeight" expected finite numbers of at least 0, got -2 at position 1`,
    ),
  ]);
});
const anchors = { supervisedContrastive, circle, multiSimilarity, nPairs };
describe.each(Object.entries(anchors))("%s", (fn, loss) => {
  errorSuite([
    range(
      () => loss(x, y, { sampleWeight: [[1, 2]] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [2], got shape [1, 2]`,
    ),
  ]);
});

/** Options with a range: the name, a wrong value, and what is expected of it. */
const call: Record<string, Call> = {
  contrastive: (options) => contrastive(x, y, options),
  ntXent: (options) => ntXent(x, y, options),
  supervisedContrastive: (options) => supervisedContrastive(x, y, options),
  circle: (options) => circle(x, y, options),
  multiSimilarity: (options) => multiSimilarity(x, y, options),
  nPairs: (options) => nPairs(x, y, options),
  liftedStructure: (options) => liftedStructure(x, y, options),
  angular: (options) => angular(x, y, options),
  arcFace: (options) => losses.arcFace(x, y, weight, options),
  cosFace: (options) => losses.cosFace(x, y, weight, options),
  proxyAnchor: (options) => losses.proxyAnchor(x, y, weight, options),
  tripletMargin: (options) => losses.tripletMargin(x, x, x, options),
  cosineEmbedding: (options) => losses.cosineEmbedding(x, x, [1, -1], options),
  vicReg: (options) => losses.vicReg(x, x, options),
  barlowTwins: (options) => losses.barlowTwins(x, x, options),
  batchHard: (options) => losses.batchHard(x, y, options),
  semiHard: (options) => losses.semiHard(x, y, options),
};
const positive = "a finite number above 0";
const atLeast = "a finite number of at least 0";
const average = '"nonZero" or "all"';
const ranges: readonly [fn: string, name: string, value: unknown, wanted: string, got?: string][] = [
  ["contrastive", "positiveMargin", -0.5, atLeast],
  ["contrastive", "negativeMargin", 0, positive],
  ["contrastive", "negativeMargin", Number.NaN, positive],
  ["contrastive", "average", "some", average, '"some"'],
  ["ntXent", "temperature", 0, positive],
  ["ntXent", "temperature", Number.POSITIVE_INFINITY, positive],
  ["supervisedContrastive", "temperature", -1, positive],
  ["supervisedContrastive", "average", true, average],
  ["circle", "margin", 1, "a number in (-1, 1)"],
  ["circle", "gamma", 0, positive],
  ["circle", "average", "none", average, '"none"'],
  ["multiSimilarity", "alpha", 0, positive],
  ["multiSimilarity", "beta", -50, positive],
  ["multiSimilarity", "base", 1.5, "a number in [-1, 1]"],
  ["liftedStructure", "negativeMargin", 0, positive],
  ["liftedStructure", "positiveMargin", -1, atLeast],
  ["angular", "alpha", 0, "radians in (0, π/2)"],
  ["angular", "alpha", 40, "radians in (0, π/2)", "40; 40 degrees are 0.6981"],
  ["arcFace", "margin", 0, "radians in (0, π)"],
  ["arcFace", "margin", 28.6, "radians in (0, π)", "28.6; 28.6 degrees are 0.4992"],
  ["arcFace", "margin", Number.NaN, "radians in (0, π)"],
  ["arcFace", "scale", 0, positive],
  ["cosFace", "margin", -0.35, "a number in [0, 2]"],
  ["cosFace", "scale", -64, positive],
  ["proxyAnchor", "margin", 0, "a number in (0, 1]"],
  ["proxyAnchor", "margin", 1.1, "a number in (0, 1]"],
  ["proxyAnchor", "alpha", 0, positive],
  ["tripletMargin", "margin", 0, positive],
  ["tripletMargin", "margin", -1, positive],
  ["tripletMargin", "p", 0.5, "a norm, a number of at least 1 or Infinity"],
  ["tripletMargin", "p", Number.NaN, "a norm, a number of at least 1 or Infinity"],
  ["tripletMargin", "eps", -1e-6, atLeast],
  ["tripletMargin", "average", "", average, '""'],
  ["cosineEmbedding", "margin", 1.5, "a number in [-1, 1]"],
  ["vicReg", "invarianceWeight", -1, atLeast],
  ["vicReg", "varianceWeight", -25, atLeast],
  ["vicReg", "covarianceWeight", Number.NaN, atLeast],
  ["vicReg", "eps", 0, positive],
  ["barlowTwins", "lambda", -0.005, atLeast],
  ["barlowTwins", "eps", 0, positive],
  ["semiHard", "margin", 0, positive],
];
const kinds: readonly [fn: string, name: string, value: unknown, wanted: string, got: string][] = [
  ["contrastive", "squared", 1, "true or false", "1"],
  ["contrastive", "normalize", "no", "true or false", '"no"'],
  ["nPairs", "normalize", 0, "true or false", "0"],
  ["liftedStructure", "normalize", null, "true or false", "null"],
  ["tripletMargin", "swap", 1, "true or false", "1"],
  ["tripletMargin", "p", "2", "a number", '"2"'],
  ["angular", "alpha", "40", "a number", '"40"'],
  ["arcFace", "margin", null, "a number", "null"],
  ["ntXent", "temperature", "0.5", "a number", '"0.5"'],
  ["batchHard", "normalize", 1, "true or false", "1"],
  ["semiHard", "normalize", 1, "true or false", "1"],
];
errorSuite([
  ...ranges.map(([fn, name, value, wanted, got]) =>
    range(() => call[fn]?.({ [name]: value }), `${fn}: "${name}" expected ${wanted}, got ${got ?? value}`),
  ),
  ...kinds.map(([fn, name, value, wanted, got]) =>
    type(() => call[fn]?.({ [name]: value }), `${fn}: "${name}" expected ${wanted}, got ${got}`),
  ),
  ...Object.entries({
    contrastive: "positiveMargin, negativeMargin, squared, normalize, average, reduction, sampleWeight",
    tripletMargin: "margin, p, swap, eps, average, reduction, sampleWeight",
    barlowTwins: "lambda, eps, reduction, sampleWeight",
    batchHard: "normalize",
    semiHard: "margin, normalize",
  }).map(([fn, names]) =>
    type(() => call[fn]?.({ marign: 1 }), `${fn}: "options" expected only ${names}, got "marign"`),
  ),
  ...Object.keys(call)
    .filter((fn) => !["batchHard", "semiHard"].includes(fn))
    .map((fn) =>
      range(
        () => call[fn]?.({ reduction: "average" }),
        `${fn}: "reduction" expected "mean", "sum" or "none", got "average"`,
      ),
    ),

  range(
    () => losses.tripletMargin(x, zeros([2, 2]), x),
    'tripletMargin: "positive" expected the shape of "anchor" [2, 3], got [2, 2]',
  ),
  range(
    () => losses.tripletMargin(x, x, zeros([3])),
    'tripletMargin: "negative" expected the shape of "anchor" [2, 3], got [3]',
  ),
  range(
    () => losses.tripletMargin(tensor(1), tensor(1), tensor(1)),
    'tripletMargin: "anchor" expected shape [..., dims] with at least 1 of dims, got shape []',
  ),
  range(
    () => losses.tripletMargin(zeros([2, 0]), zeros([2, 0]), zeros([2, 0])),
    'tripletMargin: "anchor" expected shape [..., dims] with at least 1 of dims, got shape [2, 0]',
  ),
  type(
    () => losses.tripletMargin(x, wrong([[1, 2, 3]]), x),
    'tripletMargin: "positive" expected a tensor, got an array of length 1; make one with tensor()',
  ),
  range(
    () => losses.tripletMargin(x, x, x, { sampleWeight: [1] }),
    'tripletMargin: "sampleWeight" expected one weight per sample, shape [2], got shape [1]',
  ),
  range(
    () => losses.cosineEmbedding(x, zeros([2, 2]), [1, 1]),
    'cosineEmbedding: "x2" expected the shape of "x1" [2, 3], got [2, 2]',
  ),
  range(
    () => losses.cosineEmbedding(tensor(1), tensor(1), 1),
    'cosineEmbedding: "x1" expected shape [..., dims] with at least 1 of dims, got shape []',
  ),
  range(
    () => losses.cosineEmbedding(x, x, [1, 0]),
    'cosineEmbedding: "y" expected only -1 and 1, got 0 at position 1; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)',
  ),
  range(
    () => losses.cosineEmbedding(x, x, [1]),
    'cosineEmbedding: "y" expected one sign per pair, shape [2], got shape [1]',
  ),
  range(
    () => losses.cosineEmbedding(x, x, [[1], [1]]),
    'cosineEmbedding: "y" expected one sign per pair, shape [2], got shape [2, 1]; drop the last axis of "y" with .squeeze(-1)',
  ),
  ...[losses.vicReg, losses.barlowTwins].flatMap((loss) => [
    range(() => loss(x, zeros([3, 3])), `${loss.name}: "second" expected the shape of "first" [2, 3], got [3, 3]`),
    range(() => loss(zeros([3]), zeros([3])), `${loss.name}: "first" expected shape [batch, dims], got shape [3]`),
    range(() => loss(x, zeros([3])), `${loss.name}: "second" expected shape [batch, dims], got shape [3]`),
    range(
      () => loss(zeros([1, 3]), zeros([1, 3])),
      `${loss.name}: "first" expected at least 2 examples to compare, got 1`,
    ),
    range(
      () => loss(x, x, { sampleWeight: [0, 1] }),
      `${loss.name}: "first" expected at least 2 examples with a "sampleWeight" above 0 to compare, got 1`,
    ),
    type(() => loss(x, wrong(null)), `${loss.name}: "second" expected a tensor, got null; make one with tensor()`),
  ]),
  type(
    () => losses.semiHard(x, tensor(y, { dtype: "int32" }).add(0)),
    'semiHard: "labels" expected values that JavaScript knows, got a computed tensor; read them first, with await labels.data()',
  ),
]);
