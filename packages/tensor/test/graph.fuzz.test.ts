// Random graphs on every engine against the reference engine. `npm run fuzz` makes many more of them.
import type { EngineName } from "@downhill/tensor";
import { useEngine } from "@downhill/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Recipe } from "./random-graph.js";
import { buildGraph, graphOps, recipes } from "./random-graph.js";
import { exact } from "./random-graph-item.js";
import type { Options } from "./random-graph-outcome.js";
import { blurredRuns, compare, run } from "./random-graph-outcome.js";
import { engines } from "./support.js";

const others = engines.filter((name) => name !== "reference") as EngineName[];

function check(recipe: Recipe, options: Options = {}): void {
  useEngine("reference");
  const wanted = run(recipe, options);
  const blurred = blurredRuns(recipe, options);
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
