import { boxIou, ciou, detection, diou, giou } from "@downhill/losses";
import { tensor, zeros } from "@downhill/tensor";
import { errorSuite } from "@downhill/testing";
import { describe } from "vitest";
import { call, range, type } from "./support.js";

const two = [
  [0, 0, 1, 1],
  [1, 0, 2, 3],
];

describe.each(Object.entries({ boxIou, giou, diou, ciou }))("%s", (fn, loss) => {
  errorSuite([
    type(
      () => call(loss, two, two),
      `${fn}: "prediction" expected a tensor, got an array of length 2; make one with tensor()`,
    ),
    range(
      () => call(loss, zeros([2, 4]), zeros([1, 4])),
      `${fn}: "target" expected the shape of "prediction" [2, 4], got [1, 4]`,
    ),
    range(
      () => call(loss, zeros([2, 5]), zeros([2, 5])),
      `${fn}: "prediction" expected boxes of shape [..., 4], got [2, 5]`,
    ),
    range(() => call(loss, tensor(1), 1), `${fn}: "prediction" expected boxes of shape [..., 4], got []`),
    range(
      () => call(loss, tensor(two), [two[0], [1, 3, 2, 0]]),
      `${fn}: "target" expected boxes [x1, y1, x2, y2] with x2 >= x1 and y2 >= y1, got [1, 3, 2, 0] at position 1; for centre and size set format: "cxcywh"`,
    ),
    range(
      () => call(loss, tensor([two[0], [Number.NaN, 0, 1, 1]] as number[][]), two),
      `${fn}: "prediction" expected boxes [x1, y1, x2, y2] with x2 >= x1 and y2 >= y1, got [NaN, 0, 1, 1] at position 1; for centre and size set format: "cxcywh"`,
    ),
    range(
      () => call(loss, tensor(two), [two[0], [1, 3, 2, -1]], { format: "cxcywh" }),
      `${fn}: "target" expected boxes [cx, cy, width, height] with width >= 0 and height >= 0, got [1, 3, 2, -1] at position 1; for two corners set format: "xyxy"`,
    ),
    range(
      () => call(loss, tensor(two), two, { format: "xywh" }),
      `${fn}: "format" expected "xyxy" or "cxcywh", got "xywh"`,
    ),
    range(() => call(loss, tensor(two), two, { eps: 0 }), `${fn}: "eps" expected a finite number above 0, got 0`),
    range(
      () => call(loss, tensor(two), two, { sampleWeight: [1, 2, 3] }),
      `${fn}: "sampleWeight" expected one weight per sample, shape [2], got shape [3]`,
    ),
    type(
      () => call(loss, tensor(two), two, { epsilon: 1 }),
      `${fn}: "options" expected only format, eps, reduction, sampleWeight, got "epsilon"`,
    ),
  ]);
});

describe("detection", () => {
  const prediction = { boxes: zeros([2, 3, 4]), classes: zeros([2, 3, 5]), objectness: zeros([2, 3]) };
  const goal = [
    [1, 1, 0],
    [0, 0, 1],
  ];
  const labels = [
    [0, 4, 9],
    [9, 9, 2],
  ];
  const target = { boxes: zeros([2, 3, 4]), classes: labels, objectness: goal };
  const detect = (changes: object, targetChanges: object = {}, options: object = {}): unknown =>
    detection({ ...prediction, ...changes }, { ...target, ...targetChanges }, options);
  errorSuite([
    type(
      () => call(detection, zeros([2]), target),
      'detection: "prediction" expected { boxes, classes, objectness }, got a Tensor',
    ),
    type(() => call(detection, 1, target), 'detection: "prediction" expected { boxes, classes, objectness }, got 1'),
    type(() => detect({ box: 1 }), 'detection: "prediction" expected only boxes, classes, objectness, got "box"'),
    type(() => detect({ boxes: undefined }), 'detection: "prediction.boxes" expected a tensor, got undefined'),
    type(
      () => detect({}, { objectness: undefined }),
      'detection: "target.objectness" expected a tensor, got undefined',
    ),
    type(
      () => detect({ classes: undefined }),
      'detection: "classes" expected in the prediction and in the target, or in neither',
    ),
    type(
      () => detect({ classes: undefined, objectness: undefined }, { classes: undefined }),
      'detection: "prediction" expected classes or objectness beside its boxes, got neither',
    ),
    range(
      () => detect({ boxes: zeros([2, 3]) }),
      'detection: "prediction.boxes" expected shape [..., places, 4], got [2, 3]',
    ),
    range(
      () => detect({ classes: zeros([2, 5]) }),
      'detection: "prediction.classes" expected shape [2, 3, classes], got [2, 5]',
    ),
    range(
      () => detect({ objectness: zeros([2, 3, 1]) }),
      'detection: "prediction.objectness" expected the shape of "places of prediction.boxes" [2, 3], got [2, 3, 1]; drop the last axis of "prediction.objectness" with .squeeze(-1)',
    ),
    range(
      () => detect({}, { objectness: [1, 1] }),
      'detection: "target.objectness" expected the shape of "places of prediction.boxes" [2, 3], got [2]',
    ),
    range(
      () => detect({}, { objectness: goal.map((row) => row.map((value) => value * 2)) }),
      'detection: "target.objectness" expected probabilities from 0 to 1, got 2 at position 0',
    ),
    range(
      () => detect({}, { boxes: zeros([2, 4]) }),
      'detection: "target.boxes" expected the shape of "prediction.boxes" [2, 3, 4], got [2, 4]',
    ),
    range(
      () => detect({}, { classes: [[0, 5, 0], labels[1]] }),
      'detection: "target.classes" expected class indices from 0 to 4 where there is an object, got 5 at position 1',
    ),
    range(
      () => detect({}, { classes: [0, 1] }),
      'detection: "target.classes" expected the shape of "places of prediction.boxes" [2, 3], got [2]',
    ),
    type(
      () => detect({}, { classes: tensor(labels).mul(1) }),
      'detection: "target.classes" expected int32 class indices, got computed float32; use .cast("int32")',
    ),
    range(
      () => detect({}, {}, { weights: { boxes: -1 } }),
      'detection: "weights.boxes" expected a finite number of at least 0, got -1',
    ),
    type(
      () => detect({}, {}, { weights: { box: 1 } }),
      'detection: "weights" expected only boxes, classes, objectness, got "box"',
    ),
    type(() => detect({}, {}, { weights: 2 }), 'detection: "weights" expected { boxes, classes, objectness }, got 2'),
    type(() => detect({}, {}, { boxLoss: "giou" }), 'detection: "boxLoss" expected a function, got "giou"'),
    range(
      () => detect({}, {}, { classLoss: () => zeros([2]) }),
      'detection: "result of classLoss" expected the shape of "places of prediction.boxes" [2, 3], got [2]',
    ),
    range(
      () => detect({}, {}, { mask: [true, false] }),
      'detection: "mask" expected the shape of "places of prediction.boxes" [2, 3], got [2]',
    ),
    type(
      () => detect({ objectness: zeros([2, 3]).sigmoid() }),
      'binaryCrossEntropyWithLogits: "prediction" expected logits, got the output of a sigmoid; remove the sigmoid, the loss applies its own',
    ),
  ]);
});
