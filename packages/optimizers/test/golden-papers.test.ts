import * as optimizers from "@downhill/optimizers";
import { EMA, Sophia, SWA } from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { engineName, parameter, tensor, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, describe, expect, test } from "vitest";
import golden from "./golden/optimizers_papers.json" with { type: "json" };

interface Row {
  optimizer: string;
  options: Record<string, unknown>;
  inner?: string;
  innerOptions?: Record<string, number>;
  problem: "quadratic" | "zero" | "rosenbrock" | "network";
  /** Null before there is an average. */
  steps: (NestedRow[] | null)[];
}
type NestedRow = (number | NestedRow)[];
type Data = Parameters<typeof parameter>[0];

const [data, ...rows] = golden.rows as unknown as [
  { gradients: Data[][]; starts: Record<string, Data[]>; shown: number[] },
  ...Row[],
];
const gradients = data.gradients.map((step) => step.map((each) => tensor(each as number[])));

/** As in tools/golden/optimizers_papers.py; `step` is 0 for the first. */
const problems: Record<Row["problem"], (weights: Parameter[], step: number) => Tensor> = {
  quadratic: ([w]) => (w as Parameter).square().sum().mul(0.5),
  zero: ([w]) =>
    (w as Parameter)
      .sub((data.starts.quadratic as Data[])[0] as number[])
      .square()
      .sum()
      .mul(0.5),
  rosenbrock([w]) {
    const [x, y] = [(w as Parameter).slice([0], [1]), (w as Parameter).slice([1], [2])];
    return x.sub(1).square().add(y.sub(x.square()).square().mul(100)).sum();
  },
  // Linear in the weights: its gradient is the recorded one.
  network: (weights, step) =>
    weights.map((w, i) => w.mul((gradients[step] as Tensor[])[i] as Tensor).sum()).reduce((sum, each) => sum.add(each)),
};

const rules = optimizers as unknown as Record<
  string,
  new (
    of: unknown,
    options: Record<string, unknown>,
  ) => optimizers.Optimizer
>;

const wrappers = optimizers as unknown as Record<
  string,
  new (
    of: unknown,
    options: Record<string, unknown>,
  ) => optimizers.OptimizerWrapper
>;

const flat = (nested: NestedRow): number[] =>
  nested.flatMap((each) => (typeof each === "number" ? [each] : flat(each)));

afterAll(() => useEngine("cpu"));

describe.each(engines)("200 steps on %s", (engine) => {
  test.each(rows.filter(({ inner }) => inner === undefined))(
    "$optimizer $options on $problem",
    async ({ optimizer: name, options, problem, steps }) => {
      useEngine(engine);
      const weights = (data.starts[problem] as Data[]).map((start) => parameter(start));
      const optimizer = new (rules[name] as (typeof rules)[string])(weights, options);
      for (let t = 1; t <= 200; t++) {
        optimizer.zeroGrad();
        if (optimizer instanceof Sophia && t % 10 === 1) {
          problems[problem](weights, t - 1)
            .mul(0.5)
            .backward();
          await optimizer.updateHessian();
          optimizer.zeroGrad();
        }
        problems[problem](weights, t - 1).backward();
        await optimizer.step();
        const shown = data.shown.indexOf(t);
        if (shown >= 0) await expectClose(weights, data.starts[problem] as Data[], steps[shown] as NestedRow[], t);
      }
    },
  );
});

describe.each(engines)("200 steps in a wrapper on %s", (engine) => {
  test.each(rows.filter(({ inner }) => inner !== undefined))(
    "$optimizer $options around $inner on $problem",
    async ({ optimizer: name, options, inner, innerOptions, problem, steps }) => {
      useEngine(engine);
      const weights = (data.starts[problem] as Data[]).map((start) => parameter(start));
      const plain = new (rules[inner as string] as (typeof rules)[string])(weights, innerOptions ?? {});
      const optimizer = new (wrappers[name] as (typeof wrappers)[string])(plain, options);
      for (let t = 1; t <= 200; t++) {
        await optimizer.minimize(() => problems[problem](weights, t - 1));
        const wanted = steps[data.shown.indexOf(t)];
        if (wanted == null) continue;
        const averages = optimizer instanceof EMA || optimizer instanceof SWA;
        if (averages) await optimizer.swap();
        await expectClose(weights, data.starts[problem] as Data[], wanted, t);
        if (averages) await optimizer.swap();
      }
    },
  );
});

/** Relative to the largest weight of each tensor, at the start or now. */
async function expectClose(
  weights: readonly Tensor[],
  starts: Data[],
  wanted: NestedRow[],
  step: number,
): Promise<void> {
  const tolerance = engineName() === "reference" ? 1e-9 : 1e-5;
  for (const [i, weight] of weights.entries()) {
    const [values, targets] = [flat([(await weight.array()) as NestedRow]), flat(wanted[i] as NestedRow)];
    const largest = Math.max(...targets.map(Math.abs), ...flat(starts[i] as NestedRow).map(Math.abs));
    const off = Math.max(...values.map((value, j) => Math.abs(value - (targets[j] as number)))) / largest;
    expect(off, `step ${step}: ${values} instead of ${targets}`).toBeLessThanOrEqual(tolerance);
  }
}
