import { listNet } from "@downhill/losses";
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
  test("scores far below zero are still above what is masked", () => {
    onEngine(engine, () => {
      const here = listNet(tensor([[-1e4, -1e4 - 1, 0]]), [[0, 1, 0]], { mask: [[1, 1, 0]] });
      close(here.itemSync(), listNet(tensor([0, -1]), [0, 1]).itemSync(), tolerance);
    });
  });
  test("no lists: 0", () => {
    onEngine(engine, () => {
      const none = (): Tensor => tensor([], { shape: [0, 3] });
      expect(listNet(none(), none()).itemSync()).toBe(0);
      expect(listNet(none(), none(), { mask: none() }).itemSync()).toBe(0);
    });
  });
});
