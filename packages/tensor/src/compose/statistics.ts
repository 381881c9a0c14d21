import type { Node } from "../node.js";
import { literal } from "../node.js";
import { cast, div, equal, mul, sqrt, sub, where } from "../ops/elementwise.js";
import { reduce } from "../ops/reduce.js";

/** Number of elements along these axes. */
export function countAlong(x: Node, axes: readonly number[]): number {
  let count = 1;
  for (const axis of axes) count *= x.shape.dims[axis] as number;
  return count;
}

/** Mean along the axes in float32; they stay as extents of 1; the mean of nothing is NaN, as everywhere in the field. */
export function mean(x: Node, axes: readonly number[]): Node {
  return div(reduce("sum", cast(x, "float32"), axes), literal(countAlong(x, axes)));
}

/** Mean squared distance from the mean, with `count - correction` in the denominator. Two passes: no cancellation. */
export function variance(x: Node, axes: readonly number[], correction: number): Node {
  const centered = sub(x, mean(x, axes));
  return div(reduce("sum", mul(centered, centered), axes), literal(countAlong(x, axes) - correction));
}

/** Square root whose gradient at 0 is 0 instead of infinite: what norms and standard deviations need. */
export function safeSqrt(x: Node): Node {
  const zero = equal(x, literal(0));
  return where(zero, literal(0), sqrt(where(zero, literal(1), x)));
}
