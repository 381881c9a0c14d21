import { zeroOne } from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { grad, tensor } from "@downhill/tensor";
import { describe, expect, test } from "vitest";

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
  test("a mask leaves decisions out, whatever stands there", () => {
    const scores = tensor([
      [1, 2, 0],
      [Number.NaN, 1, 0],
      [0, 1, 2],
    ]);
    expect(zeroOne(scores, [1, 99, 0], { mask: [true, false, true] }).itemSync()).toBeCloseTo(1 / 2);
    expect(zeroOne(scores, [1, 0, 0], { mask: tensor([1, 0, 1]).greater(0) }).itemSync()).toBeCloseTo(1 / 2);
    expect(zeroOne(scores, [1, 0, 0], { mask: [0, 0, 0] }).itemSync()).toBe(0);
    const binary = zeroOne(tensor([2, -1, 3]), [1, 1, -1], { mask: [true, true, false], sampleWeight: [1, 3, 1] });
    expect(binary.itemSync()).toBeCloseTo(3 / 4);
  });
  test("its functional gradient throws, too", () => {
    expect(() => grad((s: Tensor) => zeroOne(s, [1, 1]))(tensor([0.5, -1]))).toThrow(
      /^zeroOne: has no useful gradient/,
    );
  });
});
