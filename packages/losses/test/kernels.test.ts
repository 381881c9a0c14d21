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
const present = labels.map((_, i) => i % 3 !== 0);
const samples = { sampleWeight: weights(rows) };
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
  "crossEntropy, mask": (x) => crossEntropy(x, labels, { mask: present }),
  "crossEntropy, mask and everything": (x) => crossEntropy(x, holes, { ...known, mask: present, labelSmoothing: 0.1 }),
  "crossEntropy, masked probabilities": (x) => crossEntropy(x, soft, { ...known, mask: present }),
  "nll, everything": (x) => losses.nll(x, holes, { ...known, mask: present }),
  "categoricalFocal, everything": (x) =>
    losses.categoricalFocal(x, holes, { ...samples, alpha: weights(columns), gamma: 1.5, labelSmoothing: 0.1 }),
  "categoricalFocal, probabilities": (x) => losses.categoricalFocal(x, soft, { ...samples, alpha: weights(columns) }),
  "poly1CrossEntropy, everything": (x) => losses.poly1CrossEntropy(x, holes, { ...known, labelSmoothing: 0.1 }),
  "generalizedCrossEntropy, probabilities": (x) => losses.generalizedCrossEntropy(x, soft, known),
  "symmetricCrossEntropy, probabilities": (x) => losses.symmetricCrossEntropy(x, soft, samples),
  "jensenShannon, one-hot": (x) => losses.jensenShannon(x, labels, samples),
  "ldam, everything": (x) => losses.ldam(x, holes, { ...known, classCounts: weights(columns), mask: present }),
  "categoricalHinge, mask": (x) => losses.categoricalHinge(x, holes, { mask: present }),
  "multiMargin, everything": (x) => losses.multiMargin(x, holes, { ...known, p: 2 }),
  "distillation, labels": (x) => losses.distillation(x, soft, { ...samples, labels: holes, temperature: 2 }),
  "evidential without divergence": (x) => losses.evidential(x, labels, { klWeight: 0 }),
  "klDivergence, weighted": (x) => losses.klDivergence(x, soft, samples),
  "focal, weighted": (x) => losses.focal(x, soft, { ...samples, gamma: 1.5 }),
  "asymmetricLoss, weighted": (x) => losses.asymmetricLoss(x, soft, samples),
  "multiLabelSoftMargin, everything": (x) => losses.multiLabelSoftMargin(x, soft, known),
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
