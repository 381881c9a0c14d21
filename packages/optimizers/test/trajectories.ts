import type { Parameter, Tensor, TensorLike } from "@downhill/tensor";
import { engineName, parameter, tensor } from "@downhill/tensor";
import { expect } from "vitest";

type Nested = number | readonly Nested[];

/** The first row of a golden file about optimizers, see tools/golden/trajectories.py. */
export interface ProblemData {
  readonly gradients: readonly (readonly Nested[])[];
  readonly starts: Readonly<Record<string, readonly Nested[]>>;
  readonly shown: readonly number[];
}

/** The parameters of a problem at its start. */
export function startOf(data: ProblemData, problem: string): Parameter[] {
  return (data.starts[problem] as Nested[]).map((start) => parameter(start as TensorLike));
}

/** The loss of a problem at a step, 0 for the first: for recorded gradients a sum that has them. */
export function lossOf(data: ProblemData, problem: string, weights: readonly Parameter[], step: number): Tensor {
  const [w] = weights as readonly [Parameter];
  if (problem === "quadratic") return w.square().sum().mul(0.5);
  if (problem === "zero")
    return w
      .sub((data.starts.quadratic as Nested[])[0] as number[])
      .square()
      .sum()
      .mul(0.5);
  if (problem === "rosenbrock") {
    const [x, y] = [w.slice([0], [1]), w.slice([1], [2])];
    return x.sub(1).square().add(y.sub(x.square()).square().mul(100)).sum();
  }
  const all = data.gradients[step] as readonly Nested[];
  const own = problem === "matrices" ? [all[0], all[2]] : all;
  const parts = weights.map((weight, i) => weight.mul(tensor(own[i] as number[])).sum());
  return parts.reduce((sum, each) => sum.add(each));
}

/** An optimizer, perhaps with something to be done before a step or around the look at its weights. */
export interface Followed {
  minimize(loss: () => Tensor): Promise<Tensor>;
  before?(loss: Tensor, step: number): Promise<void>;
  /** Exchanges weights and averages. */
  swap?(): Promise<void>;
}

/** Takes 200 steps and compares the parameters at those that are kept. */
export async function follow(
  data: ProblemData,
  problem: string,
  make: (weights: Parameter[]) => Followed,
  steps: readonly (readonly Nested[] | null)[],
): Promise<void> {
  const weights = startOf(data, problem);
  const optimizer = make(weights);
  for (let t = 1; t <= 200; t++) {
    await optimizer.before?.(lossOf(data, problem, weights, t - 1), t);
    await optimizer.minimize(() => lossOf(data, problem, weights, t - 1));
    const wanted = steps[data.shown.indexOf(t)];
    if (wanted == null) continue;
    await optimizer.swap?.();
    await expectClose(data, problem, weights, wanted, t);
    await optimizer.swap?.();
  }
}

/** Relative to the largest weight of each parameter, at the start or now. */
async function expectClose(
  data: ProblemData,
  problem: string,
  weights: readonly Parameter[],
  wanted: readonly Nested[],
  step: number,
): Promise<void> {
  // The numbers are written with ten digits.
  const tolerance = engineName() === "reference" ? 1e-9 : 1e-5;
  for (const [i, weight] of weights.entries()) {
    const [values, targets] = [flat((await weight.array()) as Nested), flat(wanted[i] as Nested)];
    const largest = Math.max(...[...targets, ...flat(data.starts[problem]?.[i] as Nested)].map(Math.abs));
    const off = Math.max(...values.map((value, j) => Math.abs(value - (targets[j] as number)))) / largest;
    expect(off, `step ${step}: ${values} instead of ${targets}`).toBeLessThanOrEqual(tolerance);
  }
}

function flat(value: Nested): number[] {
  return typeof value === "number" ? [value] : value.flatMap(flat);
}
