import { axesOf, axisIndex, checkShape, describe, integer } from "../check.js";
import type { Node } from "../node.js";
import { expand as expandTo, permute, reshape as reshapeTo, sliceAt } from "../ops/movement.js";
import { withoutAxes } from "../ops/reduce.js";
import { broadcast, shapeOf, show, stridesOf } from "../shape.js";

/** The same elements under another shape; one extent may be -1. */
export function reshape(x: Node, shape: readonly number[]): Node {
  const from = x.shape;
  const unknown = Array.isArray(shape) ? shape.indexOf(-1) : -1;
  const dims = unknown < 0 ? shape : shape.map((extent, i) => (i === unknown ? 1 : extent));
  checkShape("reshape", dims);
  let target = shapeOf(dims);
  if (unknown >= 0 && target.size > 0 && from.size % target.size === 0)
    target = shapeOf(dims.map((extent, i) => (i === unknown ? from.size / target.size : extent)));
  if (target.size !== from.size)
    throw new RangeError(`reshape: "shape" expected ${from.size} elements like ${show(from)}, got ${show(shape)}`);
  return reshapeTo(x, target);
}

/** The axes in another order; reversed when no order is given. */
export function transpose(x: Node, order: readonly number[] | undefined): Node {
  const { rank } = x.shape;
  if (order === undefined) return permute(x, axesOf("transpose", undefined, rank).reverse());
  if (!Array.isArray(order))
    throw new TypeError(`transpose: "order" expected an array of axes, got ${describe(order)}`);
  const axes = order.map((axis) => axisIndex("transpose", axis, rank));
  if (axes.length !== rank || new Set(axes).size !== rank)
    throw new RangeError(`transpose: "order" expected each of the ${rank} axes once, got [${order}]`);
  return permute(x, axes);
}

/** All axes from `from` on joined into one. */
export function flatten(x: Node, from: number): Node {
  const { dims, rank } = x.shape;
  const axis = rank === 0 ? 0 : axisIndex("flatten", from, rank);
  const tail = dims.slice(axis).reduce((p, d) => p * d, 1);
  return reshapeTo(x, shapeOf([...dims.slice(0, axis), tail]));
}

/** Without an axis of extent 1, or without all of them. */
export function squeeze(x: Node, axis: number | undefined): Node {
  const { dims, rank } = x.shape;
  if (axis === undefined) return reshapeTo(x, shapeOf(dims.filter((extent) => extent !== 1)));
  const index = axisIndex("squeeze", axis, rank);
  if (dims[index] !== 1)
    throw new RangeError(`squeeze: "axis" expected an axis of extent 1, got ${axis} of shape ${show(dims)}`);
  return reshapeTo(x, withoutAxes(x.shape, [index]));
}

/** With a new axis of extent 1. */
export function unsqueeze(x: Node, axis: number): Node {
  const { dims, rank } = x.shape;
  const index = axisIndex("unsqueeze", axis, rank + 1);
  return reshapeTo(x, shapeOf([...dims.slice(0, index), 1, ...dims.slice(index)]));
}

/** Broadcast to a larger shape. */
export function expand(x: Node, shape: readonly number[]): Node {
  checkShape("expand", shape);
  const target = shapeOf(shape);
  if (broadcast(x.shape, target) !== target)
    throw new RangeError(
      `expand: "shape" expected a shape that ${show(x.shape.dims)} broadcasts to, got ${show(shape)}`,
    );
  return expandTo(x, target);
}

/** The box from `starts` to `ends`. */
export function slice(x: Node, starts: readonly number[], ends: readonly number[] | undefined): Node {
  const { dims, rank } = x.shape;
  for (const [name, bounds] of Object.entries({ starts, ends: ends ?? [] }))
    if (!Array.isArray(bounds))
      throw new TypeError(`slice: "${name}" expected an array of integers, got ${describe(bounds)}`);
  if (starts.length > rank || (ends !== undefined && ends.length > rank))
    throw new RangeError(
      `slice: "starts" and "ends" expected at most ${rank} bounds for shape ${show(dims)}, got ${starts.length} and ${ends?.length ?? 0}`,
    );
  const strides = stridesOf(dims);
  let offset = 0;
  const box = dims.map((extent, axis) => {
    const start = bound("starts", starts[axis] ?? 0, axis, extent);
    const end = bound("ends", ends?.[axis] ?? extent, axis, extent);
    if (end < start)
      throw new RangeError(`slice: "ends" expected a bound of at least the start ${start} on axis ${axis}, got ${end}`);
    offset += start * (strides[axis] as number);
    return end - start;
  });
  const target = shapeOf(box);
  return sliceAt(x, target, target.size === 0 ? 0 : offset);
}

function bound(name: string, value: number, axis: number, extent: number): number {
  integer("slice", name, value, -Number.MAX_SAFE_INTEGER);
  const index = value < 0 ? value + extent : value;
  if (index < 0 || index > extent)
    throw new RangeError(
      `slice: "${name}" expected a bound from ${-extent} to ${extent} on axis ${axis}, got ${value}`,
    );
  return index;
}
