import { axesOf, axisIndex, describe } from "../check.js";
import type { Node } from "../node.js";
import { reshape } from "../ops/movement.js";
import type { Reduction } from "../ops/reduce.js";
import { reduce, withoutAxes } from "../ops/reduce.js";
import { shapeOf, show } from "../shape.js";

/** Which axes to reduce, and whether they stay as extents of 1. */
export interface ReduceOptions {
  /** One axis, several, or all when left out; negative ones count from the back. */
  readonly axis?: number | readonly number[] | undefined;
  /** Keep the reduced axes with extent 1. @defaultValue false */
  readonly keepDims?: boolean | undefined;
}

/** A function along the axes that the options name. */
export function over(fn: string, x: Node, options: ReduceOptions, f: (x: Node, axes: readonly number[]) => Node): Node {
  checkOptions(fn, options);
  const axes = axesOf(fn, options.axis, x.shape.rank);
  return dropAxes(f(x, axes), axes, options);
}

/** One of the reductions along the axes that the options name. */
export function reduced(reduction: Reduction, x: Node, options: ReduceOptions, fn: string = reduction): Node {
  return over(fn, x, options, (x, axes) => {
    if (reduction !== "sum" && x.shape.size === 0) checkNotEmpty(fn, x, axes);
    return reduce(reduction, x, axes);
  });
}

/** argmax or argmin: along one axis, or of the flattened tensor. */
export function extremeIndex(
  reduction: "argmax" | "argmin",
  x: Node,
  options: { axis?: number | undefined; keepDims?: boolean | undefined },
): Node {
  checkOptions(reduction, options);
  const source = options.axis === undefined ? reshape(x, shapeOf([x.shape.size])) : x;
  const axes = [axisIndex(reduction, options.axis ?? 0, source.shape.rank)];
  checkNotEmpty(reduction, source, axes);
  return dropAxes(reduce(reduction, source, axes), axes, options);
}

/** `x.sum(0)`, as in other libraries, would otherwise sum everything in silence. */
function checkOptions(fn: string, options: object): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw new TypeError(`${fn}: "options" expected an object like { axis: 0 }, got ${describe(options)}`);
}

function dropAxes(x: Node, axes: readonly number[], { keepDims = false }: ReduceOptions): Node {
  return keepDims ? x : reshape(x, withoutAxes(x.shape, axes));
}

function checkNotEmpty(fn: string, { shape: { dims } }: Node, axes: readonly number[]): void {
  const empty = axes.find((axis) => dims[axis] === 0);
  if (empty !== undefined)
    throw new RangeError(`${fn}: "axis" expected an axis with elements, got axis ${empty} of shape ${show(dims)}`);
}
