import { checkShape, describe, integer } from "../check.js";
import type { Node } from "../node.js";
import { sliceAt } from "../ops/movement.js";
import type { Shape } from "../shape.js";
import { shapeOf, show, stridesOf } from "../shape.js";

/** The shape to which `from` is reshaped; one extent may be -1. */
export function resolveShape(from: Shape, shape: readonly number[]): Shape {
  const unknown = Array.isArray(shape) ? shape.indexOf(-1) : -1;
  const dims = unknown < 0 ? shape : shape.map((extent, i) => (i === unknown ? 1 : extent));
  checkShape("reshape", dims);
  let target = shapeOf(dims);
  if (unknown >= 0 && target.size > 0 && from.size % target.size === 0)
    target = shapeOf(dims.map((extent, i) => (i === unknown ? from.size / target.size : extent)));
  if (target.size !== from.size)
    throw new RangeError(`reshape: "shape" expected ${from.size} elements like ${show(from)}, got ${show(shape)}`);
  return target;
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
