import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { grad, parameter, tensor, zeros } from "@downhill/tensor";
import { close, engines, engineTolerance, flat, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";
import type { Case } from "./edge-cases/case.js";
import { huge, other, scores, signs } from "./edge-cases/case.js";
import { classificationCases } from "./edge-cases/classification.js";
import { likelihoodCases } from "./edge-cases/likelihood.js";
import { regressionCases } from "./edge-cases/regression.js";

const cases: Partial<Record<keyof typeof losses, Case>> = {
  ...regressionCases,
  ...likelihoodCases,
  ...classificationCases,
  marginRanking: { loss: losses.marginRanking, inputs: [scores, other], target: signs, extreme: [huge, scores] },
  listNet: { loss: losses.listNet, inputs: [scores], target: other, extreme: [huge] },
  rankNet: { loss: losses.rankNet, inputs: [scores], target: other, extreme: [huge] },
  pairwiseHinge: { loss: losses.pairwiseHinge, inputs: [scores], target: other, extreme: [huge] },
  lambdaRank: { loss: losses.lambdaRank, inputs: [scores], target: other, extreme: [huge] },
  lambdaLoss: { loss: losses.lambdaLoss, inputs: [scores], target: other, extreme: [huge] },
  listMle: { loss: losses.listMle, inputs: [scores], target: other, extreme: [huge] },
  softmaxRanking: { loss: losses.softmaxRanking, inputs: [scores], target: other, extreme: [huge] },
  approxNdcg: { loss: losses.approxNdcg, inputs: [scores], target: other, extreme: [huge] },
  approxMrr: { loss: losses.approxMrr, inputs: [scores], target: other, extreme: [huge] },
  neuralNdcg: { loss: losses.neuralNdcg, inputs: [scores], target: other, extreme: [huge] },
  ordinal: { loss: losses.ordinal, inputs: [scores], target: [1, 0, 2], extreme: [huge] },
  ndcg: { loss: losses.ndcg, inputs: [scores], target: other, extreme: [huge] },
  meanReciprocalRank: { loss: losses.meanReciprocalRank, inputs: [scores], target: other, extreme: [huge] },
  meanAveragePrecision: { loss: losses.meanAveragePrecision, inputs: [scores], target: other, extreme: [huge] },
  precisionAt: { loss: losses.precisionAt, inputs: [scores], target: other, extreme: [huge] },
};
const measures = ["zeroOne", "ndcg", "meanReciprocalRank", "meanAveragePrecision", "precisionAt"];

type Options = Record<string, unknown>;
const apply = ({ loss }: Case, inputs: readonly Tensor[], target: unknown, options: Options = {}): Tensor =>
  (loss as (...args: unknown[]) => Tensor)(...inputs, target, options);
const lossOf = (row: Case, options: Options = {}): unknown =>
  apply(
    row,
    row.inputs.map((input) => tensor(input)),
    row.target,
    options,
  ).arraySync();
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(Object.entries(cases))("%s", (name, row) => {
  const differentiable = !measures.includes(name);
  const parameters = (data = row.inputs): Tensor[] => data.map((input) => parameter(input));
  const none = (): number[] => flat(lossOf(row, { reduction: "none" }) as number[]);

  describe.each(engines)("on %s", (engine) => {
    const tolerance = engineTolerance[engine];
    test("mean and sum are those of the single losses", () => {
      onEngine(engine, () => {
        close(lossOf(row) as number, mean(none()), tolerance);
        close(lossOf(row, { reduction: "sum" }) as number, mean(none()) * none().length, tolerance);
      });
    });
    test("weight 2 counts twice, weight 0 not at all", () => {
      onEngine(engine, () => {
        const part = none().length / 3;
        const all = none();
        const counted = [...all.slice(0, part), ...all.slice(0, part), ...all.slice(2 * part)];
        for (const sampleWeight of [[2, 0, 1], tensor([1, -1, 0]).add(1)])
          close(lossOf(row, { sampleWeight }) as number, mean(counted), tolerance);
        const weighted = flat(lossOf(row, { sampleWeight: [2, 0, 1], reduction: "none" }) as number[]);
        close(
          weighted,
          all.map((value, i) => value * ([2, 0, 1][Math.floor(i / part)] as number)),
          tolerance,
        );
      });
    });
    test("no weight left: 0, with gradient 0", () => {
      onEngine(engine, () => {
        for (const sampleWeight of [[0, 0, 0], tensor([1, 1, 1]).sub(1)]) {
          expect(Math.abs(lossOf(row, { sampleWeight }) as number)).toBe(0);
          if (!differentiable) continue;
          const inputs = parameters();
          apply(row, inputs, row.target, { sampleWeight }).backward();
          for (const { grad } of inputs)
            for (const slope of flat(grad?.arraySync() as number[])) expect(slope).toBeCloseTo(0);
        }
      });
    });
    test("an empty batch: 0, with an empty gradient", () => {
      onEngine(engine, () => {
        const shape = [0, 2];
        const target = (row.target as unknown[]).some(Array.isArray) ? zeros(shape) : zeros([0], { dtype: "int32" });
        for (const options of [{}, { reduction: "sum" }, { sampleWeight: zeros([0]) }]) {
          const inputs = row.inputs.map(() => tensor([], { shape, requiresGrad: true }));
          const loss = apply(row, inputs, target, options);
          expect(loss.shape).toEqual([]);
          expect(Math.abs(loss.itemSync())).toBe(0);
          if (!differentiable) continue;
          loss.backward();
          for (const { grad } of inputs) expect(grad?.shape).toEqual(shape);
        }
        const inputs = row.inputs.map(() => zeros(shape));
        expect(apply(row, inputs, target, { reduction: "none" }).dataSync()).toHaveLength(0);
      });
    });
    test("extreme inputs: finite, with a finite gradient", () => {
      onEngine(engine, () => {
        const inputs = parameters(row.extreme);
        const loss = apply(row, inputs, row.target);
        expect(Number.isFinite(loss.itemSync())).toBe(true);
        if (!differentiable) return;
        loss.backward();
        for (const { grad } of inputs)
          for (const slope of flat(grad?.arraySync() as number[])) expect(Number.isFinite(slope)).toBe(true);
      });
    });
  });
  test("takes a number list, a typed array and a tensor as target", () => {
    const once = row.target;
    const asTensor = tensor(once);
    const typed =
      asTensor.rank === 1
        ? new Float32Array(once as number[])
        : once.map((each) => Float32Array.from(each as number[]));
    for (const target of [asTensor, typed])
      close(
        apply(
          row,
          row.inputs.map((input) => tensor(input)),
          target,
        ).arraySync(),
        lossOf(row) as number,
      );
  });
});

describe("binaryCrossEntropy at the ends of its range", () => {
  const slopes = (p: number[], t: number[]): number[] => [
    ...(grad((x: Tensor) => losses.binaryCrossEntropy(x, t, { reduction: "sum" }))(
      tensor(p),
    ).dataSync() as Float32Array),
  ];
  test("no logarithm below -100, PyTorch's slopes", () => {
    onEngine("reference", () => {
      const each = losses.binaryCrossEntropy(tensor([0, 1, 1e-60, 0]), [1, 0, 1, 0.5], { reduction: "none" });
      close([...each.dataSync()], [100, 100, 100, 50]);
      close(slopes([0, 1, 0, 1, 1e-13], [1, 0, 0, 1, 1]), [-1e12, 1e12, 0, 0, -1e12]);
    });
  });
  test("a computed probability outside of the range gives NaN", () => {
    expect(losses.binaryCrossEntropy(tensor([-0.5]).mul(1), [1]).itemSync()).toBeNaN();
    expect(losses.binaryCrossEntropy(tensor([1.5]).mul(1), [0]).itemSync()).toBeNaN();
  });
});

test.each<[string, number, (x: Tensor) => Tensor]>([
  ["crossEntropy", 4, (x) => losses.crossEntropy(x, [0])],
  ["binaryCrossEntropyWithLogits", 12, (x) => losses.binaryCrossEntropyWithLogits(x, [[1, 0]])],
  ["focal", 6, (x) => losses.focal(x, [[1, 0]])],
  ["categoricalFocal", 3, (x) => losses.categoricalFocal(x, [0])],
  ["softMargin", 12, (x) => losses.softMargin(x, [[1, -1]])],
  ["multiLabelSoftMargin", 12, (x) => losses.multiLabelSoftMargin(x, [[1, 0]])],
  ["with posWeight", 12, (x) => losses.binaryCrossEntropyWithLogits(x, [[1, 0]], { posWeight: 1 })],
])("%s keeps the digits of a confident right answer in float32", (_, logit, loss) => {
  const [exact, float] = engines.map((engine) => onEngine(engine, () => loss(tensor([[logit, -logit]])).itemSync()));
  close(float as number, exact as number, { relative: 5e-4 });
});

test("the margin of marginRanking still pulls at a tie, as in PyTorch", () => {
  const slope = grad((x: Tensor) => losses.marginRanking(x, tensor([1, 1]), [1, -1], { reduction: "sum" }))(
    tensor([1, 1]),
  );
  expect([...slope.dataSync()]).toEqual([-1, 1]);
});

test("scalars are one element", () => {
  expect(losses.meanSquaredError(tensor(3), 1).itemSync()).toBe(4);
  expect(losses.hinge(tensor(0.25), -1).itemSync()).toBe(1.25);
});

test("integer predictions and targets are compared as numbers", () => {
  const ints = new Int32Array([1, 2, 4]);
  expect(
    losses
      .meanSquaredError(
        tensor(ints),
        ints.map((value) => value + 1),
      )
      .itemSync(),
  ).toBe(1);
  expect(losses.meanSquaredError(tensor([1.5, 2.5, 4.5]), ints).itemSync()).toBe(0.25);
});

test("a loss that is built and dropped leaves the target as it was", () => {
  const target = new Float32Array([1, 2]);
  const loss = losses.meanSquaredError(tensor([1, 2]), target);
  target.fill(9);
  expect(loss.itemSync()).toBe(0);
});
