// Random graphs for comparing engines: what is drawn is a short list of small integers, so that fast-check can shrink it;
// what it means is decided here, step by step, so that every list is a valid graph.
import type { Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";
import fc from "fast-check";
import type { Context, GraphOp, Item } from "./random-graph-item.js";
import { exact } from "./random-graph-item.js";
import { moves } from "./random-graph-moves.js";
import { formulas } from "./random-graph-ops.js";
import { draw, randomNumbers, sizeOf } from "./support.js";

/** A recipe for a graph. */
export interface Recipe {
  /** The extents that all shapes are made of. */
  readonly extents: readonly number[];
  readonly leaves: readonly { readonly shape: number; readonly dtype: number; readonly seed: number }[];
  readonly steps: readonly {
    readonly op: number;
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly choice: number;
  }[];
  /** A node that is read before the others are computed. */
  readonly early: number;
  /** Most elements of a node. */
  readonly most: number;
}

/** All operations. */
export const graphOps: readonly GraphOp[] = [...formulas, ...moves];

const extent = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.constant(1) },
  { weight: 12, arbitrary: fc.integer({ min: 2, max: 5 }) },
  { weight: 4, arbitrary: fc.constantFrom(7, 16, 17, 33, 67) },
  // Longer than a block of a fused kernel.
  { weight: 1, arbitrary: fc.constantFrom(130, 1025) },
);

const recipesOf = (
  extents: fc.Arbitrary<readonly number[]>,
  { shape, dtype }: { shape: fc.Arbitrary<number>; dtype: fc.Arbitrary<number> },
  most: number,
  steps: number,
): fc.Arbitrary<Recipe> =>
  fc.record({
    extents,
    leaves: fc.array(fc.record({ shape, dtype, seed: fc.nat(1000) }), {
      minLength: 1,
      maxLength: 4,
    }),
    steps: fc.array(
      fc.record({ op: fc.nat(graphOps.length - 1), a: fc.nat(9), b: fc.nat(9), c: fc.nat(9), choice: fc.nat(10000) }),
      { minLength: 1, maxLength: steps, size: "max" },
    ),
    early: fc.nat(40),
    most: fc.constant(most),
  });

const extents = fc.tuple(extent, extent, extent).filter((drawn) => sizeOf(drawn) <= 2_000_000);

/** Draws recipes. */
export const recipes = recipesOf(extents, { shape: fc.nat(26), dtype: fc.nat(7) }, 4200, 14);

const wide = fc
  .tuple(
    fc.constantFrom(1, 2, 3, 5),
    fc.constantFrom(1, 7, 16, 17, 33, 65, 129, 257),
    fc.constantFrom(1, 10, 16, 33, 63, 64, 65, 129, 513, 1025),
    fc.boolean(),
  )
  .map(([a, b, c, turned]) => (turned ? [c, b, a] : [a, b, c]))
  .filter((extents) => sizeOf(extents) > 1000 && sizeOf(extents) < 20_000);

/** Most leaves are whole, and of numbers whose sums depend on their order. */
const wideLeaf = { shape: fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 9), dtype: fc.constantFrom(3, 3, 3, 3, 0, 4, 5, 6) };

/** Draws recipes whose nodes are large enough to be cut into parts, at shapes around edges. */
export const wideRecipes = recipesOf(wide, wideLeaf, 40_000, 10);

/** A built graph: all its nodes, the float leaves among them, and a text that tells how it was made. */
export interface Graph {
  readonly items: readonly Item[];
  readonly inputs: readonly Tensor[];
  readonly text: string;
}

const specials = [NaN, Infinity, -Infinity, 0, -0, 1e15, -1e15, 1e-15, 1e-42];

/** The values of a leaf: quarters, or numbers of any kind, or special ones. */
function valuesOf(kind: number, size: number, seed: number, special: boolean): number[] {
  if (special) {
    const next = randomNumbers(seed);
    return draw(size, -2, 2, seed).map((value) =>
      next() < 0.2 ? (specials[Math.floor(next() * specials.length)] as number) : value,
    );
  }
  const quarters = draw(size, -8.5, 8.5, seed).map((value) => Math.round(value) / 4);
  return kind < 3 ? quarters : kind === 3 ? draw(size, -2, 2, seed) : quarters.map((value) => Math.round(value * 4));
}

/**
 * Builds the graph of a recipe on the current engine. `replace` may put another tensor in the place of a float leaf, for
 * gradients; `special` fills leaves with NaN, infinities and huge numbers.
 */
export function buildGraph(
  recipe: Recipe,
  options: { blur?: Context["blur"]; inputs?: readonly Tensor[]; special?: boolean } = {},
): Graph {
  const { blur = (x) => x, inputs: given, special = false } = options;
  const items: Item[] = [];
  const inputs: Tensor[] = [];
  const lines: string[] = [];
  const add = (item: Item, how: string): void => {
    lines.push(`x${items.length} = ${how}  // ${item.x.dtype} [${item.x.shape}]${exact(item) ? " exact" : ""}`);
    items.push(item);
  };
  for (const { shape, dtype, seed } of recipe.leaves) {
    // Per axis: the whole extent, 1, or (for leading axes) no axis at all.
    const digits = recipe.extents.map((_, i) => Math.floor(shape / 3 ** i) % 3);
    const from = digits.findIndex((digit) => digit !== 2);
    const dims = from < 0 ? [] : recipe.extents.slice(from).map((each, i) => (digits[from + i] === 0 ? each : 1));
    const size = sizeOf(dims);
    if (dtype >= 6)
      add(
        { x: tensor(Int32Array.from(valuesOf(4, size, seed, false)), { shape: dims }), bound: 9, grain: 1 },
        `int32 leaf ${seed}`,
      );
    else if (dtype === 5)
      add(
        { x: tensor(valuesOf(4, size, seed, false), { shape: dims }).greater(0), bound: 1, grain: 1 },
        `bool leaf ${seed}`,
      );
    else {
      const values = valuesOf(dtype, size, seed, special);
      const x = given?.[inputs.length] ?? tensor(Float32Array.from(values), { shape: dims });
      inputs.push(x);
      const item = special
        ? { x, bound: 2, grain: 0 }
        : { x, bound: dtype === 4 ? 9 : 2.25, grain: dtype < 3 ? 0.25 : dtype === 4 ? 1 : 0 };
      add(item, `float32 leaf ${seed}`);
    }
  }
  for (const { op, a, b, c, choice } of recipe.steps) {
    const entry = graphOps[op % graphOps.length] as (typeof graphOps)[number];
    // Counted from the latest node, so that graphs get deep.
    const at = (back: number): number => items.length - 1 - (back % items.length);
    const next = randomNumbers(choice);
    const made = entry.apply([at(a), at(b), at(c)].map((i) => items[i] as Item) as [Item, Item, Item], { next, blur });
    if (made !== null && made.x.size <= recipe.most)
      add(made, `${entry.name}(x${at(a)}, x${at(b)}, x${at(c)}; ${choice})`);
  }
  return { items, inputs, text: lines.join("\n") };
}
