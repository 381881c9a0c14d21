import type { ClassLossOptions } from "@downhill/losses";
import * as losses from "@downhill/losses";
import type { Tensor, TensorLike } from "@downhill/tensor";
import { grad, parameter, profile, tensor, valueAndGrad } from "@downhill/tensor";
import { close, engines, engineTolerance, flat, onEngine } from "@downhill/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type OverClasses = (x: Tensor, target: TensorLike, options: ClassLossOptions) => Tensor;
const { crossEntropy } = losses;
const logProbabilities =
  (loss: OverClasses): OverClasses =>
  (x, y, options) =>
    loss(x.sub(20), y, options);
const weight = [1, 2, 0.5];
const overIndices: Record<string, OverClasses> = {
  crossEntropy,
  "crossEntropy, weighted and smooth": (x, y, options) =>
    crossEntropy(x, y, { weight, labelSmoothing: 0.1, ...options }),
  nll: logProbabilities((x, y, options) => losses.nll(x, y, { weight, ...options })),
  categoricalFocal: (x, y, options) => losses.categoricalFocal(x, y, { alpha: weight, ...options }),
  poly1CrossEntropy: (x, y, options) => losses.poly1CrossEntropy(x, y, options),
  generalizedCrossEntropy: (x, y, options) => losses.generalizedCrossEntropy(x, y, options),
  symmetricCrossEntropy: (x, y, options) => losses.symmetricCrossEntropy(x, y, options),
  ldam: (x, y, options) => losses.ldam(x, y, { classCounts: [100, 10, 1], scale: 2, weight, ...options }),
  categoricalHinge: losses.categoricalHinge,
  multiMargin: (x, y, options) => losses.multiMargin(x, y, { weight, ...options }),
  sparsemax: losses.sparsemax,
  jensenShannon: losses.jensenShannon,
  evidential: (x, y, options) => losses.evidential(x, y, { evidence: "softplus", ...options }),
  distillation: (x, labels, options) =>
    losses.distillation(x, x.detach().mul(0.5).add([0, 1, 2]), { labels, ...options }),
};
const soft = Object.keys(overIndices).filter(
  (name) => !["nll", "ldam", "categoricalHinge", "multiMargin"].includes(name),
);

const data = [
  [2, -1, 0.5],
  [0.25, 0.5, 0.75],
  [-1, 0, 4],
];
const labels = [0, 2, 1];
const rows = [
  [0.5, 0.25, 0.25],
  [0, 1, 0],
  [0.125, 0.375, 0.5],
];
const mask = [true, false, true];
const two = (list: readonly number[][]): number[][] => [list[0] as number[], list[2] as number[]];

const both = (loss: OverClasses, x: number[][], target: TensorLike, options: ClassLossOptions): [number, number[]] => {
  const [value, slope] = valueAndGrad((p: Tensor) => loss(p, target, options).sum())(tensor(x));
  return [value.itemSync(), flat(slope.arraySync())];
};

describe.each(engines)("on %s", (engine) => {
  const tolerance = engineTolerance[engine];

  describe.each(Object.entries(overIndices))("%s", (name, loss) => {
    const targets: [kind: string, all: number[] | number[][], left: number[] | number[][]][] = [
      ["indices", labels, [0, 1]],
    ];
    if (soft.includes(name)) targets.push(["probabilities", rows, two(rows)]);

    test.each(targets)("a mask is as if what it leaves out were not there: %s", (_, all, left) => {
      onEngine(engine, () => {
        for (const reduction of ["mean", "sum", "none"] as const)
          for (const given of [mask, [1, 0, 1], tensor([1, 0, 1]).greater(0)]) {
            const [value, slope] = both(loss, data, all, { mask: given, reduction });
            const [expected, slopes] = both(loss, two(data), left, { reduction });
            close(value, expected, tolerance);
            close([...slope.slice(0, 3), ...slope.slice(6)], slopes, tolerance);
            for (const each of slope.slice(3, 6)) expect(Math.abs(each)).toBe(0);
          }
      });
    });
    test("what is left out may hold anything", () => {
      onEngine(engine, () => {
        const broken = [data[0] as number[], [Number.NaN, Infinity, -Infinity], data[2] as number[]];
        const [expected, slopes] = both(loss, data, labels, { mask });
        for (const label of [99, -1, 0.5]) {
          const [value, slope] = both(loss, broken, [0, label, 1], { mask });
          close(value, expected, tolerance);
          close(slope, slopes, tolerance);
        }
        if (!soft.includes(name)) return;
        const zeros = [rows[0] as number[], [0, 0, 0], rows[2] as number[]];
        const expectedSoft = both(loss, data, rows, { mask })[0];
        close(both(loss, broken, zeros, { mask })[0], expectedSoft, tolerance);
        if (name === "distillation") return;
        const turned = loss(tensor(broken).transpose(), tensor(zeros).transpose(), { mask, axis: 0 });
        close(turned.itemSync(), expectedSoft, tolerance);
      });
    });
    test("computed labels, with or without a mask, give the same as known ones", () => {
      onEngine(engine, () => {
        const computed = tensor(labels, { dtype: "int32" }).add(0);
        const later = tensor([0, -100, 1], { dtype: "int32" }).add(0);
        close(both(loss, data, computed, {}), both(loss, data, labels, {}) as [number, number[]], tolerance);
        for (const given of [mask, tensor([1, 0, 1]).greater(0)])
          close(both(loss, data, computed, { mask: given }), both(loss, data, labels, { mask }), tolerance);
        close(both(loss, data, later, {}), both(loss, data, [0, -100, 1], {}), tolerance);
      });
    });
    test("sampleWeight [2, 1] is as if the first example were there twice", () => {
      onEngine(engine, () => {
        const [a, b] = data as [number[], number[]];
        const [value] = both(loss, [a, b], [0, 2], { sampleWeight: [2, 1] });
        close(value, both(loss, [a, a, b], [0, 0, 2], {})[0], tolerance);
      });
    });
  });

  test("divergences: infinite where the target has what the prediction excludes, 0 where both exclude it", () => {
    onEngine(engine, () => {
      const sure = tensor([[0, Number.NEGATIVE_INFINITY]]);
      expect(losses.klDivergence(sure, [[1, 0]]).itemSync()).toBe(0);
      expect(losses.klDivergence(sure, [[0.5, 0.5]]).itemSync()).toBe(Infinity);
      const logarithms = { logTarget: true };
      expect(losses.klDivergence(sure, [[0, Number.NEGATIVE_INFINITY]], logarithms).itemSync()).toBe(0);
      const slope = grad((q: Tensor) => losses.klDivergence(tensor([[-1, -1]]), q))(tensor([[1, 0]]));
      close(slope.arraySync(), [[2, 0]], tolerance);
    });
  });
  test("sparsemax: 0 from a lead of 1 on, and its gradient is the sparse probabilities less the target", () => {
    onEngine(engine, () => {
      const [value, slope] = both(losses.sparsemax, [[3, 2, -5]], [0], {});
      expect([value, ...slope].map(Math.abs)).toEqual([0, 0, 0, 0]);
      const [, half] = both(losses.sparsemax, [[0.5, 0, -9]], [1], {});
      close(half, [0.75, -0.75, 0], tolerance);
      close(both(losses.sparsemax, [[1e4, 1e4, 0]], [0], {})[1], [-0.5, 0.5, 0], tolerance);
    });
  });
  test("multiLabelMargin: computed lists give the same as known ones", () => {
    onEngine(engine, () => {
      const lists = tensor(
        [
          [2, 0, -1],
          [-1, 0, 1],
          [1, 1, -1],
        ],
        { dtype: "int32" },
      );
      const known = losses.multiLabelMargin(tensor(data), lists, { reduction: "none" });
      const computed = losses.multiLabelMargin(tensor(data), lists.add(0), { reduction: "none" });
      close(computed.arraySync(), known.arraySync() as number[], tolerance);
    });
  });
  test("evidential: no evidence is the uniform distribution, and much evidence keeps its digits", () => {
    onEngine(engine, () => {
      const none = losses.evidential(tensor([[-1, -2, -3]]), [0], { form: "log" });
      close(none.itemSync(), Math.log(3), tolerance);
      const right = losses.evidential(tensor([[1e6, 0, 0]]), [0]);
      expect(right.itemSync()).toBeLessThan(1e-5);
    });
  });
});

const distribution = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .filter((each) => each.reduce((sum, x) => sum + x) > 0.1)
  .map((each) => each.map((x) => x / each.reduce((sum, y) => sum + y)));

test("jensenShannon is symmetric, and from 0 to ln 2", () => {
  onEngine("reference", () => {
    fc.assert(
      fc.property(distribution, distribution, (p, q) => {
        const logits = (of: number[]): Tensor => tensor([of.map((x) => Math.log(x + 1e-9))]);
        const exact = (of: number[]): Tensor => logits(of).softmax();
        const value = losses.jensenShannon(logits(p), exact(q)).itemSync();
        expect(value).toBeGreaterThanOrEqual(-1e-15);
        expect(value).toBeLessThanOrEqual(Math.LN2 + 1e-12);
        close(losses.jensenShannon(logits(q), exact(p)).itemSync(), value, { relative: 1e-9, absolute: 1e-12 });
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

test("klDivergence is at least 0, and 0 only at the target", () => {
  onEngine("reference", () => {
    fc.assert(
      fc.property(distribution, distribution, (p, q) => {
        const logP = tensor([p.map((x) => Math.log(x + 1e-9))]).logSoftmax();
        expect(losses.klDivergence(logP, [q]).itemSync()).toBeGreaterThanOrEqual(-1e-12);
        close(losses.klDivergence(logP, logP.exp()).itemSync(), 0, { absolute: 1e-12 });
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

test("a single distribution is divided by nothing, the first axis of several by their number", () => {
  const x = tensor(data).logSoftmax();
  const each = flat(losses.klDivergence(x, rows, { reduction: "none" }).arraySync());
  const sum = each.reduce((total, value) => total + value);
  close(losses.klDivergence(x, rows).itemSync(), sum / 3, { relative: 1e-5 });
  close(losses.klDivergence(x.reshape([9]), rows.flat()).itemSync(), sum, { relative: 1e-5 });
});

test("relatives meet where they should", () => {
  onEngine("reference", () => {
    const x = tensor(data);
    const ce = crossEntropy(x, labels).itemSync();
    close(losses.poly1CrossEntropy(x, labels, { epsilon: 0 }).itemSync(), ce);
    close(losses.categoricalFocal(x, labels, { alpha: 1, gamma: 0 }).itemSync(), ce);
    close(losses.symmetricCrossEntropy(x, labels, { alpha: 1, beta: 0 }).itemSync(), ce);
    close(losses.nll(x.logSoftmax(), labels).itemSync(), ce);
    close(losses.generalizedCrossEntropy(x, labels, { q: 1e-9 }).itemSync(), ce, { relative: 1e-6 });
    close(losses.distillation(x, x.mul(2), { labels, alpha: 0 }).itemSync(), ce);
    const z = tensor([0.5, -1.5, 3]);
    const bce = losses.binaryCrossEntropyWithLogits(z, [1, 0, 1]).itemSync();
    close(losses.focal(z, [1, 0, 1], { alpha: -1, gamma: 0 }).itemSync(), bce);
    close(losses.asymmetricLoss(z, [1, 0, 1], { gammaNegative: 0, gammaPositive: 0, clip: 0 }).itemSync(), bce);
    close(losses.softMargin(z, [1, -1, 1]).itemSync(), bce);
    close(losses.multiLabelSoftMargin(z, [1, 0, 1]).itemSync(), bce);
    const oneHot = [
      [1, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
    ];
    for (const name of soft) {
      const loss = overIndices[name] as OverClasses;
      if (name.includes("weighted")) continue;
      close(loss(x, oneHot, { reduction: "sum" }).itemSync(), loss(x, labels, { reduction: "sum" }).itemSync());
    }
  });
});

test("no gradient flows into the teacher", () => {
  const [student, teacher] = [parameter(data), parameter(rows)];
  losses.distillation(student, teacher).backward();
  expect(student.grad).not.toBeNull();
  expect(teacher.grad).toBeNull();
});

test("the worst mistakes keep their gradient in asymmetricLoss", () => {
  const slope = grad((x: Tensor) => losses.asymmetricLoss(x, [1]))(tensor([-50]));
  close(slope.arraySync(), [-1], { relative: 1e-5 });
});

test("numbers that change from step to step change no plan", () => {
  const x = parameter(data);
  const step = (klWeight: number, gamma: number, temperature: number): void => {
    for (const loss of [
      losses.evidential(x, labels, { klWeight }),
      losses.categoricalFocal(x, labels, { gamma }),
      losses.distillation(x, rows, { temperature }),
    ]) {
      x.grad = null;
      loss.backward();
      loss.itemSync();
    }
  };
  step(0.1, 2.5, 1);
  step(0.2, 2.25, 2);
  const before = profile().plans;
  step(0.3, 2.125, 4);
  step(0.4, 1.5, 8);
  expect(profile().plans).toBe(before);
});

describe("balancedWeights", () => {
  test("every class that occurs gets the same total, absent ones nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1 }), (list) => {
        const weights = losses.balancedWeights(list, { classes: 6 }).dataSync();
        expect(weights).toHaveLength(6);
        const kinds = new Set(list).size;
        weights.forEach((each, c) => {
          const count = list.filter((label) => label === c).length;
          close(each * count, count === 0 ? 0 : list.length / kinds, { relative: 1e-6 });
          if (count === 0) expect(each).toBe(0);
        });
      }),
      { numRuns: 50, seed: 1 },
    );
  });
  test("ignored labels, any shape, typed arrays", () => {
    const expected = [1.5, 0.75];
    for (const given of [
      [0, 1, 1],
      new Uint8Array([0, 1, 1]),
      [
        [0, -100, 1],
        [1, -100, -100],
      ],
      tensor([0, 1, 1]),
    ])
      close([...losses.balancedWeights(given).dataSync()], expected, { relative: 1e-6 });
  });
});
