import { hinge, listNet, meanSquaredError, zeroOne } from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { grad, tensor } from "@downhill/tensor";
import { close, engines, engineTolerance, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";

describe.each(engines)("listNet with a mask on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  const scores = [
    [1.5, -0.5, 0.25, 9],
    [3, Number.NaN, 1, 2],
    [5, 6, 7, 8],
  ];
  const relevance = [
    [2, 0, 1, 7],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  const mask = [
    [1, 1, 1, 0],
    [1, 0, 1, 1],
    [0, 0, 0, 0],
  ];
  const masks = {
    booleans: mask.map((row) => row.map(Boolean)),
    numbers: mask,
    computed: () => tensor(mask).greater(0),
  };

  test.each(Object.entries(masks))("%s: as if the masked items were not there", (_, given) => {
    onEngine(engine, () => {
      const of = (list: number[], target: number[]): number => listNet(tensor(list), target).itemSync();
      const expected = [of([1.5, -0.5, 0.25], [2, 0, 1]), of([3, 1, 2], [0, 1, 0])] as const;
      const here = (): { mask: Tensor | number[][] | boolean[][] } => ({
        mask: typeof given === "function" ? given() : given,
      });
      const each = listNet(tensor(scores), relevance, { ...here(), reduction: "none" });
      close(each.arraySync(), [...expected, 0], tolerance);
      close(listNet(tensor(scores), relevance, here()).itemSync(), (expected[0] + expected[1]) / 2, tolerance);
      const weighted = listNet(tensor(scores), relevance, { ...here(), sampleWeight: [1, 3, 5] });
      close(weighted.itemSync(), (expected[0] + 3 * expected[1]) / 4, tolerance);
      const slope = grad((s: Tensor) => listNet(s, relevance, here()))(tensor(scores)).arraySync() as number[][];
      slope.forEach((row, i) => {
        row.forEach((value, j) => {
          expect(Number.isFinite(value)).toBe(true);
          if (mask[i]?.[j] === 0) expect(Math.abs(value)).toBe(0);
        });
      });
    });
  });
  test("lists without items: 0", () => {
    onEngine(engine, () => {
      expect(listNet(tensor([], { shape: [2, 0] }), tensor([], { shape: [2, 0] })).itemSync()).toBe(0);
      const none = { mask: tensor([], { shape: [2, 0] }) };
      expect(listNet(tensor([], { shape: [2, 0] }), tensor([], { shape: [2, 0] }), none).itemSync()).toBe(0);
    });
  });
});

describe("zeroOne", () => {
  test.each([
    ["-1 and 1", [1, -1, 1, -1, 1]],
    ["0 and 1", [1, 0, 1, 0, 1]],
    ["booleans", [true, false, true, false, true]],
  ])("binary scores with labels %s; a score on the threshold is wrong", (_, labels) => {
    const scores = tensor([2, -1, -1, 3, 0]);
    expect([...zeroOne(scores, labels, { reduction: "none" }).dataSync()]).toEqual([0, 0, 1, 1, 1]);
    expect(zeroOne(scores, labels).itemSync()).toBeCloseTo(0.6);
    expect(zeroOne(scores.sigmoid(), labels, { threshold: 0.5 }).itemSync()).toBeCloseTo(0.6);
  });
  test("a NaN score is wrong", () => {
    expect([...zeroOne(tensor([Number.NaN, Number.NaN]), [0, 1], { reduction: "none" }).dataSync()]).toEqual([1, 1]);
  });
  test("class scores: logits and probabilities, ignored labels left out", () => {
    const scores = tensor([
      [1, 2, 0],
      [3, 1, 0],
      [0, 1, 2],
    ]);
    for (const given of [scores, scores.softmax()]) {
      expect(zeroOne(given, [1, 1, 2]).itemSync()).toBeCloseTo(1 / 3);
      expect(zeroOne(given, [1, 1, -100]).itemSync()).toBeCloseTo(1 / 2);
      expect(zeroOne(given, [-100, -100, -100]).itemSync()).toBe(0);
      expect(zeroOne(given, tensor(new Int32Array([1, 1, 2])).add(0)).itemSync()).toBeCloseTo(1 / 3);
    }
  });
  test("its functional gradient throws, too", () => {
    expect(() => grad((s: Tensor) => zeroOne(s, [1, 1]))(tensor([0.5, -1]))).toThrow(
      /^zeroOne: has no useful gradient/,
    );
  });
});

test("scalars are one element", () => {
  expect(meanSquaredError(tensor(3), 1).itemSync()).toBe(4);
  expect(hinge(tensor(0.25), -1).itemSync()).toBe(1.25);
});

test("integer predictions and targets are compared as numbers", () => {
  const ints = new Int32Array([1, 2, 4]);
  expect(
    meanSquaredError(
      tensor(ints),
      ints.map((value) => value + 1),
    ).itemSync(),
  ).toBe(1);
  expect(meanSquaredError(tensor([1.5, 2.5, 4.5]), ints).itemSync()).toBe(0.25);
});

test("a loss that is built and dropped leaves the target as it was", () => {
  const target = new Float32Array([1, 2]);
  const loss = meanSquaredError(tensor([1, 2]), target);
  target.fill(9);
  expect(loss.itemSync()).toBe(0);
});
