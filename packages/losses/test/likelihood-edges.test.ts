import * as losses from "@downhill/losses";
import type { NestedArray, Tensor } from "@downhill/tensor";
import { evaluateSync, grad, parameter, rand, randn, tensor } from "@downhill/tensor";
import { close, countKernels, engines, engineTolerance, goldenRows, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";
import golden from "./golden/likelihood_below_eps.json" with { type: "json" };

type Loss = (...args: unknown[]) => Tensor;
const { crps, gaussianNll, laplaceNll, mixtureDensity, negativeBinomialNll, poissonNll, studentTNll, tweedie } = losses;

describe.each(engines)("on %s", (engine) => {
  const tolerance = engineTolerance[engine];
  const byName: Record<string, unknown> = losses;
  test.each(goldenRows(golden).map((row, i) => [`${row.loss}, row ${i}`, row] as const))(
    "below eps, with the slope at eps: %s",
    (_, row) => {
      onEngine(engine, () => {
        const data = row.arguments.map(({ data }) => tensor(data as NestedArray));
        const free = all(data).filter((i) => row.arguments[i]?.gradient !== undefined);
        const at = (...given: Tensor[]): Tensor => {
          const args = data.map((each, i) => given[free.indexOf(i)] ?? each);
          return (byName[row.loss] as Loss)(...args, row.options);
        };
        const inputs = free.map((i) => data[i] as Tensor);
        close(at(...inputs).arraySync(), row.value, tolerance);
        const slopes = grad((...given: Tensor[]) => at(...given).sum(), { argnums: all(free) })(...inputs);
        slopes.forEach((slope, i) => {
          close(slope.arraySync(), row.arguments[free[i] as number]?.gradient as number[], tolerance);
        });
      });
    },
  );

  const [center, target] = [tensor([0.5, -1]), [0, 2]];
  test("a computed negative spread gives NaN", () => {
    onEngine(engine, () => {
      const spread = tensor([-2, -1e-9]).mul(1);
      const logits = tensor([0, 0]);
      for (const loss of [gaussianNll, laplaceNll, crps])
        for (const each of loss(center, target, spread, { reduction: "none" }).dataSync()) expect(each).toBeNaN();
      expect(studentTNll(center, target, 1, spread).itemSync()).toBeNaN();
      expect(negativeBinomialNll(tensor([1, 2]), target, spread).itemSync()).toBeNaN();
      expect(mixtureDensity(center, 0, spread, logits).itemSync()).toBeNaN();
    });
  });
  test("a number, one per row and one per element are the same spread", () => {
    onEngine(engine, () => {
      const matrix = tensor([
        [0.5, -1],
        [2, 0.25],
      ]);
      const zeros = [
        [0, 0],
        [0, 0],
      ];
      for (const loss of [gaussianNll, laplaceNll, crps]) {
        const once = loss(matrix, zeros, 0.5).itemSync();
        for (const spread of [
          tensor(0.5),
          [0.5, 0.5],
          [[0.5], [0.5]],
          [
            [0.5, 0.5],
            [0.5, 0.5],
          ],
        ])
          close(loss(matrix, zeros, spread).itemSync(), once, tolerance);
      }
    });
  });
  test("many degrees of freedom are a Gaussian, a large total count is Poisson's", () => {
    onEngine(engine, () => {
      const full = { full: true, reduction: "none" } as const;
      const near = { relative: 1e-4, absolute: 1e-5 };
      close(
        studentTNll(center, target, 2, 1e7, { reduction: "none" }).arraySync(),
        gaussianNll(center, target, 4, full).arraySync() as number[],
        near,
      );
      const [rates, counts] = [tensor([30, 2.5]), [41, 1]];
      const poisson = rates
        .log()
        .mul(counts)
        .sub(rates)
        .neg()
        .add([logFactorial(41), 0]);
      close(
        negativeBinomialNll(rates, counts, 1e8, { reduction: "none" }).arraySync(),
        poisson.arraySync() as number[],
        near,
      );
    });
  });
  test("probabilities of all counts sum to 1", () => {
    onEngine(engine, () => {
      const counts = Array.from({ length: 2000 }, (_, i) => i);
      const losses = negativeBinomialNll(tensor(counts.map(() => 12)), counts, 1.5, { reduction: "none" });
      close(losses.neg().exp().sum().itemSync(), 1, { relative: 1e-6 });
    });
  });
  test("one component of a mixture is a Gaussian; equal ones are one", () => {
    onEngine(engine, () => {
      const once = gaussianNll(tensor([0.5]), [2], 4, { full: true }).itemSync();
      close(mixtureDensity(tensor([[0.5]]), [2], 2, tensor([[7]])).itemSync(), once, tolerance);
      close(mixtureDensity(tensor([[0.5, 0.5]]), [2], 2, tensor([[3, -1]])).itemSync(), once, tolerance);
      const features = mixtureDensity(tensor([[[0.5, 0.5]]]), [[2, 2]], 2, tensor([[0]]));
      close(features.itemSync(), 2 * once, tolerance);
    });
  });
  test("moving center and target together changes nothing", () => {
    onEngine(engine, () => {
      const [moved, goal] = [center.add(8), [8, 10]];
      for (const loss of [gaussianNll, laplaceNll, crps])
        close(loss(moved, goal, 0.5).itemSync(), loss(center, target, 0.5).itemSync(), tolerance);
    });
  });
  test("crps of a sharp forecast is the absolute error", () => {
    onEngine(engine, () => {
      close(crps(center, target, 0, { reduction: "none" }).arraySync(), [0.5, 3], { relative: 1e-5 });
    });
  });
  test("full tweedie loss is 0 at the target", () => {
    onEngine(engine, () => {
      const amounts = [0.5, 2, 100];
      const each = tweedie(tensor(amounts), amounts, { logInput: false, full: true, reduction: "none" });
      close(each.arraySync(), [0, 0, 0], { absolute: 1e-5 });
      expect(tweedie(tensor([0]), [0], { logInput: false, full: true }).itemSync()).toBeCloseTo(0, 3);
    });
  });
});

test("full Poisson loss keeps its digits at large counts in float32", () => {
  const [rate, count] = [9990, 10_000];
  const exact = rate - count * Math.log(rate) + count * Math.log(count) - count + Math.log(2 * Math.PI * count) / 2;
  onEngine("cpu", () => {
    close(poissonNll(tensor([rate]), [count], { logInput: false, full: true }).itemSync(), exact, { relative: 1e-5 });
  });
});

const [data, counts] = [rand([40, 30]), rand([40, 30]).mul(9).floor()];
const goal = rand([40]);
evaluateSync(data, counts, goal);
const center = (): Tensor => parameter(randn([40, 30]));
const positive = (shape = [40, 30]): Tensor => parameter(rand(shape).add(0.5));
test.each<[string, (...inputs: Tensor[]) => Tensor, Tensor[]]>([
  ["gaussianNll", (m, v) => gaussianNll(m, data, v), [center(), positive()]],
  ["gaussianNll, one variance per row", (m, v) => gaussianNll(m, data, v), [center(), positive([40, 1])]],
  ["gaussianNll, one variance", (m, v) => gaussianNll(m, data, v), [center(), positive([])]],
  ["laplaceNll", (m, b) => laplaceNll(m, data, b, { sampleWeight: goal }), [center(), positive()]],
  ["crps", (m, s) => crps(m, data, s), [center(), positive()]],
  ["poissonNll", (p) => poissonNll(p, counts, { full: true }), [center()]],
  ["tweedie", (p) => tweedie(p, counts, { full: true }), [center()]],
  ["mixtureDensity", (m, s, x) => mixtureDensity(m, goal, s, x), [center(), positive(), center()]],
])("%s with its gradients is one kernel", (_, loss, inputs) => {
  const counted = countKernels(() => {
    const value = loss(...inputs);
    value.backward();
    evaluateSync(value);
  });
  expect(counted).toBe(1);
});

function all(list: readonly unknown[]): number[] {
  return list.map((_, i) => i);
}

function logFactorial(n: number): number {
  let sum = 0;
  for (let i = 2; i <= n; i++) sum += Math.log(i);
  return sum;
}
