// Values and gradients at ordinary inputs stand in golden.test.ts; here are the extremes and the tags.
import type { Tensor } from "@downhill/tensor";
import {
  gelu,
  grad,
  kindOf,
  logSoftmax,
  logSumExp,
  norm,
  pick,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  std,
  tensor,
  variance,
  zeros,
} from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { draw, expectClose, expectGradient, onEveryEngine, random } from "./support.js";

const slope = (f: (x: Tensor) => Tensor, x: number[] | number[][]): Tensor =>
  grad((t: Tensor) => f(t).sum())(tensor(x));

onEveryEngine((engine) => {
  describe("extreme inputs", () => {
    const rows: [string, () => Tensor, number[]][] = [
      [
        "softmax of ±1e4",
        () =>
          softmax([
            [1e4, -1e4, 0],
            [-1e4, -1e4, -1e4],
          ]),
        [1, 0, 0, 1 / 3, 1 / 3, 1 / 3],
      ],
      ["softmax of the largest numbers", () => softmax([3.4e38, -3.4e38]), [1, 0]],
      ["softmax with -Infinity", () => softmax([0, -Infinity, 0]), [0.5, 0, 0.5]],
      ["softmax of -Infinity only is undefined", () => softmax([-Infinity, -Infinity]), [NaN, NaN]],
      [
        "softmax with NaN",
        () =>
          softmax([
            [1, NaN],
            [0, 0],
          ]),
        [NaN, NaN, 0.5, 0.5],
      ],
      ["logSoftmax of ±1e4", () => logSoftmax([[1e4, -1e4, 0]]), [0, -2e4, -1e4]],
      ["logSoftmax with -Infinity", () => logSoftmax([0, -Infinity, 0]), [-Math.LN2, -Infinity, -Math.LN2]],
      ["logSoftmax of one", () => logSoftmax([[5], [-1e30]]), [0, 0]],
      [
        "logSumExp of ±1e4",
        () =>
          logSumExp(
            [
              [1e4, 1e4],
              [-1e4, -1e4],
            ],
            { axis: 1 },
          ),
        [1e4 + Math.LN2, -1e4 + Math.LN2],
      ],
      ["logSumExp of the largest number", () => logSumExp([3.4028234e38, 0]), [3.4028234e38]],
      ["logSumExp of the smallest number", () => logSumExp([-3.4028234e38]), [-3.4028234e38]],
      [
        "logSumExp of -Infinity only",
        () =>
          logSumExp(
            [
              [-Infinity, -Infinity],
              [0, -Infinity],
            ],
            { axis: 1 },
          ),
        [-Infinity, 0],
      ],
      ["logSumExp with Infinity", () => logSumExp([Infinity, 0]), [Infinity]],
      ["logSumExp with both infinities", () => logSumExp([Infinity, -Infinity]), [Infinity]],
      ["logSumExp with NaN", () => logSumExp([0, NaN]), [NaN]],
      [
        "sigmoid",
        () => sigmoid([-1e4, -100, 0, 100, 1e4, -Infinity, Infinity, NaN]),
        [0, Math.exp(-100), 0.5, 1, 1, 0, 1, NaN],
      ],
      [
        "softplus",
        () => softplus([-1e4, -100, 0, 100, 1e4, -Infinity, Infinity, NaN]),
        [0, Math.exp(-100), Math.LN2, 100, 1e4, 0, Infinity, NaN],
      ],
      ["gelu", () => gelu([-1e4, -40, 0, 40, 1e4, NaN]), [0, 0, 0, 40, 1e4, NaN]],
      ["silu", () => silu([-1e4, 0, 1e4, NaN]), [0, 0, 1e4, NaN]],
      ["relu", () => relu([-Infinity, -1, 0, 1, Infinity, NaN]), [0, 0, 0, 1, Infinity, NaN]],
      ["norm of zeros", () => norm([0, 0]), [0]],
      ["norm of nothing", () => norm(zeros([0])), [0]],
      ["variance of one, described", () => variance([5], { correction: 0 }), [0]],
      ["tanh", () => tensor([-1e4, 1e4, 1e-20]).tanh(), [-1, 1, 1e-20]],
    ];
    test.each(rows)("%s", (_what, make, values) => expectClose(make(), values, { relative: 2e-6, absolute: 1e-37 }));
  });

  describe("gradients at extremes are finite", () => {
    const rows: [string, (x: Tensor) => Tensor, number[] | number[][], number[]][] = [
      ["softmax", (x) => softmax(x).mul([1, 2, 3]), [1e4, -1e4, 0], [0, 0, 0]],
      ["logSoftmax", (x) => logSoftmax(x).slice([0], [1]), [1e4, -1e4, 0], [0, 0, 0]],
      ["logSoftmax of the wrong class", (x) => logSoftmax(x).slice([1], [2]), [1e4, -1e4, 0], [-1, 1, 0]],
      ["picked logSoftmax", (x) => pick(logSoftmax(x), [2]), [[1e4, -1e4, 0]], [-1, 0, 1]],
      [
        "logSoftmax with -Infinity in another class",
        (x) => pick(logSoftmax(x), [0]),
        [[0, -Infinity, 0]],
        [0.5, 0, -0.5],
      ],
      ["logSumExp", (x) => logSumExp(x), [1e4, -1e4, 1e4], [0.5, 0, 0.5]],
      ["logSumExp with -Infinity", (x) => logSumExp(x), [0, -Infinity], [1, 0]],
      ["sigmoid", (x) => sigmoid(x), [-1e4, 0, 1e4], [0, 0.25, 0]],
      ["softplus", (x) => softplus(x), [-1e4, -100, 0, 100, 1e4], [0, Math.exp(-100), 0.5, 1, 1]],
      ["gelu", (x) => gelu(x), [-1e4, 0, 1e4], [0, 0.5, 1]],
      ["silu", (x) => silu(x), [-1e4, 0, 1e4], [0, 0.5, 1]],
      ["norm at 0", (x) => norm(x), [0, 0], [0, 0]],
      [
        "norm per row, one of zeros",
        (x) => norm(x, { axis: 1 }),
        [
          [0, 0],
          [3, 4],
        ],
        [0, 0, 0.6, 0.8],
      ],
      ["std of equals", (x) => std(x), [2, 2, 2], [0, 0, 0]],
    ];
    test.each(rows)("%s", (_what, f, x, values) =>
      expectClose(slope(f, x), values, { relative: 2e-6, absolute: 1e-37 }),
    );
  });

  describe("properties on random inputs", () => {
    test("softmax sums to 1 along its axis and does not care for a shift", () => {
      const x = random([4, 5, 6], -20, 20);
      for (const axis of [0, 1, 2, -1]) {
        const y = softmax(x, axis);
        expectClose(y.sum({ axis }), new Array(120 / (x.shape.at(axis) as number)).fill(1));
        expectClose(softmax(x.add(64), axis), y.dataSync(), { relative: 1e-5 });
        expectClose(logSoftmax(x, axis).exp(), y.dataSync(), { relative: 1e-5 });
      }
    });
    test("softplus(x) - softplus(-x) = x, sigmoid(x) + sigmoid(-x) = 1", () => {
      const x = tensor(draw(200, -30, 30));
      expectClose(softplus(x).sub(softplus(x.neg())), x.dataSync(), { absolute: 4e-6 });
      expectClose(sigmoid(x).add(sigmoid(x.neg())), new Array(200).fill(1));
    });
    test("logSumExp over several axes is one over all", () => {
      const x = random([3, 4, 5]);
      expectClose(logSumExp(x, { axis: [0, 2] }).logSumExp(), logSumExp(x).dataSync());
      expect(logSumExp(x, { axis: [0, 2], keepDims: true }).shape).toEqual([1, 4, 1]);
      expectClose(x.reshape([60]).logSumExp(), logSumExp(x).dataSync());
    });
    test("wide rows", () => {
      const x = random([3, 1000], -10, 10);
      expectClose(softmax(x).sum({ axis: 1 }), [1, 1, 1]);
      expectClose(logSoftmax(x).exp().sum(), [3]);
      expectClose(logSumExp(x.transpose(), { axis: 0 }), logSumExp(x, { axis: 1 }).dataSync());
    });
    test("rows of one column and no rows", () => {
      expectClose(softmax(random([4, 1])), [1, 1, 1, 1]);
      expect(softmax(zeros([0, 3])).dataSync().length).toBe(0);
      expect(logSumExp(zeros([0, 3]), { axis: 1 }).dataSync().length).toBe(0);
    });
    test("gradients of a composed chain", () => {
      const args = [{ shape: [3, 4], values: draw(12) }];
      for (const f of [
        (x: Tensor) => softmax(x, 0).mul(logSoftmax(x)),
        (x: Tensor) =>
          x.sub(x.mean({ axis: 1, keepDims: true })).div(std(x, { axis: 1, keepDims: true, correction: 0 })),
        (x: Tensor) => variance(x, { axis: [0, 1] }).add(norm(x)),
        (x: Tensor) => gelu(softplus(x)).add(silu(x)),
        (x: Tensor) => logSumExp(x.mul(x), { axis: 0 }).softmax(),
      ])
        expectGradient(engine, f as (...x: Tensor[]) => Tensor, args);
    });
  });

  test("int32 and bool inputs count as float32", () => {
    expectClose(softmax(tensor(new Int32Array([0, 0]))), [0.5, 0.5]);
    expectClose(tensor([true, false]).logSumExp(), [Math.log(1 + Math.E)]);
    expectClose(sigmoid(tensor(new Int32Array([0]))), [0.5]);
    expectClose(variance(tensor([true, false])), [0.5]);
  });
});

describe("kindOf: what made the values", () => {
  const x = (): Tensor =>
    tensor([
      [1, 2],
      [3, 4],
    ]);
  const rows: [string, () => Tensor, string | null][] = [
    ["softmax", () => softmax(x()), "probabilities"],
    ["softmax method", () => x().softmax(), "probabilities"],
    ["softmax along another axis", () => x().softmax(0), "probabilities"],
    ["log of softmax", () => x().softmax().log(), "logProbabilities"],
    ["logSoftmax", () => logSoftmax(x()), "logProbabilities"],
    ["sigmoid", () => x().sigmoid(), "sigmoid"],
    ["through reshape", () => x().softmax().reshape([4]), "probabilities"],
    ["through squeeze and unsqueeze", () => x().sigmoid().unsqueeze(0).squeeze(0), "sigmoid"],
    ["through transpose", () => x().softmax().transpose(), "probabilities"],
    ["through detach", () => softmax(x()).detach(), "probabilities"],
    ["not through arithmetic", () => x().softmax().mul(2), null],
    ["log of anything else", () => x().log(), null],
    ["silu holds a sigmoid and is none", () => silu(x()), null],
    ["data", x, null],
  ];
  test.each(rows)("%s", (_what, make, kind) => expect(kindOf(make())).toBe(kind));
  test("reading does not lose it", () => {
    const y = x().softmax();
    y.dataSync();
    expect(kindOf(y)).toBe("probabilities");
    expect(kindOf(y.reshape([4]))).toBe("probabilities");
  });
});
