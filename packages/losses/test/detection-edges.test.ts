import { boxIou, ciou, crossEntropy, detection, diou, giou } from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { grad, parameter, tensor, zeros } from "@downhill/tensor";
import { close, engines, engineTolerance, flat, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";

type Box = [number, number, number, number];
const boxes: Box[] = [
  [0, 0, 2, 2],
  [1, 1, 3, 4],
  [-1, 0, 0.5, 2],
];
const others: Box[] = [
  [1, 1, 3, 4],
  [1, 1.5, 2, 4],
  [0, 0, 2, 1],
];
const centred = (list: Box[]): Box[] => list.map(([a, b, c, d]) => [(a + c) / 2, (b + d) / 2, c - a, d - b]);
const finite = (values: unknown): void => {
  for (const value of flat(values as number[])) expect(Number.isFinite(value)).toBe(true);
};

describe.each(engines)("losses of boxes on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  describe.each(Object.entries({ boxIou, giou, diou, ciou }))("%s", (_, loss) => {
    test("centre and size, or corners: the same", () => {
      onEngine(engine, () => {
        const each = loss(tensor(centred(boxes)), centred(others), { format: "cxcywh", reduction: "none" });
        close(each.arraySync(), loss(tensor(boxes), others, { reduction: "none" }).arraySync(), tolerance);
      });
    });
    test("weight 2 counts twice, weight 0 not at all; no weight or no box left: 0 with gradient 0", () => {
      onEngine(engine, () => {
        const each = loss(tensor(boxes), others, { reduction: "none" }).arraySync() as [number, number, number];
        const weighted = loss(tensor(boxes), others, { sampleWeight: [2, 0, 1] }).itemSync();
        close(weighted, (2 * each[0] + each[2]) / 3, tolerance);
        const slopes = grad((x: Tensor) => loss(x, others, { sampleWeight: [0, 0, 0] }))(tensor(boxes)).arraySync();
        for (const slope of flat(slopes)) expect(Math.abs(slope)).toBe(0);
        const none = parameter([], { shape: [2, 0, 4] });
        const empty = loss(none, zeros([2, 0, 4]));
        empty.backward();
        expect(empty.itemSync()).toBe(0);
        expect(none.grad?.shape).toEqual([2, 0, 4]);
      });
    });
    test("points and lines: finite, with a finite gradient", () => {
      onEngine(engine, () => {
        const flatBoxes = [
          [1, 1, 1, 1],
          [0, 0, 2, 0],
          [1, 0, 1, 3],
        ];
        for (const against of [flatBoxes, others, flatBoxes.slice().reverse()]) {
          finite(loss(tensor(flatBoxes), against, { reduction: "none" }).arraySync());
          finite(grad((x: Tensor) => loss(x, against))(tensor(flatBoxes)).arraySync());
        }
      });
    });
  });

  const classes = [
    [2, -1, 0],
    [0, 0.5, 1],
    [1, 1, -2],
  ];
  const objectness = [1, -2, 0.5];
  const target = { boxes: others, classes: [2, 1, 0], objectness: [1, 1, 0] };
  const prediction = (): { boxes: Tensor; classes: Tensor; objectness: Tensor } => ({
    boxes: tensor(boxes),
    classes: tensor(classes),
    objectness: tensor(objectness),
  });
  test("detection: the terms add up to the loss", () => {
    onEngine(engine, () => {
      for (const reduction of ["mean", "sum", "none"] as const) {
        const { terms, ...loss } = detection(prediction(), target, { reduction, weights: { classes: 3 } });
        expect(loss).toBeDefined();
        const sum = terms.boxes.add(terms.classes).add(terms.objectness);
        const whole = detection(prediction(), target, { reduction, weights: { classes: 3 } });
        close(sum.arraySync(), whole.arraySync(), tolerance);
      }
      const { terms } = detection(prediction(), target);
      close(terms.boxes.itemSync(), giou(tensor(boxes.slice(0, 2)), others.slice(0, 2)).itemSync(), tolerance);
      const softmax = detection(prediction(), target, {
        classLoss: (p, t) => crossEntropy(p, t, { reduction: "none" }),
      });
      close(softmax.terms.classes.itemSync(), crossEntropy(tensor(classes.slice(0, 2)), [2, 1]).itemSync(), tolerance);
    });
  });
  test("detection: what is masked, and what stands at background, does not matter", () => {
    onEngine(engine, () => {
      const expected = detection(prediction(), target).itemSync();
      const junk = { ...target, boxes: [...others.slice(0, 2), [9, 9, -9, -9]], classes: [2, 1, 77] };
      close(detection(prediction(), junk).itemSync(), expected, tolerance);
      const two = {
        boxes: tensor(boxes.slice(0, 2)),
        classes: tensor(classes.slice(0, 2)),
        objectness: tensor(objectness.slice(0, 2)),
      };
      const less = { boxes: others.slice(0, 2), classes: [2, 1], objectness: [1, 1] };
      const masked = detection(prediction(), target, { mask: [true, true, false] }).itemSync();
      close(masked, detection(two, less).itemSync(), tolerance);
      const computed = {
        boxes: tensor(others).mul(1),
        classes: tensor(new Int32Array([2, 1, 0])).mul(1),
        objectness: tensor([1, 1, 0]).mul(1),
      };
      close(detection(prediction(), computed).itemSync(), expected, tolerance);
      close(detection(prediction(), computed, { mask: tensor([1, 1, 0]).mul(1) }).itemSync(), masked, tolerance);
    });
  });
  test("detection: no places, no objects, nothing but boxes and objectness", () => {
    onEngine(engine, () => {
      const none = { boxes: zeros([2, 0, 4]), classes: zeros([2, 0, 3]), objectness: zeros([2, 0]) };
      const nothing = { boxes: zeros([2, 0, 4]), classes: zeros([2, 0, 3]), objectness: zeros([2, 0]) };
      expect(detection(none, nothing).itemSync()).toBe(0);
      const { terms } = detection(prediction(), { ...target, objectness: [0, 0, 0] });
      expect([terms.boxes.itemSync(), terms.classes.itemSync()]).toEqual([0, 0]);
      expect(terms.objectness.itemSync()).toBeGreaterThan(0);
      const single = detection(
        { boxes: tensor(boxes), objectness: tensor(objectness) },
        { boxes: others, objectness: [1, 1, 0] },
      );
      const full = detection(prediction(), target).terms;
      close(single.itemSync(), full.boxes.add(full.objectness).itemSync(), tolerance);
    });
  });
});
