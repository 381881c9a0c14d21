import { axisIndex, describe, integer } from "../check.js";
import { hostValues } from "../inspect.js";
import type { Node } from "../node.js";
import { literal } from "../node.js";
import { cast } from "../ops/elementwise.js";
import * as ops from "../ops/indexing.js";
import { expand, permute, reshape, sliceAt } from "../ops/movement.js";
import { withoutAxes } from "../ops/reduce.js";
import { shapeOf, show } from "../shape.js";
import type { TensorLike } from "../tensor.js";
import { Tensor, toNode } from "../tensor.js";

/**
 * Indices as int32, from 0 to `limit - 1`. Those known to JavaScript are checked here, and may be floats that are
 * integers; computed ones are checked when they are used.
 */
function indexNode(fn: string, value: TensorLike, limit: number, name = "indices"): Node {
  const node = toNode(fn, name, value);
  const known = node.op.kind === "number" ? [node.num] : hostValues(new Tensor(node));
  if (node.dtype === "bool" || (node.dtype === "float32" && known === null))
    throw new TypeError(`${fn}: "${name}" expected int32, got ${node.dtype}; use cast("int32")`);
  if (known !== null)
    for (let i = 0; i < known.length; i++) {
      const index = known[i] as number;
      if (Number.isInteger(index) && index >= 0 && index < limit) continue;
      throw new RangeError(`${fn}: "${name}" expected integers from 0 to ${limit - 1}, got ${index} at position ${i}`);
    }
  return cast(node, "int32");
}

/**
 * Slices of `x` along an axis: `x[..., indices, ...]`; the rows of an embedding table.
 *
 * @param x - `[...]`
 * @param indices - int32 of any shape, from 0 to the extent of the axis - 1
 * @param axis - which axis. Default 0
 * @returns the axis of `x` replaced by the shape of `indices`
 * @throws RangeError when an index is out of range, naming it
 * @example
 * import { take, tensor } from "@downhill/tensor";
 * await take(tensor([[1, 2], [3, 4]]), [1, 0, 1]).array(); // => [[3, 4], [1, 2], [3, 4]]
 */
export function take(x: TensorLike, indices: TensorLike, axis = 0): Tensor {
  const node = toNode("take", "x", x);
  const at = axisIndex("take", axis, node.shape.rank);
  const index = indexNode("take", indices, node.shape.dims[at] as number);
  return new Tensor(ops.gather(node, index, ops.gatherAttribute(node.shape, at, index.shape, true)));
}

/**
 * One element per index: `out[i][j] = x[indices[i][j]][j]` for axis 0, and so on.
 *
 * @param x - `[...]`
 * @param indices - int32, of the shape of `x` but for the axis
 * @param axis - which axis
 * @returns the shape of `indices`
 * @throws RangeError when the shapes differ elsewhere or an index is out of range
 * @example
 * import { gather, tensor } from "@downhill/tensor";
 * await gather(tensor([[1, 2], [3, 4]]), [[0], [1]], 1).array(); // => [[1], [4]]
 */
export function gather(x: TensorLike, indices: TensorLike, axis: number): Tensor {
  const node = toNode("gather", "x", x);
  const at = axisIndex("gather", axis, node.shape.rank);
  const index = indexNode("gather", indices, node.shape.dims[at] as number);
  checkIndexShape("gather", index, node.shape.dims, at, '"x"');
  return new Tensor(ops.gather(node, index, ops.gatherAttribute(node.shape, at, index.shape, false)));
}

/**
 * The reverse of {@link gather}: an array of zeros with `extent` places along the axis, to which every element of `x` is
 * added at its index.
 *
 * @param x - `[...]`
 * @param indices - int32, of the shape of `x`
 * @param axis - which axis
 * @param extent - places along the axis in the result
 * @throws RangeError when the shapes differ or an index is out of range
 * @example
 * import { scatterAdd, tensor } from "@downhill/tensor";
 * await scatterAdd(tensor([1, 2, 3]), [0, 2, 0], 0, 4).array(); // => [4, 0, 2, 0]
 */
export function scatterAdd(x: TensorLike, indices: TensorLike, axis: number, extent: number): Tensor {
  const node = toNode("scatterAdd", "x", x);
  const at = axisIndex("scatterAdd", axis, node.shape.rank);
  integer("scatterAdd", "extent", extent, 0, 2 ** 30);
  const index = indexNode("scatterAdd", indices, extent);
  if (index.shape !== node.shape)
    throw new RangeError(
      `scatterAdd: "indices" expected the shape of "x" ${show(node.shape)}, got ${show(index.shape)}`,
    );
  const target = shapeOf(node.shape.dims.map((size, i) => (i === at ? extent : size)));
  return new Tensor(ops.scatterAdd(node, index, ops.gatherAttribute(target, at, index.shape, false)));
}

/**
 * One entry per row of the last axis: `out[...] = x[..., index[...]]`. Fuses with its neighbours, unlike {@link gather}.
 *
 * @param x - `[..., c]`
 * @param indices - int32 `[...]`, from 0 to c - 1
 * @returns `[...]`
 * @throws RangeError when the shapes differ or an index is out of range
 * @example
 * import { pick, tensor } from "@downhill/tensor";
 * await pick(tensor([[1, 2], [3, 4]]), [1, 0]).array(); // => [2, 3]
 */
export function pick(x: TensorLike, indices: TensorLike): Tensor {
  const node = toNode("pick", "x", x);
  if (node.shape.rank === 0) throw new RangeError('pick: "x" expected at least one axis, got a scalar');
  const index = indexNode("pick", indices, node.shape.dims.at(-1) as number);
  const rows = withoutAxes(node.shape, [node.shape.rank - 1]);
  if (index.shape !== rows)
    throw new RangeError(
      `pick: "indices" expected shape ${show(rows)} (that of "x" without the last axis), got ${show(index.shape)}`,
    );
  return new Tensor(reshape(ops.pick(node, index), rows));
}

/**
 * Rows of zeros with a one at the index.
 *
 * @param labels - int32 `[...]`, from 0 to classes - 1
 * @param classes - length of a row
 * @returns float32 `[..., classes]`
 * @throws RangeError when a label is out of range, naming it
 * @example
 * import { oneHot } from "@downhill/tensor";
 * await oneHot([1, 0], 3).array(); // => [[0, 1, 0], [1, 0, 0]]
 */
export function oneHot(labels: TensorLike, classes: number): Tensor {
  integer("oneHot", "classes", classes, 1, 2 ** 30);
  const index = indexNode("oneHot", labels, classes, "labels");
  const one = expand(literal(1), shapeOf([...index.shape.dims, 1]));
  return new Tensor(ops.place(one, index, shapeOf([...index.shape.dims, classes])));
}

/** Options of {@link sort} and {@link argsort}. */
export interface SortOptions {
  /** Which axis. @defaultValue the last */
  readonly axis?: number | undefined;
  /** From large to small. @defaultValue false */
  readonly descending?: boolean | undefined;
}

/**
 * The order that sorts an axis: stable, NaN counts as the largest.
 *
 * @param x - `[...]`
 * @param options - axis (last by default), descending
 * @returns int32, the shape of `x`
 * @throws RangeError when there is no such axis
 * @example
 * import { argsort, tensor } from "@downhill/tensor";
 * await argsort(tensor([3, 1, 2])).array(); // => [1, 2, 0]
 */
export function argsort(x: TensorLike, options: SortOptions = {}): Tensor {
  const node = toNode("argsort", "x", x);
  return new Tensor(sorted("argsort", node, options).order);
}

/** Elements and where they came from. */
export interface Sorted {
  /** The elements. */
  readonly values: Tensor;
  /** Their int32 positions along the axis. */
  readonly indices: Tensor;
}

/**
 * The elements of an axis in order: stable, NaN counts as the largest.
 *
 * @param x - `[...]`
 * @param options - axis (last by default), descending
 * @returns `values` and the int32 `indices` that they came from, in the shape of `x`
 * @throws RangeError when there is no such axis
 * @example
 * import { sort, tensor } from "@downhill/tensor";
 * const { values, indices } = sort(tensor([3, 1, 2]), { descending: true });
 * await values.array(); // => [3, 2, 1]
 * await indices.array(); // => [0, 2, 1]
 */
export function sort(x: TensorLike, options: SortOptions = {}): Sorted {
  const node = toNode("sort", "x", x);
  const { order, axis } = sorted("sort", node, options);
  const values = ops.gather(node, order, ops.gatherAttribute(node.shape, axis, order.shape, false));
  return { values: new Tensor(values), indices: new Tensor(order) };
}

/** Options of {@link topK}. */
export interface TopKOptions {
  /** Which axis. @defaultValue the last */
  readonly axis?: number | undefined;
  /** The largest ones; the smallest when false. @defaultValue true */
  readonly largest?: boolean | undefined;
}

/**
 * The k largest (or smallest) elements along an axis, in order.
 *
 * @param x - `[...]`
 * @param k - how many, from 0 to the extent of the axis
 * @param options - axis (last by default), largest (true by default)
 * @returns `values` and the int32 `indices` that they came from, the axis shortened to k
 * @throws RangeError when k is out of range
 * @example
 * import { tensor, topK } from "@downhill/tensor";
 * const { values, indices } = topK(tensor([3, 1, 2]), 2);
 * await values.array(); // => [3, 2]
 * await indices.array(); // => [0, 2]
 */
export function topK(x: TensorLike, k: number, options: TopKOptions = {}): Sorted {
  const node = toNode("topK", "x", x);
  const { order, axis } = sorted("topK", node, { axis: options.axis, descending: options.largest ?? true });
  integer("topK", "k", k, 0, node.shape.dims[axis]);
  const first = sliceAt(order, shapeOf(node.shape.dims.map((extent, i) => (i === axis ? k : extent))), 0);
  const values = ops.gather(node, first, ops.gatherAttribute(node.shape, axis, first.shape, false));
  return { values: new Tensor(values), indices: new Tensor(first) };
}

/**
 * Running sums along an axis.
 *
 * @param x - `[...]`
 * @param options - axis (last by default)
 * @returns the shape of `x`
 * @throws RangeError when there is no such axis
 * @example
 * import { cumsum, tensor } from "@downhill/tensor";
 * await cumsum(tensor([1, 2, 3])).array(); // => [1, 3, 6]
 */
export function cumsum(x: TensorLike, options: { readonly axis?: number | undefined } = {}): Tensor {
  const node = toNode("cumsum", "x", x);
  const summed = node.dtype === "bool" ? cast(node, "int32") : node;
  return new Tensor(ops.cumsum(summed, axisIndex("cumsum", options.axis ?? -1, node.shape.rank)));
}

/** The order along an axis; the kernel sorts the last one. */
function sorted(fn: string, x: Node, options: SortOptions): { order: Node; axis: number } {
  const { descending = false } = options;
  if (typeof descending !== "boolean")
    throw new TypeError(`${fn}: "descending" expected a boolean, got ${describe(descending)}`);
  const axis = axisIndex(fn, options.axis ?? -1, x.shape.rank);
  const source = x.dtype === "bool" ? cast(x, "int32") : x;
  const swap = source.shape.dims.map((_, i) =>
    i === axis ? source.shape.rank - 1 : i === source.shape.rank - 1 ? axis : i,
  );
  return { order: permute(ops.argsort(permute(source, swap), descending), swap), axis };
}

function checkIndexShape(fn: string, index: Node, dims: readonly number[], axis: number, name: string): void {
  const fits =
    index.shape.rank === dims.length && index.shape.dims.every((extent, i) => i === axis || extent === dims[i]);
  if (!fits)
    throw new RangeError(
      `${fn}: "indices" expected the shape of ${name} ${show(dims)} but for axis ${axis}, got ${show(index.shape)}`,
    );
}
