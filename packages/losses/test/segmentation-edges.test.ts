import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { grad, parameter, tensor, zeros } from "@downhill/tensor";
import type { LossFunction } from "@downhill/testing";
import { close, engines, engineTolerance, flat, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";
import { call } from "./support.js";

const { dice, jaccard, tversky, focalTversky, generalizedDice, lovaszHinge, lovaszSoftmax } = losses;
type Options = Record<string, unknown>;

const masks = [
  [0.5, -1.25, 2, 0.25],
  [-0.5, 1.5, -2, 0.75],
  [1, 3, -1, -0.25],
];
const wanted = [
  [1, 0, 1, 0],
  [0, 1, 1, 0],
  [0, 1, 0, 1],
];
const scores = [
  [
    [2, -1, 0.5, 1],
    [0.25, 1.5, -0.5, 0],
    [-1, 0.75, 1, 0.5],
  ],
  [
    [0.5, 1, -2, 0.25],
    [1.25, -0.75, 0, 2],
    [0, 0.5, 1.75, -1],
  ],
];
const labels = [
  [0, 1, 2, 0],
  [1, 0, 2, 1],
];
const region = { dice, jaccard, tversky, focalTversky, generalizedDice };

describe.each(engines)("losses of segmentation on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  const at = (loss: LossFunction, x: unknown, y: unknown, options: Options = {}): number =>
    onEngine(engine, () => call(loss, tensor(x as number[]), y, options).itemSync());

  describe.each(Object.entries({ ...region, lovaszHinge }))("%s of one mask", (_, loss) => {
    test("a mask is as if the other pixels were not there, whatever stands in them", () => {
      const mask = masks.map((row) => row.map((_, i) => i < 3));
      const holes = masks.map((row) => [...row.slice(0, 3), Number.NaN]);
      const short = (rows: number[][]): number[][] => rows.map((row) => row.slice(0, 3));
      for (const perImage of [false, true])
        close(
          at(loss, holes, wanted, { mask, perImage }),
          at(loss, short(masks), short(wanted), { perImage }),
          tolerance,
        );
      onEngine(engine, () => {
        const slopes = grad((x: Tensor) => call(loss, x, wanted, { mask }))(tensor(holes)).arraySync() as number[][];
        for (const row of slopes) expect(Math.abs(row[3] as number)).toBe(0);
      });
    });
    test("per image: the mean of the images", () => {
      const each = masks.map((row, i) => at(loss, [row], [wanted[i]]));
      onEngine(engine, () => {
        const single = call(loss, tensor(masks), wanted, { perImage: true, reduction: "none" }).arraySync();
        close(single, each, tolerance);
      });
      close(at(loss, masks, wanted, { perImage: true }), each.reduce((a, b) => a + b) / 3, tolerance);
      const weights = { perImage: true, sampleWeight: [2, 0, 1] };
      const [a, , c] = each as [number, number, number];
      close(at(loss, masks, wanted, weights), (2 * a + c) / 3, tolerance);
      expect(at(loss, masks, wanted, { perImage: true, sampleWeight: [0, 0, 0] })).toBe(0);
    });
    test("no images, no pixels: 0 with an empty gradient", () => {
      onEngine(engine, () => {
        for (const shape of [
          [0, 4],
          [2, 0],
        ])
          for (const perImage of [false, true]) {
            const x = parameter([], { shape });
            const options = { perImage, ...(loss === generalizedDice ? { absent: "ignore" } : {}) };
            const empty = call(loss, x, zeros(shape), options);
            empty.backward();
            expect(Math.abs(empty.itemSync())).toBe(0);
            expect(x.grad?.shape).toEqual(shape);
          }
      });
    });
    test("extreme logits: finite, with a finite gradient", () => {
      onEngine(engine, () => {
        const huge = masks.map((row) => row.map((value) => value * 1e4));
        const slopes = grad((x: Tensor) => call(loss, x, wanted))(tensor(huge)).arraySync();
        expect(Number.isFinite(at(loss, huge, wanted))).toBe(true);
        for (const slope of flat(slopes)) expect(Number.isFinite(slope)).toBe(true);
      });
    });
  });

  describe.each(Object.entries(region))("%s", (_, loss) => {
    test("an image of weight 2 counts like two", () => {
      const twice = at(loss, [...masks, masks[0]], [...wanted, wanted[0]]);
      close(at(loss, masks, wanted, { sampleWeight: [2, 1, 1] }), twice, tolerance);
      const classes = at(loss, [scores[0], scores[0], scores[1]], [labels[0], labels[0], labels[1]]);
      close(at(loss, scores, labels, { sampleWeight: [2, 1] }), classes, tolerance);
    });
  });

  describe.each(Object.entries({ ...region, lovaszSoftmax }))("%s of classes", (_, loss) => {
    test("class indices or one-hot targets, classes on any axis", () => {
      const expected = at(loss, scores, labels);
      const oneHot = scores.map((classes, i) =>
        classes.map((row, c) => row.map((_, j) => Number(labels[i]?.[j] === c))),
      );
      const mode = loss === lovaszSoftmax ? {} : { mode: "multiclass" };
      close(at(loss, scores, oneHot, mode), expected, tolerance);
      const last = scores.map((classes) => (classes[0] as number[]).map((_, j) => classes.map((row) => row[j])));
      close(at(loss, last, labels, { axis: -1 }), expected, tolerance);
      onEngine(engine, () => {
        close(
          call(
            loss,
            tensor(scores),
            tensor(new Int32Array([0, 1, 2, 0, 1, 0, 2, 1]), { shape: [2, 4] }).mul(1),
          ).itemSync(),
          expected,
          tolerance,
        );
        close(
          call(loss, tensor(scores).softmax(1).mul(1), labels, { fromLogits: false }).itemSync(),
          expected,
          tolerance,
        );
      });
    });
    test("ignored labels are as if their pixels were masked", () => {
      const ignored = labels.map((row) => row.map((label, i) => (i === 1 ? -100 : label)));
      const mask = labels.map((row) => row.map((_, i) => i !== 1));
      close(at(loss, scores, ignored), at(loss, scores, labels, { mask }), tolerance);
      close(
        at(
          loss,
          scores,
          labels.map((row) => row.map((label, i) => (i === 1 ? 255 : label))),
          { ignoreIndex: 255 },
        ),
        at(loss, scores, ignored),
        tolerance,
      );
      const none = labels.map((row) => row.map(() => -100));
      expect(at(loss, scores, none, { absent: "ignore" })).toBe(0);
    });
  });

  test("multilabel: each class a mask of its own", () => {
    const classes = masks.map((row) => [row.slice(0, 2), row.slice(2)]);
    const targets = wanted.map((row) => [row.slice(0, 2), row.slice(2)]);
    const part = (rows: number[][], from: number): number[][] => rows.map((row) => row.slice(from, from + 2));
    const [a, b] = [0, 2].map((from) => at(dice, part(masks, from), part(wanted, from))) as [number, number];
    close(at(dice, classes, targets, { mode: "multilabel" }), (a + b) / 2, tolerance);
    close(at(dice, classes, targets, { mode: "multilabel", weight: [1, 3] }), (a + 3 * b) / 4, tolerance);
  });

  test("an absent class: 0, left out, or what the formula gives", () => {
    const absent = labels.map((row) => row.map((label) => Math.min(label, 1)));
    const all = (kind: string, options: Options = {}): number => at(dice, scores, absent, { absent: kind, ...options });
    close(all("zero") * 3, all("ignore") * 2, tolerance);
    close(all("count") * 3, all("zero") * 3 + 1, tolerance);
    const empty = [[0, 0, 0, 0]];
    expect(at(dice, [[1, 2, -1, 0]], empty)).toBe(0);
    expect(at(dice, [[1, 2, -1, 0]], empty, { absent: "count" })).toBe(1);
    expect(at(dice, [[-1e4, -1e4, -1e4, -1e4]], empty, { absent: "count", smooth: 1 })).toBe(0);
    expect(at(generalizedDice, [[1, 2, -1, 0]], empty)).toBe(1);
    expect(at(generalizedDice, [[1, 2, -1, 0]], empty, { absent: "ignore" })).toBe(0);
    expect(at(lovaszHinge, [[1, 2, -1, 0]], empty)).toBe(3);
  });

  test("of what is Tversky a case", () => {
    close(at(tversky, masks, wanted), at(dice, masks, wanted), tolerance);
    close(at(tversky, masks, wanted, { alpha: 1, beta: 1 }), at(jaccard, masks, wanted), tolerance);
    close(at(focalTversky, masks, wanted, { alpha: 0.5, beta: 0.5, gamma: 1 }), at(dice, masks, wanted), tolerance);
  });

  test("nothing wrong: 0 with a gradient of 0", () => {
    onEngine(engine, () => {
      const sure = wanted.map((row) => row.map((value) => (2 * value - 1) * 1e4));
      for (const loss of Object.values({ ...region, lovaszHinge })) {
        expect(Math.abs(call(loss, tensor(sure), wanted).itemSync())).toBe(0);
        const slopes = grad((x: Tensor) => call(loss, x, wanted))(tensor(sure)).arraySync();
        for (const slope of flat(slopes)) expect(Math.abs(slope)).toBe(0);
      }
    });
  });
});
