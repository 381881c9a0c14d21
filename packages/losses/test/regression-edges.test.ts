import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, grad, parameter, randn, tensor } from "@downhill/tensor";
import { close, countKernels, engines, engineTolerance, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";

const slopes = (loss: (x: Tensor) => Tensor, at: number[]): number[] =>
  grad((x: Tensor) => loss(x).sum())(tensor(at)).arraySync() as number[];
const none = { reduction: "none" } as const;

// A small error e, of which the loss is about factor · e² with slope 2 · factor · e.
const small = 2 ** -13;
test.each<[string, number, (x: Tensor) => Tensor]>([
  ["logCosh", 0.5, (x) => losses.logCosh(x, [0])],
  ["charbonnier", 0.5, (x) => losses.charbonnier(x, [0])],
  ["cauchy", 0.5, (x) => losses.cauchy(x, [0])],
  ["welsch", 0.5, (x) => losses.welsch(x, [0])],
  ["gemanMcClure", 0.5, (x) => losses.gemanMcClure(x, [0])],
])("%s keeps the digits of a small error in float32", (_, factor, loss) => {
  onEngine("cpu", () => {
    close(loss(tensor([small])).itemSync(), factor * small ** 2, { relative: 1e-6 });
    close(slopes(loss, [small]), [2 * factor * small], { relative: 1e-6 });
  });
});
test("cosineDistance keeps the digits of a small angle in float32, and is never below 0", () => {
  onEngine("cpu", () => {
    close(losses.cosineDistance(tensor([1, small]), [1, 0]).itemSync(), 1 - Math.cos(Math.atan(small)), {
      relative: 1e-3,
    });
    const x = randn([500, 7]);
    for (const each of losses.cosineDistance(x, x.mul(3), none).dataSync()) expect(each).toBeGreaterThanOrEqual(0);
  });
});
test("gemanMcClure keeps the digits of the small slope of a large error", () => {
  onEngine("cpu", () => {
    const [e, square] = [1e4, 1e8];
    close(
      slopes((x) => losses.gemanMcClure(x, [0]), [e]),
      [(16 * e) / (square + 4) ** 2],
      { relative: 1e-5 },
    );
  });
});

describe.each(engines)("on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  test.each([
    ["pinball", "quantile", losses.pinball],
    ["expectile", "expectile", losses.expectile],
  ] as const)("%s of several levels is each of them alone", (_, option, loss) => {
    onEngine(engine, () => {
      const [levels, target] = [
        [0.1, 0.5, 0.9],
        [0.5, -1.5],
      ];
      const columns = [
        [0, 1],
        [0.25, -2],
        [3, 0],
      ];
      const prediction = tensor(columns).transpose();
      const each = columns.map((column, i) =>
        loss(tensor(column), target, { [option]: levels[i], ...none }).arraySync(),
      ) as number[][];
      close(
        loss(prediction, target, { [option]: levels, ...none })
          .transpose()
          .arraySync(),
        each,
        tolerance,
      );
    });
  });
  test("the best constant of pinball is the quantile, that of expectile balances the squared errors", () => {
    onEngine(engine, () => {
      const values = Array.from({ length: 101 }, (_, i) => i);
      const at = (constant: number): Tensor => tensor(values.map(() => constant));
      const pinball = (c: number): number => losses.pinball(at(c), values, { quantile: 0.9 }).itemSync();
      expect(pinball(90)).toBeLessThan(Math.min(pinball(89), pinball(91)));
      close(
        losses.expectile(at(50), values).itemSync() * 2,
        losses.meanSquaredError(at(50), values).itemSync(),
        tolerance,
      );
    });
  });
  test("symmetricMeanAbsolutePercentageError of zeros is 0, with gradient 0", () => {
    onEngine(engine, () => {
      const loss = (x: Tensor): Tensor => losses.symmetricMeanAbsolutePercentageError(x, [0, 0]);
      expect(loss(tensor([0, 0])).itemSync()).toBe(0);
      expect(slopes(loss, [0, 0])).toEqual([0, 0]);
    });
  });
  test("charbonnier of what has no square in float32", () => {
    onEngine(engine, () => {
      const loss = (x: Tensor): Tensor => losses.charbonnier(x, [0], { scale: 0.5 });
      close(loss(tensor([-1e30])).itemSync(), 2e30, tolerance);
      close(slopes(loss, [-1e30]), [-2], tolerance);
    });
  });
  test("PyTorch's slopes at the kinks", () => {
    onEngine(engine, () => {
      expect(slopes((x) => losses.smoothL1(x, [0, 0, 0], { ...none, beta: 0 }), [0, 2, -2])).toEqual([0, 1, -1]);
      close(
        slopes((x) => losses.pinball(x, [2], { quantile: 0.9 }), [2]),
        [-0.4],
        tolerance,
      );
      expect(slopes((x) => losses.wing(x, [0, 0, 0], none), [0, 10, -10])).toEqual([0, 1, -1]);
    });
  });
  test("a computed value of at most -1 makes meanSquaredLogError NaN or Infinity", () => {
    onEngine(engine, () => {
      expect(losses.meanSquaredLogError(tensor([-2]).mul(1), [1]).itemSync()).toBeNaN();
    });
  });
});

const x = parameter(randn([40, 30]));
const target = randn([40, 30]).dataSync();
const matrix = tensor(target, { shape: [40, 30] });
test.each<[string, (x: Tensor) => Tensor]>([
  ["pinball, several quantiles", (p) => losses.pinball(p, target.slice(0, 40), { quantile: levels(30) })],
  ["expectile, several expectiles", (p) => losses.expectile(p, target.slice(0, 40), { expectile: levels(30) })],
  ["wing, sampleWeight", (p) => losses.wing(p, matrix, { sampleWeight: target.slice(0, 40).map(Math.abs) })],
  ["cosineDistance", (p) => losses.cosineDistance(p, matrix)],
  [
    "cosineDistance, sampleWeight",
    (p) => losses.cosineDistance(p, matrix, { sampleWeight: target.slice(0, 40).map(Math.abs) }),
  ],
])("%s with its gradient is one kernel", (_, loss) => {
  const counted = countKernels(() => {
    x.grad = null;
    const value = loss(x);
    value.backward();
    evaluateSync(value);
  });
  expect(counted).toBe(1);
});

function levels(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i + 1) / (count + 1));
}
