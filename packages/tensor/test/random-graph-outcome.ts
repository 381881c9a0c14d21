// What a random graph comes to: the values of all nodes and all gradients, and how far they may be from the true ones.
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, grad, tensor } from "@downhill/tensor";
import { expect } from "vitest";
import type { Graph, Recipe } from "./random-graph.js";
import { buildGraph } from "./random-graph.js";
import { exact } from "./random-graph-item.js";
import { randomNumbers } from "./support.js";

/** What a node holds. */
export interface Values {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** The same bits everywhere. */
  readonly exact: boolean;
}
/** All there is to know of a graph. */
export interface Outcome {
  readonly nodes: readonly Values[];
  readonly gradients: readonly Values[];
  readonly text: string;
}

const valuesOf = (x: Tensor, same: boolean): Values => ({
  dtype: x.dtype,
  shape: x.shape,
  data: Array.from(x.dataSync()),
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

/** Which leaves, and whether with gradients. */
export interface Options {
  readonly special?: boolean;
  readonly gradients?: boolean;
}

/** All nodes and all gradients, computed together. `blurred` says how float32's rounding is imitated, or that it is done. */
export function run(recipe: Recipe, options: Options & { blurred?: number | "rounded" } = {}): Outcome {
  const { blurred = 0, special = false, gradients = true } = options;
  // A negative number mirrors: what rounding may push one way it may push the other way.
  const next = randomNumbers(blurred === "rounded" ? 0 : Math.abs(blurred));
  const blur = (x: Tensor): Tensor => {
    if (blurred === 0) return x;
    if (blurred === "rounded") return tensor(x.dataSync().slice(), { shape: x.shape });
    const by = Float64Array.from({ length: x.size }, () => 1 + (next() - 0.5) * Math.sign(blurred) * 6e-7);
    return x.mul(tensor(by, { shape: x.shape }));
  };
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
export function compare(actual: Outcome, wanted: Outcome, blurred: readonly Outcome[], special: boolean): void {
  // The reference engine's range is wider: behind a number whose square float32 can't hold everything may differ.
  const beyond = wanted.nodes.findIndex(({ data }) =>
    data.some((value) => Number.isFinite(value) && Math.abs(value) > 1e17),
  );
  // And at its other end: a product of such numbers is 0 in float32, which next to an infinity makes NaN.
  const below = wanted.nodes.findIndex(({ data }) => data.some((value) => value !== 0 && Math.abs(value) < 1e-22));
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
        const lost = special && below >= 0 && at >= below;
        if (lost && !Number.isFinite(value) && !Number.isFinite(result)) return;
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

/**
 * The same graph with rounding imitated, four times, and where no gradients are asked for also with every result rounded, which
 * shows what huge numbers that cancel leave; to be called on the reference engine.
 */
export function blurredRuns(recipe: Recipe, options: Options = {}): Outcome[] {
  const ways = [1, -1, 2, -2, ...(options.gradients === false ? ["rounded" as const] : [])] as const;
  return ways.map((blurred) => run(recipe, { ...options, blurred }));
}
