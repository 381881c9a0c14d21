// Every optimizer on the engines for graphics processors: the parameters of the CPU engine after some steps, the state that it
// has, and the refusal of a step whose gradient is not finite.
import type { Optimizer } from "@downhill/optimizers";
import { Adam, ASAM, EMA, LBFGS, Lookahead, NonFiniteError, SAM, SGD, SWA } from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { parameter, tensor, useEngine } from "@downhill/tensor";
import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { close } from "@downhill/testing";
import { afterEach, describe, expect, test } from "vitest";
import { rows } from "./rows.js";

const steps = 6;
const values = (seed: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i * 1.7));

interface Problem {
  readonly parameters: Parameter[];
  loss(): Tensor;
}

function problem(matrices = false): Problem {
  const weight = parameter(values(1, 12), { shape: [3, 4] });
  const bias = parameter(values(2, 4), { shape: matrices ? [1, 4] : [4] });
  const [inputs, target] = [tensor(values(3, 15), { shape: [5, 3] }), tensor(values(4, 20), { shape: [5, 4] })];
  return {
    parameters: [weight, bias],
    loss: () => inputs.matmul(weight).add(bias).tanh().sub(target).square().mean(),
  };
}

async function trained(
  make: (p: Parameter[]) => Pick<Optimizer, "zeroGrad" | "step">,
  matrices?: boolean,
): Promise<Float32Array[]> {
  const { parameters, loss } = problem(matrices);
  const optimizer = make(parameters);
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad();
    loss().backward();
    await optimizer.step();
  }
  return Promise.all(parameters.map(async (each) => (await each.data()) as Float32Array));
}

/** Runs that take a closure or do more than step. */
const others: Readonly<Record<string, () => Promise<Float32Array[]>>> = {
  async LBFGS() {
    const { parameters, loss } = problem();
    const optimizer = new LBFGS(parameters, { lineSearchFn: "strongWolfe", maxIter: 3 });
    // Further on a line search multiplies the rounding.
    await optimizer.minimize(loss);
    return Promise.all(parameters.map(async (each) => (await each.data()) as Float32Array));
  },
  SAM: () => withClosure((p) => new SAM(new SGD(p, { lr: 0.1, momentum: 0.9 }))),
  ASAM: () => withClosure((p) => new ASAM(new Adam(p, { lr: 0.01 }))),
  EMA: () => swapped((p) => new EMA(new Adam(p, { lr: 0.01 }), { decay: 0.5 })),
  SWA: () => swapped((p) => new SWA(new SGD(p, { lr: 0.1 }))),
  Lookahead: () => trained((p) => new Lookahead(new Adam(p, { lr: 0.01 }), { k: 2 })),
};

async function withClosure(make: (p: Parameter[]) => SAM | ASAM): Promise<Float32Array[]> {
  const { parameters, loss } = problem();
  const optimizer = make(parameters);
  for (let i = 0; i < steps; i++) await optimizer.minimize(loss);
  return Promise.all(parameters.map(async (each) => (await each.data()) as Float32Array));
}

async function swapped(make: (p: Parameter[]) => EMA | SWA): Promise<Float32Array[]> {
  const { parameters, loss } = problem();
  const optimizer = make(parameters);
  for (let i = 0; i < steps; i++) await optimizer.minimize(loss);
  await optimizer.swap();
  return Promise.all(parameters.map(async (each) => (await each.data()) as Float32Array));
}

afterEach(() => leaveGpu());

describe.each(["webgpu", "webgl2"] as const)("%s", (engine) => {
  async function likeCpu(run: () => Promise<Float32Array[]>): Promise<void> {
    useEngine("cpu");
    const wanted = await run();
    expect(await useGpu({ engine })).toMatchObject({ engine, reason: null });
    close(await run(), wanted, { relative: 1e-3, absolute: 2e-4 });
  }

  test.each(rows)("$name", ({ make, matrices }) => likeCpu(() => trained(make, matrices)), 60_000);
  test.each(Object.entries(others))("%s", (_, run) => likeCpu(run), 60_000);

  test("a gradient that is not finite changes nothing and is reported", async () => {
    await useGpu({ engine });
    const weight = parameter([1, 2]);
    const optimizer = new Adam([weight], { lr: 0.1 });
    weight.square().sum().backward();
    await optimizer.step();
    const before = await weight.array();
    optimizer.zeroGrad();
    weight.mul(Number.POSITIVE_INFINITY).sum().backward();
    const error = await (async () => {
      for (let i = 0; i < 5; i++) {
        await optimizer.step();
        await weight.array();
        optimizer.zeroGrad();
        weight.square().sum().backward();
      }
      return null;
    })().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(await weight.array()).toEqual(before);
  });
});
