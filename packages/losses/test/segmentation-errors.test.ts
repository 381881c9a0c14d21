import * as losses from "@downhill/losses";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { call, range, type } from "./support.js";

const { dice, jaccard, tversky, focalTversky, generalizedDice, lovaszHinge, lovaszSoftmax } = losses;

const x = zeros([2, 3, 4]);
const labels = zeros([2, 4], { dtype: "int32" });
const all = { dice, jaccard, tversky, focalTversky, generalizedDice, lovaszHinge, lovaszSoftmax };
const region = { dice, jaccard, tversky, focalTversky, generalizedDice };

describe.each(Object.entries(all))("%s", (fn, loss) => {
  errorSuite([
    type(
      () => call(loss, [1], [1]),
      `${fn}: "prediction" expected a tensor, got an array of length 1; make one with tensor()`,
    ),
    type(
      () => call(loss, x.sigmoid(), x),
      `${fn}: "prediction" expected logits, got the output of a sigmoid; remove the sigmoid, the loss applies its own`,
    ),
    range(() => call(loss, tensor(1), 1), `${fn}: "prediction" expected at least one axis (the images), got a scalar`),
    type(() => call(loss, x, x, { perImage: 1 }), `${fn}: "perImage" expected true or false, got 1`),
    range(
      () => call(loss, x, x, { perImage: true, sampleWeight: [1, 2, 3] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [2], got shape [3]`,
    ),
    range(
      () => call(loss, x, x, { reduction: "batch" }),
      `${fn}: "reduction" expected "mean", "sum" or "none", got "batch"`,
    ),
  ]);
});

describe.each(Object.entries({ ...region, lovaszSoftmax }))("%s of classes", (fn, loss) => {
  errorSuite([
    range(
      () => call(loss, x, zeros([2, 5])),
      `${fn}: "target" expected class indices of shape [2, 4] or probabilities of shape [2, 3, 4], got shape [2, 5]`,
    ),
    range(
      () =>
        call(loss, x, [
          [0, 1, 2, 3],
          [0, 0, 0, 0],
        ]),
      `${fn}: "target" expected class indices from 0 to 2 or "ignoreIndex" -100, got 3 at position 3; classes are counted from 0`,
    ),
    range(() => call(loss, x, labels, { axis: 5 }), `${fn}: "axis" expected an integer from -3 to 2, got 5`),
    range(
      () => call(loss, x, zeros([3, 4], { dtype: "int32" }), { axis: 0 }),
      `${fn}: "axis" expected an axis behind the first, which holds the images, got 0`,
    ),
    range(
      () => call(loss, zeros([2, 0, 4]), labels),
      `${fn}: "prediction" expected at least 1 class, got shape [2, 0, 4]`,
    ),
    range(
      () => call(loss, x, labels, { ignoreIndex: 0.5 }),
      `${fn}: "ignoreIndex" expected an integer from -2147483648 to 2147483647, got 0.5`,
    ),
    range(
      () => call(loss, x, labels, { mask: zeros([2, 3, 4]) }),
      `${fn}: "mask" expected the shape of "pixels of prediction" [2, 4], got [2, 3, 4]`,
    ),
    type(() => call(loss, x, labels, { fromLogits: "no" }), `${fn}: "fromLogits" expected true or false, got "no"`),
    range(
      () => call(loss, tensor([[[2, -1]]]), [[0, 0]], { fromLogits: false }),
      `${fn}: "prediction" expected probabilities from 0 to 1, got 2 at position 0; logits need fromLogits: true`,
    ),
    type(
      () => call(loss, x.softmax(1), labels),
      `${fn}: "prediction" expected logits, got the output of a softmax; remove the softmax, the loss applies its own`,
    ),
  ]);
});

describe.each(Object.entries(region))("%s of masks", (fn, loss) => {
  errorSuite([
    range(
      () => call(loss, x, labels, { mode: "binary" }),
      `${fn}: "target" expected the shape of "prediction" [2, 3, 4], got [2, 4]`,
    ),
    range(
      () => call(loss, x, labels, { mode: "multilabel" }),
      `${fn}: "target" expected the shape of "prediction" [2, 3, 4], got [2, 4]`,
    ),
    range(
      () => call(loss, x, x, { mode: "softmax" }),
      `${fn}: "mode" expected "binary", "multiclass" or "multilabel", got "softmax"`,
    ),
    range(
      () => call(loss, tensor([[1, 2]]), [[0, 255]]),
      `${fn}: "target" expected probabilities from 0 to 1, got 255 at position 1`,
    ),
    range(
      () => call(loss, x, labels, { smooth: -1 }),
      `${fn}: "smooth" expected a finite number of at least 0, got -1`,
    ),
    range(() => call(loss, x, labels, { eps: 0 }), `${fn}: "eps" expected a finite number above 0, got 0`),
    range(
      () => call(loss, x, labels, { sampleWeight: [1] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [2], got shape [1]`,
    ),
  ]);
});

describe.each(Object.entries({ dice, jaccard, tversky, focalTversky, lovaszSoftmax }))("%s", (fn, loss) => {
  errorSuite([
    range(
      () => call(loss, x, labels, { absent: "skip" }),
      `${fn}: "absent" expected "zero", "ignore" or "count", got "skip"`,
    ),
    range(
      () => call(loss, x, labels, { weight: [1, 2] }),
      `${fn}: "weight" expected one number per class, shape [3], got shape [2]`,
    ),
    range(
      () => call(loss, x, labels, { weight: [1, -2, 0] }),
      `${fn}: "weight" expected finite numbers of at least 0, got -2 at position 1`,
    ),
  ]);
});

describe.each(Object.entries({ tversky, focalTversky }))("%s", (fn, loss) => {
  errorSuite([
    range(() => call(loss, x, labels, { alpha: -1 }), `${fn}: "alpha" expected a finite number of at least 0, got -1`),
    range(() => call(loss, x, labels, { beta: -1 }), `${fn}: "beta" expected a finite number of at least 0, got -1`),
  ]);
});

describe("options of one loss", () => {
  errorSuite([
    range(() => focalTversky(x, labels, { gamma: 0 }), 'focalTversky: "gamma" expected a finite number above 0, got 0'),
    range(
      () => call(generalizedDice, x, labels, { weightType: "cube" }),
      'generalizedDice: "weightType" expected "square", "simple" or "uniform", got "cube"',
    ),
    range(
      () => call(generalizedDice, x, labels, { absent: "zero" }),
      'generalizedDice: "absent" expected "ignore" or "count", got "zero"',
    ),
    type(
      () => call(generalizedDice, x, labels, { weight: [1, 1, 1] }),
      'generalizedDice: "options" expected only mode, axis, ignoreIndex, mask, perImage, fromLogits, absent, smooth, eps, weightType, reduction, sampleWeight, got "weight"',
    ),
    range(
      () => lovaszHinge(x, zeros([2, 4])),
      'lovaszHinge: "target" expected the shape of "prediction" [2, 3, 4], got [2, 4]',
    ),
    range(
      () => lovaszHinge(tensor([1, 2]), [0.5, 1]),
      'lovaszHinge: "target" expected only 0 and 1, got 0.5 at position 0',
    ),
    range(
      () => lovaszHinge(x, x, { sampleWeight: [1, 2] }),
      'lovaszHinge: "sampleWeight" expected a loss per image to weight, got all pixels in one; set perImage: true',
    ),
    type(
      () => call(lovaszHinge, x, x, { mode: "multilabel" }),
      'lovaszHinge: "options" expected only mask, perImage, reduction, sampleWeight, got "mode"',
    ),
    range(
      () => lovaszSoftmax(tensor([[[1], [2]]]), [[[0.5], [0.5]]]),
      'lovaszSoftmax: "target" expected only 0 and 1, got 0.5 at position 0',
    ),
    range(
      () => lovaszSoftmax(x, labels, { sampleWeight: [1, 2] }),
      'lovaszSoftmax: "sampleWeight" expected a loss per image to weight, got all pixels in one; set perImage: true',
    ),
  ]);
});
