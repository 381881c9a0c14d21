import { crossEntropy } from "@downhill/losses";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { expect, test } from "vitest";
import { logits, range, type, wrong } from "./support.js";

errorSuite([
  range(
    () => crossEntropy(logits, [0, 5]),
    'crossEntropy: "target" expected class indices from 0 to 2 or "ignoreIndex" -100, got 5 at position 1',
  ),
  range(
    () => crossEntropy(logits, [3, 0]),
    'crossEntropy: "target" expected class indices from 0 to 2 or "ignoreIndex" -100, got 3 at position 0; classes are counted from 0',
  ),
  range(
    () => crossEntropy(logits, new Int32Array([0, -1])),
    'crossEntropy: "target" expected class indices from 0 to 2 or "ignoreIndex" -100, got -1 at position 1',
  ),
  range(
    () => crossEntropy(logits, [0, -100], { ignoreIndex: -1 }),
    'crossEntropy: "target" expected class indices from 0 to 2 or "ignoreIndex" -1, got -100 at position 1',
  ),
  range(
    () => crossEntropy(logits, [0, 1.5]),
    'crossEntropy: "target" expected integers as class indices, got 1.5 at position 1',
  ),
  range(
    () => crossEntropy(logits, tensor([Number.NaN, 1])),
    'crossEntropy: "target" expected integers as class indices, got NaN at position 0',
  ),
  type(
    () => crossEntropy(logits, tensor([0, 1]).add(1)),
    'crossEntropy: "target" expected int32 class indices, got computed float32; use .cast("int32")',
  ),
  type(() => crossEntropy(logits, wrong(["cat", "dog"])), 'crossEntropy: "target" expected a number at [0], got "cat"'),
  range(
    () =>
      crossEntropy(logits, [
        [0.5, 0.5, 0],
        [0, 0, 1.01],
      ]),
    // float32 holds 1.01 as this.
    `crossEntropy: "target" expected probabilities from 0 to 1, got ${Math.fround(1.01)} at position 5`,
  ),
  range(
    () =>
      crossEntropy(logits, [
        [0.5, 0.5, 0],
        [0, -1, 2],
      ]),
    'crossEntropy: "target" expected probabilities from 0 to 1, got -1 at position 4',
  ),
  range(
    () => crossEntropy(logits, [[0], [2]]),
    'crossEntropy: "target" expected class indices of shape [2] or probabilities of shape [2, 3], got shape [2, 1]; drop the last axis of "target" with .squeeze(-1)',
  ),
  range(
    () => crossEntropy(logits, [0, 1, 2]),
    'crossEntropy: "target" expected class indices of shape [2] or probabilities of shape [2, 3], got shape [3]',
  ),
  range(
    () => crossEntropy(zeros([2, 3, 4]), zeros([2, 4], { dtype: "int32" })),
    'crossEntropy: "target" expected class indices of shape [2, 3] or probabilities of shape [2, 3, 4], got shape [2, 4]; when axis 1 holds the classes, set axis: 1',
  ),
  range(
    () => crossEntropy(tensor([0, 2]), logits),
    'crossEntropy: "target" expected class indices of shape [] or probabilities of shape [2], got shape [2, 3]; the prediction comes first, then the target',
  ),
  range(
    () => crossEntropy(tensor(1), 0),
    'crossEntropy: "prediction" expected at least one axis (the classes), got a scalar',
  ),
  range(
    () => crossEntropy(zeros([2, 0]), [0, 0]),
    'crossEntropy: "prediction" expected at least 1 class, got shape [2, 0]',
  ),
  type(
    () => crossEntropy(wrong([[1, 2]]), [0]),
    'crossEntropy: "prediction" expected a tensor, got an array of length 1; make one with tensor()',
  ),
  type(
    () => crossEntropy(logits.softmax(), [0, 2]),
    'crossEntropy: "prediction" expected logits, got the output of a softmax; remove the softmax, the loss applies its own',
  ),
  type(
    () => crossEntropy(logits.softmax().reshape([2, 1, 3]), [[0], [2]]),
    'crossEntropy: "prediction" expected logits, got the output of a softmax; remove the softmax, the loss applies its own',
  ),
  type(
    () => crossEntropy(logits.sigmoid(), [0, 2]),
    'crossEntropy: "prediction" expected logits, got the output of a sigmoid; remove the sigmoid, the loss applies its own',
  ),
  range(
    () => crossEntropy(logits, [0, 2], { weight: [1, 2] }),
    'crossEntropy: "weight" expected one number per class, shape [3], got shape [2]',
  ),
  range(
    () => crossEntropy(logits, [0, 2], { weight: [1, 2, -3] }),
    'crossEntropy: "weight" expected finite numbers of at least 0, got -3 at position 2',
  ),
  range(
    () => crossEntropy(logits, [0, 2], { labelSmoothing: Number.NaN }),
    'crossEntropy: "labelSmoothing" expected a number in [0, 1], got NaN',
  ),
  range(
    () => crossEntropy(logits, [0, 2], { labelSmoothing: 1.1 }),
    'crossEntropy: "labelSmoothing" expected a number in [0, 1], got 1.1',
  ),
  range(
    () => crossEntropy(logits, [0, 2], { ignoreIndex: 0.5 }),
    'crossEntropy: "ignoreIndex" expected an integer from -2147483648 to 2147483647, got 0.5',
  ),
  range(
    () => crossEntropy(logits, [0, 2], { axis: 2 }),
    'crossEntropy: "axis" expected an integer from -2 to 1, got 2',
  ),
  range(
    () =>
      crossEntropy(logits, [0, 2], {
        sampleWeight: [
          [1, 1, 1],
          [1, 1, 1],
        ],
      }),
    'crossEntropy: "sampleWeight" expected one weight per sample, shape [2], got shape [2, 3]',
  ),
]);
test("labels that the device computes are checked when they are used", () => {
  const loss = crossEntropy(logits, tensor(new Int32Array([0, 2])).add(1));
  expect(() => loss.itemSync()).toThrow(/expected integers from 0 to 2, got 3 at position 1/);
});
