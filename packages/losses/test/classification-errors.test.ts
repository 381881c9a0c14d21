import type { ClassLossOptions, LossOptions } from "@downhill/losses";
import {
  asymmetricLoss,
  categoricalFocal,
  categoricalHinge,
  crossEntropy,
  evidential,
  focal,
  generalizedCrossEntropy,
  hingeEmbedding,
  jensenShannon,
  klDivergence,
  ldam,
  multiLabelMargin,
  multiLabelSoftMargin,
  multiMargin,
  nll,
  poly1CrossEntropy,
  softMargin,
  sparsemax,
  squaredHinge,
  symmetricCrossEntropy,
} from "@downhill/losses";
import type { Tensor, TensorLike } from "@downhill/tensor";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe, expect, test } from "vitest";
import { logits, ofSigmoid, p, range, t, type, wrong } from "./support.js";

type Elementwise = (prediction: Tensor, target: TensorLike, options?: LossOptions) => Tensor;
const elementwise: Record<string, Elementwise> = {
  focal,
  asymmetricLoss,
  squaredHinge,
  softMargin,
  hingeEmbedding,
  multiLabelSoftMargin,
  multiLabelMargin,
  klDivergence: klDivergence as Elementwise,
};

describe.each(Object.entries(elementwise))("%s", (fn, loss) => {
  errorSuite([
    range(() => loss(p, zeros([2])), `${fn}: "target" expected the shape of "prediction" [3], got [2]`),
    range(
      () => loss(p, zeros([3, 1])),
      `${fn}: "target" expected the shape of "prediction" [3], got [3, 1]; drop the last axis of "target" with .squeeze(-1)`,
    ),
    type(
      () => loss(wrong([1, 2]), [1, 2]),
      `${fn}: "prediction" expected a tensor, got an array of length 2; make one with tensor()`,
    ),
    type(() => loss(p, wrong("abc")), `${fn}: "target" expected a number, nested arrays or a typed array, got "abc"`),
    range(
      () => loss(p, t, { reduction: wrong("average") }),
      `${fn}: "reduction" expected ${fn === "klDivergence" ? '"batchMean", ' : ""}"mean", "sum" or "none", got "average"`,
    ),
    type(() => loss(p, t, wrong(0.5)), `${fn}: "options" expected an object, got 0.5`),
  ]);
});

type OverClasses = (prediction: Tensor, target: TensorLike, options?: ClassLossOptions) => Tensor;
const indices: Record<string, OverClasses> = {
  nll: (x, y, options) => nll(x, y, options),
  ldam: (x, y, options) => ldam(x, y, { classCounts: [3, 2, 1], ...options }),
  categoricalHinge,
  multiMargin: (x, y, options) => multiMargin(x, y, options),
};
const soft: Record<string, OverClasses> = {
  crossEntropy,
  categoricalFocal,
  poly1CrossEntropy,
  generalizedCrossEntropy,
  symmetricCrossEntropy,
  jensenShannon,
  sparsemax,
  evidential,
};
const oneHot = [
  [1, 0, 0],
  [0, 0, 1],
];
const given = logits.sub(3);

describe.each(Object.entries({ ...indices, ...soft }))("%s", (fn, loss) => {
  const or = fn in soft ? " or probabilities of shape [2, 3]" : "";
  errorSuite([
    range(
      () => loss(given, [0, 3]),
      `${fn}: "target" expected class indices from 0 to 2 or "ignoreIndex" -100, got 3 at position 1; classes are counted from 0`,
    ),
    range(() => loss(given, [0, 1.5]), `${fn}: "target" expected integers as class indices, got 1.5 at position 1`),
    range(() => loss(given, [0, 1, 2]), `${fn}: "target" expected class indices of shape [2]${or}, got shape [3]`),
    range(
      () => loss(given, [[0], [2]]),
      `${fn}: "target" expected class indices of shape [2]${or}, got shape [2, 1]; drop the last axis of "target" with .squeeze(-1)`,
    ),
    range(() => loss(tensor(1), 0), `${fn}: "prediction" expected at least one axis (the classes), got a scalar`),
    range(() => loss(zeros([2, 0]), [0, 0]), `${fn}: "prediction" expected at least 1 class, got shape [2, 0]`),
    range(
      () => loss(given, [0, 2], { ignoreIndex: 0.5 }),
      `${fn}: "ignoreIndex" expected an integer from -2147483648 to 2147483647, got 0.5`,
    ),
    range(() => loss(given, [0, 2], { axis: 2 }), `${fn}: "axis" expected an integer from -2 to 1, got 2`),
    range(
      () => loss(given, [0, 2], { mask: [true, false, true] }),
      `${fn}: "mask" expected one entry per example, shape [2], got shape [3]`,
    ),
    range(
      () => loss(given, [0, 2], { mask: [1, 0.5] }),
      `${fn}: "mask" expected false and true, or 0 and 1, got 0.5 at position 1`,
    ),
    type(
      () => loss(given, [0, 2], { mask: wrong("all") }),
      `${fn}: "mask" expected a number, nested arrays or a typed array, got "all"`,
    ),
    range(
      () => loss(given, [0, 2], { sampleWeight: [1, 2, 3] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [2], got shape [3]`,
    ),
    range(
      () => loss(given, [0, 7], { mask: [true, true] }),
      `${fn}: "target" expected class indices from 0 to 2 or "ignoreIndex" -100, got 7 at position 1`,
    ),
    type(() => loss(given, wrong(["cat", "dog"])), `${fn}: "target" expected a number at [0], got "cat"`),
    type(
      () => loss(wrong([[1, 2]]), [0]),
      `${fn}: "prediction" expected a tensor, got an array of length 1; make one with tensor()`,
    ),
    range(
      () => loss(given, [0, 2], { reduction: wrong("average") }),
      `${fn}: "reduction" expected "mean", "sum" or "none", got "average"`,
    ),
  ]);
  test("its options are named when one is unknown", () => {
    expect(() => loss(given, [0, 2], wrong({ weigth: [1, 2, 3] }))).toThrow(
      new RegExp(`^${fn}: "options" expected only .*ignoreIndex, mask, axis, reduction, sampleWeight, got "weigth"$`),
    );
  });
});

describe.each(Object.entries(indices))("%s", (fn, loss) => {
  errorSuite([
    range(
      () => loss(given, oneHot),
      `${fn}: "target" expected class indices of shape [2], got shape [2, 3]; turn one-hot rows into indices with .argmax({ axis: -1 })`,
    ),
  ]);
});

describe.each(Object.entries(soft))("%s", (fn, loss) => {
  const wanted = fn === "sparsemax" ? "scores" : "logits";
  errorSuite([
    range(
      () =>
        loss(logits, [
          [1, 0, 0],
          [0, -1, 2],
        ]),
      `${fn}: "target" expected probabilities from 0 to 1, got -1 at position 4`,
    ),
    range(
      () =>
        loss(
          logits,
          [
            [1, 0, 0],
            [0, -1, 2],
          ],
          { mask: [false, true] },
        ),
      `${fn}: "target" expected probabilities from 0 to 1, got -1 at position 4`,
    ),
    type(() => loss(logits.sigmoid(), [0, 2]), ofSigmoid(fn, wanted)),
  ]);
});

describe.each(Object.entries({ sparsemax, jensenShannon, evidential }))("%s", (fn, loss) => {
  errorSuite([
    range(
      () =>
        loss(logits, [
          [1, 0, 0],
          [0.5, 0.5, 0.5],
        ]),
      `${fn}: "target" expected probabilities that sum to 1, got a sum of 1.5 from position 3 on; divide each row by its sum`,
    ),
    range(
      () =>
        loss(logits, [
          [0, 0, 0],
          [0, 0, 1],
        ]),
      `${fn}: "target" expected probabilities that sum to 1, got a sum of 0 from position 0 on; divide each row by its sum`,
    ),
  ]);
});
