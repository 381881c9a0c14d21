import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  hinge,
  huber,
  listNet,
  marginRanking,
  meanAbsoluteError,
  meanSquaredError,
  zeroOne,
} from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { parameter, tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { pairErrors } from "./pair-errors.js";
import { logits, p, range, t, type, wrong } from "./support.js";

type Elementwise = (prediction: Tensor, target: never, options?: never) => Tensor;
const elementwise: Record<string, Elementwise> = {
  meanSquaredError,
  meanAbsoluteError,
  huber,
  hinge,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  listNet,
};

describe.each(Object.entries(elementwise))("%s", (fn, loss) => {
  errorSuite(pairErrors(fn, loss));
});

describe("option names", () => {
  errorSuite([
    type(
      () => meanSquaredError(p, t, wrong({ weights: [1] })),
      'meanSquaredError: "options" expected only reduction, sampleWeight, got "weights"',
    ),
    type(
      () => crossEntropy(logits, [0, 1], wrong({ labelSmooting: 0.1 })),
      'crossEntropy: "options" expected only weight, labelSmoothing, ignoreIndex, mask, axis, reduction, sampleWeight, got "labelSmooting"',
    ),
  ]);
});

describe("sampleWeight", () => {
  errorSuite([
    range(
      () => meanSquaredError(zeros([2, 3]), zeros([2, 3]), { sampleWeight: [1, 2, 3] }),
      'meanSquaredError: "sampleWeight" expected one weight per sample, shape [2] or [2, 3], got shape [3]',
    ),
    range(
      () => meanSquaredError(p, t, { sampleWeight: 2 }),
      'meanSquaredError: "sampleWeight" expected one weight per sample, shape [3], got shape []',
    ),
    range(
      () => meanSquaredError(tensor(1), 2, { sampleWeight: [1] }),
      'meanSquaredError: "sampleWeight" expected one weight per sample, but there is only one sample, got shape [1]',
    ),
    range(
      () => meanSquaredError(p, t, { sampleWeight: [1, -1, 1] }),
      'meanSquaredError: "sampleWeight" expected finite numbers of at least 0, got -1 at position 1',
    ),
    range(
      () => crossEntropy(logits, [0, 1], { sampleWeight: [1, Number.NaN] }),
      'crossEntropy: "sampleWeight" expected finite numbers of at least 0, got NaN at position 1',
    ),
    type(
      () => crossEntropy(logits, [0, 1], { sampleWeight: wrong(["x", "y"]) }),
      'crossEntropy: "sampleWeight" expected a number at [0], got "x"',
    ),
  ]);
});

describe("huber", () => {
  errorSuite([
    range(() => huber(p, t, { delta: 0 }), 'huber: "delta" expected a finite number above 0, got 0'),
    range(() => huber(p, t, { delta: Number.NaN }), 'huber: "delta" expected a finite number above 0, got NaN'),
    range(() => huber(p, t, { delta: Infinity }), 'huber: "delta" expected a finite number above 0, got Infinity'),
    type(() => huber(p, t, { delta: wrong("1") }), 'huber: "delta" expected a number, got "1"'),
  ]);
});

describe("binaryCrossEntropy", () => {
  errorSuite([
    range(
      () => binaryCrossEntropy(tensor([0.5, 1.5, 0]), t),
      'binaryCrossEntropy: "prediction" expected probabilities from 0 to 1, got 1.5 at position 1; for logits use binaryCrossEntropyWithLogits',
    ),
    range(
      () => binaryCrossEntropy(tensor([0.5, Number.NaN, 0]), t),
      'binaryCrossEntropy: "prediction" expected probabilities from 0 to 1, got NaN at position 1; for logits use binaryCrossEntropyWithLogits',
    ),
    range(
      () => binaryCrossEntropy(p, [1, -1, 1]),
      'binaryCrossEntropy: "target" expected probabilities from 0 to 1, got -1 at position 1',
    ),
    range(
      () => binaryCrossEntropy(tensor(0.5), 2),
      'binaryCrossEntropy: "target" expected probabilities from 0 to 1, got 2',
    ),
    type(
      () => binaryCrossEntropy(p.logSoftmax(), t),
      'binaryCrossEntropy: "prediction" expected probabilities, got log-probabilities; use softmax or sigmoid instead',
    ),
    range(
      () => binaryCrossEntropy(p, t, { weight: [1, 2] }),
      'binaryCrossEntropy: "weight" expected a shape that broadcasts to that of "prediction" [3], got [2]',
    ),
    range(
      () => binaryCrossEntropy(p, t, { weight: [[1, 2, 3]] }),
      'binaryCrossEntropy: "weight" expected a shape that broadcasts to that of "prediction" [3], got [1, 3]',
    ),
    range(
      () => binaryCrossEntropy(p, t, { weight: [1, Infinity, 1] }),
      'binaryCrossEntropy: "weight" expected finite numbers of at least 0, got Infinity at position 1',
    ),
  ]);
});

describe("binaryCrossEntropyWithLogits", () => {
  errorSuite([
    range(
      () => binaryCrossEntropyWithLogits(p, [0, 1, 2]),
      'binaryCrossEntropyWithLogits: "target" expected probabilities from 0 to 1, got 2 at position 2',
    ),
    type(
      () => binaryCrossEntropyWithLogits(p.sigmoid(), t),
      'binaryCrossEntropyWithLogits: "prediction" expected logits, got the output of a sigmoid; remove the sigmoid, the loss applies its own',
    ),
    type(
      () => binaryCrossEntropyWithLogits(p.softmax(), t),
      'binaryCrossEntropyWithLogits: "prediction" expected logits, got the output of a softmax; remove the softmax, the loss applies its own',
    ),
    range(
      () => binaryCrossEntropyWithLogits(p, t, { posWeight: [1, 2] }),
      'binaryCrossEntropyWithLogits: "posWeight" expected a shape that broadcasts to that of "prediction" [3], got [2]',
    ),
    range(
      () => binaryCrossEntropyWithLogits(p, t, { posWeight: Number.NaN }),
      'binaryCrossEntropyWithLogits: "posWeight" expected finite numbers of at least 0, got NaN',
    ),
  ]);
});

describe("hinge", () => {
  errorSuite([
    range(
      () => hinge(p, [1, 0, 1]),
      'hinge: "target" expected only -1 and 1, got 0 at position 1; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)',
    ),
    range(() => hinge(p, [1, 2, 1]), 'hinge: "target" expected only -1 and 1, got 2 at position 1'),
    range(
      () => hinge(tensor(0.5), 0),
      'hinge: "target" expected only -1 and 1, got 0; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)',
    ),
  ]);
});

describe("marginRanking", () => {
  errorSuite([
    range(
      () => marginRanking(p, zeros([2]), [1, 1, -1]),
      'marginRanking: "x2" expected the shape of "x1" [3], got [2]',
    ),
    range(
      () => marginRanking(p, p, [[1], [1], [-1]]),
      'marginRanking: "y" expected the shape of "x1" [3], got [3, 1]; drop the last axis of "y" with .squeeze(-1)',
    ),
    range(
      () => marginRanking(p, p, [1, 0, -1]),
      'marginRanking: "y" expected only -1 and 1, got 0 at position 1; turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)',
    ),
    range(
      () => marginRanking(p, p, [1, 1, -1], { margin: Number.NaN }),
      'marginRanking: "margin" expected a finite number, got NaN',
    ),
    type(
      () => marginRanking(wrong(1), p, [1, 1, -1]),
      'marginRanking: "x1" expected a tensor, got 1; make one with tensor()',
    ),
    type(
      () => marginRanking(p, wrong([1, 2, 3]), [1, 1, -1]),
      'marginRanking: "x2" expected a tensor, got an array of length 3; make one with tensor()',
    ),
  ]);
});

describe("listNet", () => {
  errorSuite([
    range(() => listNet(tensor(1), 1), 'listNet: "prediction" expected at least one axis (the items), got a scalar'),
    type(
      () => listNet(logits.softmax(), zeros([2, 3])),
      'listNet: "prediction" expected scores, got the output of a softmax; remove the softmax, the loss applies its own',
    ),
    range(
      () => listNet(logits, zeros([2, 3]), { mask: [true, true] }),
      'listNet: "mask" expected the shape of "prediction" [2, 3], got [2]',
    ),
  ]);
});

describe("zeroOne", () => {
  errorSuite([
    {
      call: () => zeroOne(parameter([0.5, -1]), [1, 1]).backward(),
      error: Error,
      message:
        "zeroOne: has no useful gradient; train on crossEntropy (classes) or hinge (binary scores) and report zeroOne",
    },
    range(
      () => zeroOne(logits, [0, 7]),
      'zeroOne: "target" expected class indices from 0 to 2 or "ignoreIndex" -100, got 7 at position 1',
    ),
    range(
      () => zeroOne(logits, [[0], [1]]),
      'zeroOne: "target" expected class indices of shape [2] or binary labels of shape [2, 3], got shape [2, 1]; drop the last axis of "target" with .squeeze(-1)',
    ),
    range(() => zeroOne(tensor(1), [1]), 'zeroOne: "target" expected a scalar like "prediction", got shape [1]'),
    range(
      () => zeroOne(p, [0, 1, 2]),
      'zeroOne: "target" expected labels 0 and 1, or -1 and 1, for binary scores, got 2 at position 2',
    ),
    range(
      () => zeroOne(p, [0, 1, -1]),
      'zeroOne: "target" expected labels 0 and 1, or -1 and 1, for binary scores, got both 0 and -1',
    ),
    type(
      () => zeroOne(p.sigmoid(), [0, 1, 1]),
      'zeroOne: "prediction" expected scores around 0, got the output of a sigmoid; set threshold: 0.5',
    ),
    range(
      () => zeroOne(p, [0, 1, 1], { threshold: Number.NaN }),
      'zeroOne: "threshold" expected a finite number, got NaN',
    ),
  ]);
});
