// Random graphs and random training on one, two and three threads: the same bits, and the right ones.
import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, evaluateSync, parameter, pick, state, tensor, useEngine } from "@downhill/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compare as compareValues } from "./against-reference.js";
import { bitsOf, crew, cutFinely, onThreads } from "./crew.js";
import { zeroGrad } from "./descent.js";
import { buildGraph, wideRecipes } from "./random-graph.js";
import type { Outcome } from "./random-graph-outcome.js";
import { blurredRuns, compare, run } from "./random-graph-outcome.js";
import { random } from "./support.js";

const runs = fc.readConfigureGlobal()?.numRuns ?? 200;
/** A batch of them shares engines and workers, which take a while to start. */
const batchesOf = <T>(one: fc.Arbitrary<T>, length: number): fc.Arbitrary<readonly T[]> =>
  fc.array(one, { minLength: 1, maxLength: length, size: "max" });
/** Nanoseconds of the shortest part: all that can be cut, or what is cut for users. */
const parts = fc.constantFrom(1, 1, 500, 8000);

/** Computes all of a batch on one, two and three threads; gives what came out, and the parts that workers took. */
async function onAll<T, R>(batch: readonly T[], part: number, compute: (each: T) => R): Promise<[R[][], number[]]> {
  const results: R[][] = [];
  const helped: number[] = [];
  cutFinely(part);
  for (const count of [1, 2, 3]) {
    await onThreads(count);
    results.push(batch.map(compute));
    if (count > 1) helped.push(crew().helped);
  }
  return [results, helped];
}

/** Runs a property on batches, and fails unless workers took parts of most of them. */
async function assertShared<T>(
  one: fc.Arbitrary<T>,
  length: number,
  numRuns: number,
  check: (batch: readonly T[], part: number) => Promise<number[]>,
): Promise<void> {
  const total = [0, 0];
  let batches = 0;
  await fc.assert(
    fc.asyncProperty(batchesOf(one, length), parts, async (batch, part) => {
      (await check(batch, part)).forEach((count, i) => {
        total[i] = (total[i] as number) + count;
      });
      batches++;
    }),
    { numRuns },
  );
  // Of a few, all may happen to be too small.
  if (batches > 2) for (const count of total) expect(count).toBeGreaterThan(2 * batches);
}

/** Fails unless all results hold the same numbers, in the same order; nothing else is so quick on long arrays. */
function expectSame(results: readonly (readonly ArrayLike<number>[])[], what: () => string): void {
  const [one = [], ...others] = results;
  others.forEach((other, i) => {
    one.forEach((wanted, k) => {
      const got = other[k] as ArrayLike<number>;
      for (let at = 0; at < wanted.length; at++)
        if (!Object.is(got[at], wanted[at]))
          expect.fail(`${i + 2} threads: result ${k} at ${at} is ${got[at]}, not ${wanted[at]}, in\n${what()}`);
    });
  });
}

/** A node with sums of it, whose last bits tell in which order they were made. */
const withTotals = (x: Tensor): Tensor[] =>
  x.rank === 0 ? [x] : [x, x.sum(), x.sum({ axis: 0 }), x.sum({ axis: -1 }), x.mul(0.3).mean()];

test("random graphs that are cut have the same bits on 1, 2 and 3 threads", async () => {
  await assertShared(wideRecipes, 20, Math.ceil(runs / 67), async (batch, part) => {
    const [results, helped] = await onAll(batch, part, (recipe) =>
      bitsOf(buildGraph(recipe).items.flatMap(({ x }) => withTotals(x))),
    );
    batch.forEach((recipe, i) => {
      expectSame(
        results.map((each) => each[i] as number[][]),
        () => buildGraph(recipe).text,
      );
    });
    return helped;
  });
});

test("random graphs that are cut have the values and gradients of the reference engine", async () => {
  await assertShared(wideRecipes, 5, Math.ceil(runs / 80), async (batch, part) => {
    useEngine("reference");
    const wanted = batch.map((recipe): [Outcome, Outcome[]] => [run(recipe), blurredRuns(recipe)]);
    const [results, helped] = await onAll(batch, part, (recipe) => run(recipe));
    wanted.forEach(([outcome, blurred], i) => {
      const got = results.map((each) => each[i] as Outcome);
      compare(got[0] as Outcome, outcome, blurred, false);
      expectSame(
        got.map(({ nodes, gradients }) => [...nodes, ...gradients].map(({ data }) => data)),
        () => outcome.text,
      );
    });
    return helped;
  });
});

/** Sizes of a network with one hidden layer. */
interface Net {
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
  readonly activation: "relu" | "tanh" | "sigmoid";
}

const size = (...sizes: number[]): fc.Arbitrary<number> => fc.constantFrom(...sizes);
const nets: fc.Arbitrary<Net> = fc.record({
  batch: size(1, 3, 4, 5, 31, 32, 33, 64, 127, 128, 129, 200),
  inputs: size(1, 4, 7, 16, 33, 100, 129, 511, 513),
  hidden: size(1, 3, 8, 9, 10, 16, 33, 64, 65, 128),
  classes: size(2, 3, 4, 5, 8, 9, 10, 17),
  activation: fc.constantFrom("relu", "tanh", "sigmoid"),
});

/** Three steps of descent with momentum on a batch of random numbers; the losses and all that was learnt. */
function train({ batch, inputs, hidden, classes, activation }: Net): Tensor[] {
  const shapes = [[inputs, hidden], [hidden], [hidden, classes], [classes]];
  const start = (shape: readonly number[], i: number): number[] => {
    const reach = i % 2 === 0 ? 1 / Math.sqrt(shape[0] as number) : 0.1;
    return Array.from(random(shape, -reach, reach, i).dataSync());
  };
  const weights: Parameter[] = shapes.map((shape, i) => parameter(start(shape, i), { shape }));
  const moments = shapes.map((shape) => state(new Float32Array(shape.reduce((p, n) => p * n, 1)), { shape }));
  const [w1, b1, w2, b2] = weights as [Parameter, Parameter, Parameter, Parameter];
  const losses: Tensor[] = [];
  for (let round = 0; round < 3; round++) {
    const x = random([batch, inputs], -1, 1, 10 + round);
    const labels = tensor(Int32Array.from({ length: batch }, (_, i) => (i * 7 + round) % classes));
    const logits = x.matmul(w1).add(b1)[activation]().matmul(w2).add(b2);
    const loss = pick(logits.logSoftmax(), labels).neg().mean();
    zeroGrad(weights);
    loss.backward();
    const writes = weights.flatMap((weight, i) => {
      const moment = moments[i] as (typeof moments)[number];
      const next = moment.mul(0.9).add(weight.grad as Tensor);
      return [[moment, next] as const, [weight, weight.sub(next.mul(0.1))] as const];
    });
    void assignAll(writes, { consumed: weights });
    losses.push(loss.clone());
  }
  const learnt = [...weights, ...moments];
  evaluateSync(...losses, ...learnt);
  return [...losses, ...learnt];
}

test("random networks learn the same bits on 1, 2 and 3 threads, and the right ones", async () => {
  await assertShared(nets, 10, Math.ceil(runs / 67), async (batch, part) => {
    const [results, helped] = await onAll(batch, part, (net) => train(net).map((x) => x.dataSync()));
    useEngine("reference");
    batch.forEach((net, i) => {
      const got = results.map((each) => each[i] as ArrayLike<number>[]);
      const what = (): string => JSON.stringify(net);
      expectSame(got, what);
      compareValues(
        what(),
        got[0] as ArrayLike<number>[],
        train(net).map((x) => x.dataSync()),
        { relative: 1e-4, absolute: 1e-5 },
      );
    });
    return helped;
  });
});
