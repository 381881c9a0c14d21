// Random graphs on every engine against the reference engine. `npm run fuzz` makes many more of them.
import type { EngineName, Tensor } from "@downhill/tensor";
import { evaluateSync, grad, tensor, useEngine } from "@downhill/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Graph, Recipe } from "./random-graph.js";
import { buildGraph, graphOps, recipes } from "./random-graph.js";
import { exact } from "./random-graph-item.js";
import { engines, flat, randomNumbers } from "./support.js";

interface Values {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** The same bits everywhere. */
  readonly exact: boolean;
}
interface Outcome {
  readonly nodes: readonly Values[];
  readonly gradients: readonly Values[];
  readonly text: string;
}

const valuesOf = (x: Tensor, same: boolean): Values => ({
  dtype: x.dtype,
  shape: x.shape,
  data: flat(x.arraySync()),
  exact: same || x.dtype !== "float32",
});

/** A number that depends on every element of every float node, differently. */
function lossOf({ items }: Graph, blur: (x: Tensor) => Tensor): Tensor {
  let loss: Tensor = tensor(0);
  for (const { x, bound } of items)
    if (x.dtype === "float32") {
      const next = randomNumbers(x.size);
      const weights = tensor(
        Float32Array.from({ length: x.size }, () => (0.5 + next()) / Math.max(1, bound)),
        { shape: x.shape },
      );
      loss = loss.add(x.mul(blur(weights)).sum());
    }
  return loss;
}

/** All nodes and all gradients, computed together. `blurred` says how float32's rounding is imitated. */
function run(recipe: Recipe, options: { blurred?: number; special?: boolean; gradients?: boolean } = {}): Outcome {
  const { blurred = 0, special = false, gradients = true } = options;
  // A negative number mirrors: what rounding may push one way it may push the other way.
  const next = randomNumbers(Math.abs(blurred));
  const blur = (x: Tensor): Tensor =>
    blurred === 0
      ? x
      : x.mul(
          tensor(
            Float64Array.from({ length: x.size }, () => 1 + (next() - 0.5) * Math.sign(blurred) * 6e-7),
            { shape: x.shape },
          ),
        );
  const graph = buildGraph(recipe, { blur, special });
  graph.items[recipe.early % (graph.items.length * 2)]?.x.dataSync();
  const slopes =
    gradients && graph.inputs.length > 0
      ? grad((...inputs: Tensor[]) => lossOf(buildGraph(recipe, { blur, inputs, special }), blur), {
          argnums: graph.inputs.map((_, i) => i),
        })(...graph.inputs)
      : [];
  evaluateSync(...graph.items.map((item) => item.x), ...slopes);
  return {
    nodes: graph.items.map((item) => valuesOf(item.x, exact(item))),
    gradients: slopes.map((slope) => valuesOf(slope, false)),
    text: graph.text,
  };
}

/** Throws unless `actual` is `wanted`, give or take what blurring shows that rounding can do. */
function compare(actual: Outcome, wanted: Outcome, blurred: readonly Outcome[], special: boolean): void {
  // The reference engine's range is wider: behind a number whose square float32 can't hold everything may differ.
  const beyond = wanted.nodes.findIndex(({ data }) =>
    data.some((value) => Number.isFinite(value) && Math.abs(value) > 1e17),
  );
  for (const part of ["nodes", "gradients"] as const)
    wanted[part].forEach((want, at) => {
      if (special && beyond >= 0 && at >= beyond) return;
      const got = actual[part][at] as Values;
      const where = `${part} ${at} of\n${wanted.text}\n`;
      expect([got.dtype, got.shape], where).toEqual([want.dtype, want.shape]);
      // A derivative like 1 - tanh² loses digits on its own, which blurring the values does not show.
      const largest = want.data.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1);
      const least = part === "nodes" ? 1e-6 : 1e-4 * largest;
      want.data.forEach((value, i) => {
        const result = got.data[i] as number;
        if (Object.is(result, value) || (result === value && value === 0)) return;
        const others = blurred.map((each) => each[part][at]?.data[i] as number);
        const spread = Math.max(...others.map((other) => Math.abs(other - value)));
        // At the edge of a range, or next to a cancellation of huge numbers, rounding decides.
        if (special && Number.isFinite(value) && !Number.isFinite(spread)) return;
        const tolerance = want.exact ? 0 : 10 * spread + 2e-6 * Math.abs(value) + least;
        const finite = Number.isFinite(value) && Number.isFinite(result);
        if (finite ? !(Math.abs(result - value) <= tolerance) : !(Number.isNaN(value) && Number.isNaN(result)))
          expect.fail(`element ${i}: expected ${value}, got ${result}, tolerance ${tolerance}; ${where}`);
      });
    });
}

const others = engines.filter((name) => name !== "reference") as EngineName[];

function check(recipe: Recipe, options: { special?: boolean; gradients?: boolean } = {}): void {
  useEngine("reference");
  const wanted = run(recipe, options);
  const blurred = [1, -1, 2, -2].map((seed) => run(recipe, { ...options, blurred: seed }));
  for (const engine of others) {
    useEngine(engine);
    compare(run(recipe, options), wanted, blurred, options.special ?? false);
  }
}

/** Milliseconds that a property may take, by the number of its runs. */
const patience = 60_000 + 200 * (fc.readConfigureGlobal()?.numRuns ?? 100);

test(
  "values and gradients of random graphs",
  () => fc.assert(fc.property(recipes, (recipe) => check(recipe))),
  patience,
);

test(
  "values of random graphs with NaN, infinities and huge numbers",
  () => fc.assert(fc.property(recipes, (recipe) => check(recipe, { special: true, gradients: false }))),
  patience,
);

test("the graphs are of every kind", () => {
  const seen = new Map<string, number>();
  let [empty, deep, imprecise] = [0, 0, 0];
  useEngine("reference");
  for (const recipe of fc.sample(recipes, { seed: 1, numRuns: 1000 })) {
    const { items, text } = buildGraph(recipe);
    for (const [, name] of text.matchAll(/ = ([^(]+)\(/g))
      seen.set(name as string, (seen.get(name as string) ?? 0) + 1);
    empty += Number(items.some((item) => item.x.size === 0));
    deep += Number(items.length > 10);
    imprecise += Number(items.some((item) => !exact(item)));
  }
  expect(graphOps.map((op) => op.name).filter((name) => !seen.has(name))).toEqual([]);
  expect(Math.min(empty, deep, imprecise)).toBeGreaterThan(30);
});
