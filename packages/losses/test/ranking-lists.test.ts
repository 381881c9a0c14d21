import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, grad, parameter, profile, tensor, zeros } from "@downhill/tensor";
import { close, engines, engineTolerance, onEngine } from "@downhill/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Options = Readonly<Record<string, unknown>>;
type ListFunction = (prediction: Tensor, target: number[] | number[][], options?: Options) => Tensor;
const trained: Record<string, ListFunction> = {
  rankNet: losses.rankNet,
  pairwiseHinge: losses.pairwiseHinge,
  lambdaRank: losses.lambdaRank,
  lambdaLoss: losses.lambdaLoss,
  listNet: losses.listNet,
  listMle: losses.listMle,
  softmaxRanking: losses.softmaxRanking,
  approxNdcg: losses.approxNdcg,
  approxMrr: losses.approxMrr,
  neuralNdcg: (s, y, options) => losses.neuralNdcg(s, y, { iterations: 5, ...options }),
  ordinal: (s, y, options) => {
    const ways = s.unsqueeze(-1).mul([1, -0.5, 0.25]);
    return losses.ordinal(ways, y, options);
  },
};
const measures: Record<string, ListFunction> = {
  ndcg: losses.ndcg,
  meanReciprocalRank: losses.meanReciprocalRank,
  meanAveragePrecision: losses.meanAveragePrecision,
  precisionAt: losses.precisionAt,
};
const all = { ...trained, ...measures };
const perItem = (name: string): boolean => name === "ordinal";

const scores = [
  [1.5, -0.5, 0.25, 9],
  [3, Number.NaN, 1, 2],
  [5, 6, Number.POSITIVE_INFINITY, 8],
];
const relevance = [
  [2, 0, 1, -1],
  [0, -1, 1, 0],
  [-1, -1, Number.NaN, -1],
];
const mask = [
  [1, 1, 1, 0],
  [1, 0, 1, 1],
  [0, 0, 0, 0],
];
const alone = [
  { s: [1.5, -0.5, 0.25], y: [2, 0, 1] },
  { s: [3, 1, 2], y: [0, 1, 0] },
];
const masks: Record<string, () => Tensor | number[][] | boolean[][]> = {
  booleans: () => mask.map((row) => row.map(Boolean)),
  numbers: () => mask.map((row) => row.map((there) => there * 3)),
  computed: () => tensor(mask).greater(0),
};

describe.each(engines)("a mask on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  describe.each(Object.entries(all))("%s", (name, loss) => {
    test.each(Object.entries(masks))("%s: as if the masked items were not there", (_, given) => {
      onEngine(engine, () => {
        const here = (options: Options = {}): Tensor => loss(tensor(scores), relevance, { ...options, mask: given() });
        const sums = alone.map(({ s, y }) => loss(tensor(s), y, { reduction: "sum" }).itemSync());
        // The mean of two lists, whatever it divides by: that of what is left of the two, side by side.
        const shorter = (options: Options): Tensor =>
          loss(
            tensor(alone.map(({ s }) => s)),
            alone.map(({ y }) => y),
            options,
          );
        close(here().itemSync(), shorter({}).itemSync(), tolerance);
        close(here({ sampleWeight: [1, 3, 5] }).itemSync(), shorter({ sampleWeight: [1, 3] }).itemSync(), tolerance);
        const each = here({ reduction: "none" });
        close((perItem(name) ? each.sum({ axis: -1 }) : each).arraySync(), [...sums, 0], tolerance);
      });
    });
    test("everything masked: 0", () => {
      onEngine(engine, () => {
        for (const nothing of [zeros([3, 4]), tensor(mask).mul(0)])
          expect(Math.abs(loss(tensor(scores), relevance, { mask: nothing }).itemSync())).toBe(0);
      });
    });
    if (name in trained)
      test("a masked item gets gradient 0, a list without items does, too", () => {
        onEngine(engine, () => {
          for (const given of Object.values(masks)) {
            const slope = grad((s: Tensor) => loss(s, relevance, { mask: given() }))(tensor(scores));
            (slope.arraySync() as number[][]).forEach((row, i) => {
              row.forEach((value, j) => {
                // ordinal's own logits come from the scores by a product: NaN times 0 is theirs.
                if (perItem(name) && !Number.isFinite(scores[i]?.[j])) return;
                expect(Number.isFinite(value)).toBe(true);
                if (mask[i]?.[j] === 0) expect(Math.abs(value)).toBe(0);
              });
            });
          }
        });
      });
  });
});

describe.each(Object.entries(all))("%s", (name, loss) => {
  test("weight 2 is the list twice, weight 0 is no list", () => {
    onEngine("reference", () => {
      const s = [
        [1.5, -0.5, 0.25],
        [3, 1, 2],
        [0.5, 2, -1],
      ];
      const y = [
        [2, 0, 1],
        [0, 1, 0],
        [1, 1, 3],
      ];
      const pick = (lists: number[][], which: number[]): number[][] => which.map((i) => lists[i] as number[]);
      const twice = loss(tensor(pick(s, [0, 0, 2])), pick(y, [0, 0, 2]));
      close(loss(tensor(s), y, { sampleWeight: [2, 0, 1] }).itemSync(), twice.itemSync());
      close(loss(tensor(s), y, { sampleWeight: tensor([1, -1, 0]).add(1) }).itemSync(), twice.itemSync());
    });
  });
  test("distinct scores: shift and order of the items do not matter", () => {
    if (perItem(name)) return;
    onEngine("reference", () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 7 }),
          fc.integer({ min: -5, max: 5 }),
          fc.gen(),
          (distinct, shift, random) => {
            const s = distinct.map((value) => value / 8);
            // For ListMLE the relevances must be distinct as well: their order is what it learns.
            const y = s.map((_, i) => (name === "listMle" ? (i * 5) % 7 : random(fc.integer, { min: 0, max: 3 })));
            const order = random(fc.shuffledSubarray, [...s.keys()], { minLength: s.length, maxLength: s.length });
            const expected = loss(tensor(s), y).itemSync();
            const tolerance = { relative: 1e-9, absolute: 1e-9 };
            close(loss(tensor(s).add(shift), y).itemSync(), expected, tolerance);
            const moved = loss(
              tensor(order.map((i) => s[i] as number)),
              order.map((i) => y[i] as number),
            );
            close(moved.itemSync(), expected, tolerance);
          },
        ),
        { numRuns: 30, seed: 1 },
      );
    });
  });
  test("training makes a better list", () => {
    if (!(name in trained)) return;
    const y = [[0, 2, 1, 0]];
    const s = parameter([[0.25, -0.5, 0.125, 0.5]]);
    const before = loss(s, y).itemSync();
    for (let step = 0; step < 20; step++) {
      const slope = grad((x: Tensor) => loss(x, y))(s);
      s.assign(s.sub(slope.mul(0.1)));
      evaluateSync(s);
    }
    expect(loss(s, y).itemSync()).toBeLessThan(before);
  });
});

describe.each(Object.entries(all))("%s of 9 lists of up to 37 items", (name, loss) => {
  const [lists, items] = [9, 37];
  const random = (seed: number): number[][] => {
    let state = seed;
    const next = (): number => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    return Array.from({ length: lists }, () => Array.from({ length: items }, next));
  };
  const data = random(11).map((row) => row.map((value) => Math.round(value * 64) / 16 - 2));
  const grades = random(12).map((row) => row.map((value) => Math.floor(value * value * 4)));
  const lengths = [37, 1, 20, 0, 36, 5, 37, 2, 9];
  const there = lengths.map((length) => Array.from({ length: items }, (_, i) => i < length));
  test.each<[string, Options]>([
    ["plain", {}],
    ["masked and weighted", { mask: there, sampleWeight: [1, 2, 3, 4, 0, 1, 2, 3, 4] }],
  ])("%s: the engines agree", (_, options) => {
    const results = engines.map((engine) =>
      onEngine(engine, () => {
        const value = loss(tensor(data), grades, options).itemSync();
        if (name in measures) return [value];
        const slope = grad((s: Tensor) => loss(s, grades, options))(tensor(data));
        return [value, ...slope.dataSync()];
      }),
    );
    close(results[1] as number[], results[0] as number[], { relative: 1e-4, absolute: 1e-5 });
  });
  test("no plan after the second step", () => {
    onEngine("cpu", () => {
      const s = parameter(data);
      let plans = 0;
      for (let step = 0; step < 5; step++) {
        if (step === 2) plans = profile().plans;
        const y = grades.map((row) => row.map((grade) => (grade + step) % 4));
        const value = loss(s, y, { mask: there, sampleWeight: lengths.map((length) => length + step) });
        if (name in trained) {
          s.grad = null;
          value.backward();
        }
        evaluateSync(value);
      }
      expect(profile().plans).toBe(plans);
    });
  });
});

describe("losses and the measures that they stand for", () => {
  const s = [0.5, 2, 1, -1, 0.25, 3];
  const y = [0, 2, 1, 3, 1, 0];
  const of = (loss: ListFunction, options: Options = {}): number =>
    onEngine("reference", () => loss(tensor([s]), [y], options).itemSync());
  test.each([{}, { gain: "linear" }])(
    "approxNdcg and neuralNdcg become -NDCG as the temperature falls, %j",
    (options) => {
      const exact = { relative: 1e-6 };
      close(of(losses.approxNdcg, { ...options, temperature: 1e-3 }), -of(losses.ndcg, options), exact);
      close(of(losses.neuralNdcg, { ...options, temperature: 1e-3 }), -of(losses.ndcg, options), exact);
      close(
        of(losses.neuralNdcg, { ...options, k: 2, temperature: 1e-3 }),
        -of(losses.ndcg, { ...options, k: 2 }),
        exact,
      );
    },
  );
  test("approxMrr becomes the reciprocal rank of the one relevant item", () => {
    onEngine("reference", () => {
      const clicked = [[0, 0, 1, 0, 0, 0]];
      const soft = losses.approxMrr(tensor([s]), clicked, { temperature: 1e-3 });
      close(soft.itemSync(), -losses.meanReciprocalRank(tensor([s]), clicked).itemSync());
    });
  });
  test.each([{}, { k: 2 }, { k: 3, gain: "linear" }])(
    "lambdaRank weights a pair by how much NDCG changes when its items swap places, %j",
    (options) => {
      const measured = (scores: number[]): number =>
        onEngine("reference", () => losses.ndcg(tensor([scores]), [y], options as Options).itemSync());
      let expected = 0;
      y.forEach((more, i) => {
        y.forEach((less, j) => {
          if (more <= less) return;
          const swapped = [...s];
          [swapped[i], swapped[j]] = [s[j] as number, s[i] as number];
          const difference = (s[i] as number) - (s[j] as number);
          expected += Math.abs(measured(swapped) - measured(s)) * Math.log1p(Math.exp(-difference));
        });
      });
      close(of(losses.lambdaRank, { ...options, reduction: "sum" }), expected, { relative: 1e-9 });
    },
  );
  test("lambdaRank without k is lambdaLoss's scheme with a natural logarithm", () => {
    const scheme = { scheme: "lambdaRank", logarithm: "natural" };
    close(of(losses.lambdaLoss, scheme), of(losses.lambdaRank), { relative: 1e-12 });
    close(of(losses.lambdaLoss, { scheme: "rankNet", logarithm: "natural" }), of(losses.rankNet), { relative: 1e-12 });
  });
});

test("a measure of NaN scores is NaN, unless the items are masked", () => {
  for (const measure of Object.values(measures)) {
    const s = [[1, Number.NaN, 0]];
    const y = [[1, 0, 1]];
    expect(measure(tensor(s), y).itemSync()).toBeNaN();
    expect(measure(tensor(s), y, { mask: [[1, 0, 1]] }).itemSync()).toBe(1);
  }
});

test("infinite scores rank, before what is masked", () => {
  for (const measure of [losses.meanReciprocalRank, losses.meanAveragePrecision, losses.ndcg]) {
    const s = tensor([[7, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]]);
    expect(measure(s, [[0, 1, 0]], { mask: [[0, 1, 0]] }).itemSync()).toBe(1);
    expect(measure(s, [[0, 0, 1]]).itemSync()).toBe(1);
  }
});
