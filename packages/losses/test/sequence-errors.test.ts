import { ctc } from "@downhill/losses";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { range, type, wrong } from "./support.js";

const x = zeros([2, 4, 3]);
const y = [
  [1, 2],
  [2, 2],
];

describe("ctc", () => {
  errorSuite([
    type(
      () => ctc(wrong([[1]]), y),
      'ctc: "logits" expected a tensor, got an array of length 1; make one with tensor()',
    ),
    type(
      () => ctc(x.softmax(), y),
      'ctc: "logits" expected logits, got the output of a softmax; remove the softmax, the loss applies its own',
    ),
    range(() => ctc(zeros([4, 3]), y), 'ctc: "logits" expected shape [batch, time, classes], got [4, 3]'),
    range(() => ctc(zeros([2, 4, 0]), y), 'ctc: "logits" expected at least 1 class, got shape [2, 4, 0]'),
    range(() => ctc(x, [1, 2]), 'ctc: "targets" expected shape [batch, length] with batch 2 as in "logits", got [2]'),
    range(
      () => ctc(x, [[1, 2]]),
      'ctc: "targets" expected shape [batch, length] with batch 2 as in "logits", got [1, 2]',
    ),
    range(
      () => ctc(x, [[1, 2], [2]]),
      'ctc: "targets" expected rows of length 2 like the first, got length 1 at [1]: the rows are ragged',
    ),
    range(
      () =>
        ctc(x, [
          [1, 2],
          [2, 0],
        ]),
      'ctc: "targets" expected class indices from 0 to 2 other than the blank 0, got 0 at [1][1]',
    ),
    range(
      () =>
        ctc(x, [
          [1, 3],
          [2, 2],
        ]),
      'ctc: "targets" expected class indices from 0 to 2 other than the blank 0, got 3 at [0][1]',
    ),
    range(
      () =>
        ctc(x, [
          [1, 1.5],
          [2, 2],
        ]),
      'ctc: "targets" expected class indices from 0 to 2 other than the blank 0, got 1.5 at [0][1]',
    ),
    type(
      () => ctc(x, tensor(y).mul(1)),
      'ctc: "targets" expected values that are known, got a tensor that is still to be computed; read it first with await targets.data()',
    ),
    range(
      () => ctc(x, y, { inputLengths: [4, 2] }),
      'ctc: "inputLengths" expected at least 3 frames for example 1 (2 labels and a blank between equal neighbours: 1), got 2; leave it out, or set zeroInfinity: true',
    ),
    range(
      () => ctc(zeros([1, 2, 3]), [[1, 2, 1]]),
      'ctc: "inputLengths" expected at least 3 frames for example 0 (3 labels and a blank between equal neighbours: 0), got 2; leave it out, or set zeroInfinity: true',
    ),
    range(
      () => ctc(x, y, { inputLengths: [4, 5] }),
      'ctc: "inputLengths" expected integers from 0 to 4, got 5 at position 1',
    ),
    range(
      () => ctc(x, y, { inputLengths: [4] }),
      'ctc: "inputLengths" expected one length per example, shape [2], got [1]',
    ),
    range(
      () => ctc(x, y, { targetLengths: [-1, 2] }),
      'ctc: "targetLengths" expected integers from 0 to 2, got -1 at position 0',
    ),
    type(
      () => ctc(x, y, { targetLengths: tensor([1, 2]).mul(1) }),
      'ctc: "targetLengths" expected values that are known, got a tensor that is still to be computed; read it first with await targetLengths.data()',
    ),
    range(() => ctc(x, y, { blank: 3 }), 'ctc: "blank" expected an integer from 0 to 2, got 3'),
    type(() => ctc(x, y, { zeroInfinity: wrong(1) }), 'ctc: "zeroInfinity" expected true or false, got 1'),
    range(
      () => ctc(x, y, { reduction: wrong("average") }),
      'ctc: "reduction" expected "mean", "sum" or "none", got "average"',
    ),
    type(
      () => ctc(x, y, wrong({ lengths: [4, 4] })),
      'ctc: "options" expected only inputLengths, targetLengths, blank, zeroInfinity, reduction, sampleWeight, got "lengths"',
    ),
    range(
      () => ctc(x, y, { sampleWeight: [1] }),
      'ctc: "sampleWeight" expected one weight per sample, shape [2], got shape [1]',
    ),
  ]);
});
