import * as losses from "@downhill/losses";
import type { NestedArray, Tensor, TensorLike } from "@downhill/tensor";
import { grad, hostValues, parameter, profile, randn, tensor, zeros } from "@downhill/tensor";
import { close, engines, engineTolerance, flat, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";
import { embeddings, labels } from "./support.js";

type Options = Readonly<Record<string, unknown>>;
type ByLabels = (embeddings: Tensor, labels: TensorLike, options?: Options) => Tensor;

const classWeights = [
  [1, 0.5, 0],
  [0, 1, -0.5],
  [-1, 0.25, 0.5],
  [0.5, 0.5, 1],
];
const weight = (): Tensor => tensor(classWeights);
const { contrastive, ntXent, supervisedContrastive, circle, multiSimilarity, nPairs, liftedStructure, angular } =
  losses;
const byPairs: Record<string, ByLabels> = {
  contrastive,
  "contrastive over all pairs": (x, y, options) => contrastive(x, y, { ...options, average: "all" }),
  ntXent,
  supervisedContrastive,
  "supervisedContrastive over all": (x, y, options) => supervisedContrastive(x, y, { ...options, average: "all" }),
  circle,
  multiSimilarity,
  nPairs,
  liftedStructure,
  angular,
};
const byClasses: Record<string, ByLabels> = {
  arcFace: (x, y, options) => losses.arcFace(x, y, weight(), options),
  cosFace: (x, y, options) => losses.cosFace(x, y, weight(), options),
  proxyAnchor: (x, y, options) => losses.proxyAnchor(x, y, weight(), options),
};
const both = (loss: ByLabels, x: NestedArray, y: TensorLike, options: Options = {}): number[] => {
  const value = loss(tensor(x), y, options).itemSync();
  return [value, ...flat(grad((each: Tensor) => loss(each, y, options))(tensor(x)).arraySync())];
};

describe.each(engines)("on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  describe.each(Object.entries({ ...byPairs, ...byClasses }))("%s", (_, loss) => {
    test("labels and weights that the device computes give the same as known ones", () => {
      onEngine(engine, () => {
        const computed = (): Tensor => tensor(labels, { dtype: "int32" }).add(0);
        const weights = [1, 0.5, 0, 2, 3, 1];
        expect(hostValues(computed())).toBeNull();
        close(both(loss, embeddings, computed()), both(loss, embeddings, labels), tolerance);
        const expected = both(loss, embeddings, labels, { sampleWeight: weights });
        for (const y of [labels, computed()])
          close(both(loss, embeddings, y, { sampleWeight: tensor(weights).mul(1) }), expected, tolerance);
        const none = tensor([0, 0, 0, 0, 0, 0]).mul(1);
        expect(both(loss, embeddings, labels, { sampleWeight: none }).map(Math.abs)).toEqual(Array(19).fill(0));
      });
    });
    test("labels as typed arrays, floats and tensors", () => {
      onEngine(engine, () => {
        const expected = both(loss, embeddings, labels);
        for (const y of [
          new Uint8Array(labels),
          new Float64Array(labels),
          tensor(labels),
          tensor(labels, { dtype: "int32" }),
        ])
          close(both(loss, embeddings, y), expected, tolerance);
      });
    });
    test("an embedding of zeros: finite, with gradient 0", () => {
      onEngine(engine, () => {
        const [, ...slopes] = both(loss, [[0, 0, 0], ...embeddings.slice(1)], labels);
        expect(slopes.every(Number.isFinite)).toBe(true);
        if (loss !== nPairs) expect(slopes.slice(0, 3).map(Math.abs)).toEqual([0, 0, 0]);
      });
    });
    test("all embeddings equal: finite, with a finite gradient", () => {
      onEngine(engine, () => {
        const values = both(
          loss,
          embeddings.map(() => [1, 2, 3]),
          labels,
        );
        expect(values.every(Number.isFinite)).toBe(true);
      });
    });
    test("no embeddings: 0, with an empty gradient, for every reduction", () => {
      onEngine(engine, () => {
        for (const options of [{}, { reduction: "sum" }, { sampleWeight: zeros([0]) }]) {
          const x = parameter([], { shape: [0, 3] });
          const value = loss(x, [], options);
          value.backward();
          expect(Math.abs(value.itemSync())).toBe(0);
          expect(x.grad?.shape).toEqual([0, 3]);
        }
        expect(
          flat(loss(zeros([0, 3]), zeros([0], { dtype: "int32" }), { reduction: "none" }).arraySync()).every(
            (each) => each === 0,
          ),
        ).toBe(true);
      });
    });
  });

  test.each(Object.entries(byPairs))("%s: no pair gives 0 with gradient 0", (name, loss) => {
    if (name.startsWith("contrastive")) return;
    onEngine(engine, () => {
      const values = both(loss, [embeddings[0] as number[]], [5]);
      expect(values.map(Math.abs)).toEqual([0, 0, 0, 0]);
    });
  });

  test.each(Object.entries(byPairs))("%s: weights of pairs of nothing else", (_, loss) => {
    onEngine(engine, () => {
      const single = loss(tensor([[1, 2]]), [0], { sampleWeight: [1] });
      expect(Math.abs(single.itemSync())).toBe(0);
    });
  });

  test.each(["contrastive", "ntXent", "liftedStructure", "angular"])("%s: a weight per pair", (name) => {
    onEngine(engine, () => {
      const loss = byPairs[name] as ByLabels;
      const each = loss(tensor(embeddings), labels, { reduction: "none" }).arraySync() as number[][];
      const perPair = labels.map((_, i) => labels.map((_, j) => (i + 2 * j) % 4));
      const positive = labels.map((a, i) => labels.map((b, j) => (a === b && i !== j ? 1 : 0)));
      const sumOf = (f: (i: number, j: number) => number): number =>
        labels.reduce((total, _, i) => total + labels.reduce((inner, _, j) => inner + f(i, j), 0), 0);
      const at = (matrix: number[][], i: number, j: number): number => matrix[i]?.[j] as number;
      const average = (kind: (i: number, j: number) => number): number =>
        sumOf((i, j) => at(each, i, j) * at(perPair, i, j) * kind(i, j)) /
        sumOf((i, j) => at(perPair, i, j) * kind(i, j));
      const negative = (i: number, j: number): number => (labels[i] === labels[j] ? 0 : 1);
      const expected = average((i, j) => at(positive, i, j)) + (name === "contrastive" ? average(negative) : 0);
      const options = name === "contrastive" ? { average: "all", sampleWeight: perPair } : { sampleWeight: perPair };
      close(loss(tensor(embeddings), labels, options).itemSync(), expected, tolerance);
      expect(loss(tensor([[1, 2]]), [0], { sampleWeight: [[1]] }).itemSync()).toBeCloseTo(0);
    });
  });

  test("proxyAnchor: weight 2 is having it twice, weight 0 not having it", () => {
    onEngine(engine, () => {
      const repeated = [...embeddings.slice(0, 1), ...embeddings.slice(0, 3), ...embeddings.slice(4)];
      const expected = losses.proxyAnchor(tensor(repeated), [3, 3, 1, 3, 1, 3], weight());
      for (const sampleWeight of [[2, 1, 1, 0, 1, 1], tensor([2, 1, 1, 0, 1, 1]).mul(1)])
        for (const reduction of ["mean", "sum", "none"] as const)
          close(
            losses.proxyAnchor(tensor(embeddings), labels, weight(), { sampleWeight, reduction }).arraySync() as number,
            losses.proxyAnchor(tensor(repeated), [3, 3, 1, 3, 1, 3], weight(), { reduction }).arraySync() as number,
            tolerance,
          );
      expect(expected.itemSync()).toBeGreaterThan(0);
    });
  });

  describe.each([
    ["vicReg", losses.vicReg],
    ["barlowTwins", losses.barlowTwins],
  ] as const)("%s", (name, loss) => {
    const first = embeddings;
    const second = embeddings.map(([a = 0, b = 0, c = 0]) => [b / 2, a, c - a]);
    test("weight 0 is as if the example were not there", () => {
      onEngine(engine, () => {
        const [a, b] = [tensor(first.slice(1)), tensor(second.slice(1))];
        const holes = (data: number[][]): Tensor => tensor([[1e3, Number.POSITIVE_INFINITY, -5], ...data.slice(1)]);
        for (const sampleWeight of [[0, 1, 1, 1, 1, 1], tensor([0, 2, 2, 2, 2, 2]).mul(1)])
          close(loss(holes(first), holes(second), { sampleWeight }).itemSync(), loss(a, b).itemSync(), tolerance);
      });
    });
    test("only the ratio of the weights counts", () => {
      onEngine(engine, () => {
        const of = (sampleWeight: number[]): number => loss(tensor(first), tensor(second), { sampleWeight }).itemSync();
        close(of([3, 6, 3, 9, 3, 3]), of([1, 2, 1, 3, 1, 1]), tolerance);
      });
    });
    test("no weight, or a single one, that the device finds: 0 with gradient 0", () => {
      onEngine(engine, () => {
        for (const weights of [
          [0, 0, 0, 0, 0, 0],
          [0, 4, 0, 0, 0, 0],
        ]) {
          const [a, b] = [parameter(first), parameter(second)];
          const value = loss(a, b, { sampleWeight: tensor(weights).mul(1) });
          value.backward();
          expect(Math.abs(value.itemSync())).toBe(0);
          for (const slope of [a.grad, b.grad])
            expect(flat(slope?.arraySync() as number[]).map(Math.abs)).toEqual(Array(18).fill(0));
        }
      });
    });
    test("dims that are all the same: finite, with a finite gradient", () => {
      onEngine(engine, () => {
        const constant = first.map(() => [1, 1, 1]);
        const slopes = grad((x: Tensor) => loss(x, tensor(second)))(tensor(constant));
        expect(flat(slopes.arraySync()).every(Number.isFinite)).toBe(true);
      });
    });
    test("an example alone is refused, no example is 0", () => {
      expect(() => loss(zeros([1, 3]), zeros([1, 3]))).toThrow(
        `${name}: "first" expected at least 2 examples to compare, got 1`,
      );
      expect(loss(zeros([0, 3]), zeros([0, 3])).itemSync()).toBe(0);
    });
  });
  test("barlowTwins: weight 2 is having the example twice", () => {
    onEngine(engine, () => {
      const twice = (data: number[][]): Tensor => tensor([...data.slice(0, 1), ...data]);
      const second = embeddings.map(([a = 0, b = 0, c = 0]) => [b, a, c]);
      close(
        losses.barlowTwins(tensor(embeddings), tensor(second), { sampleWeight: [2, 1, 1, 1, 1, 1] }).itemSync(),
        losses.barlowTwins(twice(embeddings), twice(second)).itemSync(),
        tolerance,
      );
    });
  });

  test("arcFace along and against the weight: finite, and the slope of the cosine alone", () => {
    onEngine(engine, () => {
      const along = tensor([
        [3, 0],
        [-2, 0],
        [0, 5],
      ]);
      const w = tensor([
        [1, 0],
        [0, 1],
      ]);
      const each = losses.arcFace(along, [0, 0, 1], w, { scale: 4, reduction: "none" });
      const against = -1 - 0.5 * Math.sin(0.5);
      const near = Math.log1p(Math.exp(-4 * Math.cos(0.5)));
      close(each.arraySync(), [near, Math.log1p(Math.exp(-4 * against)), near], tolerance);
      const slope = grad((x: Tensor) => losses.arcFace(x, [0, 0, 1], w, { scale: 4 }))(along);
      expect(flat(slope.arraySync()).every(Number.isFinite)).toBe(true);
    });
  });
  test("close embeddings keep their digits", () => {
    onEngine(engine, () => {
      // Apart by 2^-10, 100 away from the origin: |x|² + |y|² - 2xy would be 0 or worse.
      const x = tensor([
        [100, 100],
        [100 + 2 ** -10, 100],
      ]);
      const options = { normalize: false } as const;
      close(contrastive(x, [0, 0], options).itemSync(), 2 ** -10, tolerance);
      close(
        grad((each: Tensor) => contrastive(each, [0, 0], options))(x).arraySync(),
        [
          [-1, 0],
          [1, 0],
        ],
        tolerance,
      );
    });
  });
  test("a label of an embedding that stands alone changes nothing", () => {
    onEngine(engine, () => {
      const other = labels.map((label) => (label === 2 ? -(2 ** 31) : label));
      for (const loss of Object.values(byPairs))
        close(both(loss, embeddings, other), both(loss, embeddings, labels), tolerance);
    });
  });
});

test("a class index that the device computes is checked when it is used", () => {
  const y = tensor([0, 1, 2, 3, 4, 0], { dtype: "int32" }).add(0);
  for (const loss of [losses.arcFace, losses.cosFace])
    expect(() => loss(tensor(embeddings), y, weight()).itemSync()).toThrow(/expected integers from 0 to 3, got 4/);
});

test("batches of one size share a plan, whatever their labels", () => {
  const x = parameter(randn([6, 3]));
  const step = (loss: ByLabels, y: readonly number[]): void => {
    x.grad = null;
    const value = loss(x, y as number[]);
    value.backward();
    value.itemSync();
  };
  for (const loss of Object.values({ ...byPairs, ...byClasses })) {
    step(loss, [0, 0, 1, 1, 2, 2]);
    const before = profile().plans;
    step(loss, [0, 1, 2, 3, 3, 1]);
    step(loss, [1, 1, 1, 1, 0, 1]);
    expect(profile().plans).toBe(before);
  }
});
