import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, parameter, rand, randn, tensor } from "@downhill/tensor";
import { countKernels } from "@downhill/testing";
import { expect, test } from "vitest";

const [rows, columns] = [40, 30];
const weights = (n: number): number[] => Array.from({ length: n }, (_, i) => 1 + (i % 3));
const labels = Array.from({ length: rows }, (_, i) => (i * 7) % columns);
const holes = labels.map((label, i) => (i % 5 === 0 ? -100 : label));
const soft = tensor(
  Array.from({ length: rows * columns }, (_, i) => (i % 7) / 7),
  { shape: [rows, columns] },
);
const signs = tensor(
  Array.from({ length: rows * columns }, (_, i) => (i % 2) * 2 - 1),
  { shape: [rows, columns] },
);
const mask = tensor(
  Array.from({ length: rows * columns }, (_, i) => i % 2),
  { shape: [rows, columns] },
);
const known = { weight: weights(columns), sampleWeight: weights(rows) };

const { crossEntropy, binaryCrossEntropyWithLogits, binaryCrossEntropy } = losses;
const cases: Record<string, (x: Tensor) => Tensor> = {
  meanSquaredError: (x) => losses.meanSquaredError(x, soft),
  "meanSquaredError, sampleWeight": (x) => losses.meanSquaredError(x, soft, { sampleWeight: weights(rows) }),
  meanAbsoluteError: (x) => losses.meanAbsoluteError(x, soft),
  huber: (x) => losses.huber(x, soft, { delta: 0.5 }),
  hinge: (x) => losses.hinge(x, signs),
  "hinge, summed": (x) => losses.hinge(x, signs, { reduction: "sum" }),
  marginRanking: (x) => losses.marginRanking(x, soft, signs, { margin: 1 }),
  binaryCrossEntropyWithLogits: (x) => binaryCrossEntropyWithLogits(x, soft),
  "binaryCrossEntropyWithLogits, posWeight": (x) =>
    binaryCrossEntropyWithLogits(x, soft, { posWeight: weights(columns) }),
  "binaryCrossEntropyWithLogits, weight": (x) => binaryCrossEntropyWithLogits(x, soft, { weight: weights(columns) }),
  listNet: (x) => losses.listNet(x, soft),
  "listNet, mask": (x) => losses.listNet(x, soft, { mask }),
  crossEntropy: (x) => crossEntropy(x, labels),
  "crossEntropy, ignored labels": (x) => crossEntropy(x, holes),
  "crossEntropy, labelSmoothing": (x) => crossEntropy(x, labels, { labelSmoothing: 0.1 }),
  "crossEntropy, weights": (x) => crossEntropy(x, labels, known),
  "crossEntropy, everything": (x) => crossEntropy(x, holes, { ...known, labelSmoothing: 0.1 }),
  "crossEntropy, probabilities": (x) => crossEntropy(x, soft, { ...known, labelSmoothing: 0.1 }),
};

test.each(Object.entries(cases))("%s with its gradient is one kernel", (_, loss) => {
  const x = parameter(randn([rows, columns]));
  expect(kernelsOf(x, loss)).toBe(1);
});

test("binaryCrossEntropy with its gradient is one kernel", () => {
  const x = parameter(rand([rows, columns]));
  expect(kernelsOf(x, (p) => binaryCrossEntropy(p, soft))).toBe(1);
  expect(kernelsOf(x, (p) => binaryCrossEntropy(p, soft, { weight: weights(columns) }))).toBe(1);
});

function kernelsOf(x: ReturnType<typeof parameter>, loss: (x: Tensor) => Tensor): number {
  return countKernels(() => {
    x.grad = null;
    const value = loss(x);
    value.backward();
    evaluateSync(value);
  });
}
