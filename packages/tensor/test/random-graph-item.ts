// What the operations of random graphs share: nodes with bounds, and results that stay in them.
import type { Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";

/** A node with what is known about it before it is computed. */
export interface Item {
  readonly x: Tensor;
  /** No element is larger. */
  readonly bound: number;
  /** All elements are multiples of this; 0 when nothing is known. An exact node has the same bits on every engine. */
  readonly grain: number;
}

/** What an operation gets: its arguments, a number to make choices with, and where imprecision enters. */
export interface Context {
  /** Numbers of JavaScript, as many as wanted. */
  readonly next: () => number;
  /** Stands for float32's rounding where tolerances are measured; does nothing otherwise. */
  readonly blur: (x: Tensor) => Tensor;
}

/** Whether every engine gives the same bits: the numbers fit into float32, and so do the steps on the way. */
export const exact = (item: Item): boolean => item.grain > 0 && item.bound / item.grain <= 2 ** 23;
export const isFloat = (item: Item): boolean => item.x.dtype === "float32";

/** An operation of random graphs: makes a node, or gives null when it does not apply. */
export interface GraphOp {
  readonly name: string;
  readonly apply: (args: [Item, Item, Item], context: Context) => Item | null;
}

/** Numbers are kept below this. */
export const biggest = 1e4;
/** An integer below `limit`. */
export const int = (context: Context, limit: number): number => Math.floor(context.next() * limit);
/** Random indices below `limit`. */
export const list = (count: number, limit: number, context: Context): Tensor =>
  tensor(Int32Array.from({ length: count }, () => int(context, limit)));

/** A result that is exact if its bound and grain allow, and blurred otherwise. */
export function result(x: Tensor, bound: number, grain: number, { blur }: Context): Item {
  if (x.dtype !== "float32") return { x, bound: Math.min(bound, 2 ** 31), grain: 1 };
  const made = { x, bound, grain };
  return exact(made) ? made : { x: blur(x), bound, grain: 0 };
}
/** A float of moderate size: larger ones are squashed first, so that nothing overflows. */
export function moderate(item: Item, context: Context, limit = biggest): Item {
  const x = item.x.cast("float32");
  if (item.bound <= limit) return { ...item, x };
  return { x: context.blur(x.mul(1 / item.bound)), bound: 1, grain: 0 };
}
/** Operands of a sum of many terms: where the result is not exact, each term is off by a bit, not only the sum. */
export const terms = (item: Item, bound: number, grain: number, { blur }: Context): Tensor =>
  isFloat(item) && !exact({ ...item, bound, grain }) ? blur(item.x) : item.x;

/** Whether shapes broadcast. */
export const fits = (a: readonly number[], b: readonly number[]): boolean => {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [p, q] = [a[a.length - i], b[b.length - i]];
    if (p !== q && p !== 1 && q !== 1) return false;
  }
  return true;
};
