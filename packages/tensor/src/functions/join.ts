import { axisIndex, checkShape, describe, integer } from "../check.js";
import { promote } from "../dtype.js";
import type { Node } from "../node.js";
import { cast, where as whereOf } from "../ops/elementwise.js";
import { concat as concatTwo, padAt } from "../ops/movement.js";
import { shapeOf, show, stridesOf } from "../shape.js";
import type { TensorLike } from "../tensor.js";
import { Tensor, toNode } from "../tensor.js";

/**
 * Elements of `x` where `condition` holds, else of `y`; all three broadcast. The side not taken gets gradient 0.
 *
 * @param condition - bool, or anything where not 0 counts as true
 * @param x - values where it holds
 * @param y - values where it does not
 * @throws RangeError when the shapes do not broadcast
 * @example
 * import { tensor, where } from "@downhill/tensor";
 * const x = tensor([-1, 2]);
 * await where(x.greater(0), x, 0).array(); // => [0, 2]
 */
export function where(condition: TensorLike, x: TensorLike, y: TensorLike): Tensor {
  const like = [x, y].find((each): each is Tensor => each instanceof Tensor)?.node;
  return new Tensor(
    whereOf(toNode("where", "condition", condition), toNode("where", "x", x, like), toNode("where", "y", y, like)),
  );
}

/**
 * Tensors one after the other along an existing axis.
 *
 * @param tensors - at least one; equal shapes but for that axis
 * @param axis - along which axis. Default 0
 * @throws RangeError when the list is empty or the shapes differ elsewhere
 * @example
 * import { concat, tensor } from "@downhill/tensor";
 * await concat([tensor([1, 2]), tensor([3])]).array(); // => [1, 2, 3]
 */
export function concat(tensors: readonly TensorLike[], axis = 0): Tensor {
  const nodes = nodesOf("concat", tensors);
  const first = nodes[0] as Node;
  const index = axisIndex("concat", axis, first.shape.rank);
  nodes.forEach((node, i) => {
    const fits =
      node.shape.rank === first.shape.rank &&
      node.shape.dims.every((extent, at) => at === index || extent === first.shape.dims[at]);
    if (!fits)
      throw new RangeError(
        `concat: "tensors" expected shapes like ${show(first.shape)} but for axis ${index}, got ${show(node.shape)} at position ${i}`,
      );
  });
  return new Tensor(join(nodes, index));
}

/**
 * Tensors of one shape along a new axis.
 *
 * @param tensors - at least one, all of one shape
 * @param axis - where the new axis goes. Default 0
 * @throws RangeError when the list is empty or the shapes differ
 * @example
 * import { stack, tensor } from "@downhill/tensor";
 * await stack([tensor([1, 2]), tensor([3, 4])]).array(); // => [[1, 2], [3, 4]]
 */
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  const nodes = nodesOf("stack", tensors);
  const { shape } = nodes[0] as Node;
  nodes.forEach((node, i) => {
    if (node.shape !== shape)
      throw new RangeError(
        `stack: "tensors" expected shapes like ${show(shape)}, got ${show(node.shape)} at position ${i}`,
      );
  });
  return concat(
    nodes.map((node) => new Tensor(node).unsqueeze(axis)),
    axis,
  );
}

/**
 * The tensor with `before` and `after` extra elements on every axis.
 *
 * @param x - `[...]`
 * @param amounts - `[before, after]` per axis, integers of at least 0
 * @param value - what the new elements hold. Default 0
 * @throws RangeError when there is not one pair per axis
 * @example
 * import { pad, tensor } from "@downhill/tensor";
 * await pad(tensor([1, 2]), [[1, 2]]).array(); // => [0, 1, 2, 0, 0]
 */
export function pad(x: TensorLike, amounts: readonly (readonly [number, number])[], value = 0): Tensor {
  const node = toNode("pad", "x", x);
  if (amounts.length !== node.shape.rank)
    throw new RangeError(`pad: "amounts" expected one pair per axis of ${show(node.shape)}, got ${amounts.length}`);
  for (const pair of amounts) for (const amount of pair) integer("pad", "amounts", amount, 0);
  const dims = node.shape.dims.map(
    (extent, i) => extent + (amounts[i] as [number, number])[0] + (amounts[i] as [number, number])[1],
  );
  checkShape("pad", dims);
  const strides = stridesOf(dims);
  const offset = amounts.reduce((sum, [before], i) => sum + before * (strides[i] as number), 0);
  return new Tensor(
    padAt(node, shapeOf(dims), node.shape.size === 0 ? 0 : offset, toNode("pad", "value", value, node)),
  );
}

function nodesOf(fn: string, tensors: readonly TensorLike[]): Node[] {
  if (!Array.isArray(tensors))
    throw new TypeError(`${fn}: "tensors" expected an array of tensors, got ${describe(tensors)}`);
  if (tensors.length === 0) throw new RangeError(`${fn}: "tensors" expected at least one tensor, got none`);
  const nodes = tensors.map((each) => toNode(fn, "tensors", each));
  const dtype = nodes.map((node) => node.dtype).reduce(promote);
  return nodes.map((node) => cast(node, dtype));
}

/** Joins halves, so that every element is copied log n times at most. */
function join(nodes: readonly Node[], axis: number): Node {
  if (nodes.length === 1) return nodes[0] as Node;
  const middle = nodes.length >> 1;
  return concatTwo(join(nodes.slice(0, middle), axis), join(nodes.slice(middle), axis), axis);
}
