import { axesOf, axisIndex, checkShape, describe, inRange } from "./check.js";
import { logSoftmax, logSumExp, sigmoid, softmax } from "./compose/activations.js";
import { matmul } from "./compose/matmul.js";
import { resolveShape, slice } from "./compose/shapes.js";
import { mean } from "./compose/statistics.js";
import type { TensorData } from "./data.js";
import { isInt32, leafFrom } from "./data.js";
import type { DType, HostArray } from "./dtype.js";
import type { Node } from "./node.js";
import { literal, numberNode, state, Tag } from "./node.js";
import * as e from "./ops/elementwise.js";
import { detach, detached, expand, flip, permute, reshape } from "./ops/movement.js";
import type { Reduction } from "./ops/reduce.js";
import { reduce, withoutAxes } from "./ops/reduce.js";
import { backward, evaluateNodes } from "./runtime/backward.js";
import { currentLauncher } from "./runtime/engines.js";
import { evaluateNow, settle } from "./runtime/settle.js";
import { broadcast, shapeOf, show, stridesOf } from "./shape.js";

// The graph layer calls up into the runtime at two points.
state.settle = settle;
state.tooDeep = evaluateNow;

/** A tensor, or data that can become one: a number, a boolean, nested arrays of them, a typed array. */
export type TensorLike = Tensor | TensorData;

/** Nested arrays of numbers, as `array()` returns them; a plain number for a scalar. */
export type NestedNumbers = number | NestedNumbers[];

/** Which axes to reduce, and whether they stay as extents of 1. */
export interface ReduceOptions {
  /** One axis, several, or all when left out; negative ones count from the back. */
  readonly axis?: number | readonly number[] | undefined;
  /** Keep the reduced axes with extent 1. @defaultValue false */
  readonly keepDims?: boolean | undefined;
}

/**
 * An n-dimensional array that is computed when it is read, with automatic differentiation. Made by `tensor()`, `zeros()`
 * and their kin; every operation gives a new tensor and there is nothing to free. Elementwise operations broadcast as in
 * numpy.
 *
 * @example
 * import { tensor } from "@downhill/tensor";
 * const x = tensor([[1, 2], [3, 4]]);
 * await x.mul(2).add([10, 20]).array(); // => [[12, 24], [16, 28]]
 */
export class Tensor {
  /** @internal */
  protected readonly held: Node;

  /** @internal Tensors are made by functions like `tensor()`. */
  constructor(node: Node) {
    this.held = node;
  }

  /** @internal The node of the graph. */
  get node(): Node {
    return this.held;
  }
  /** Extent of every axis. */
  get shape(): readonly number[] {
    return this.node.shape.dims;
  }
  /** Type of the elements. */
  get dtype(): DType {
    return this.node.dtype;
  }
  /** Number of axes. */
  get rank(): number {
    return this.node.shape.rank;
  }
  /** Number of elements. */
  get size(): number {
    return this.node.shape.size;
  }
  /** Whether a gradient can flow through this tensor to a parameter. */
  get requiresGrad(): boolean {
    return this.node.tracked;
  }
  /** The gradient of a parameter; null for every other tensor. */
  get grad(): Tensor | null {
    return null;
  }

  // --- reading ----------------------------------------------------------------------------------------------------
  /** The value of a tensor with one element. */
  async item(): Promise<number> {
    return single(this, await read(this));
  }
  /** The values in row-major order as a new typed array: Float32Array, Int32Array, or Uint8Array for bool. */
  async data(): Promise<Float32Array | Int32Array | Uint8Array> {
    return typed(this, await read(this));
  }
  /** The values as nested arrays of numbers. */
  async array(): Promise<NestedNumbers> {
    return nested(this, await read(this));
  }
  /** Like {@link item}, at once, on engines that can: those that are built in. */
  itemSync(): number {
    return single(this, read(this, "item"));
  }
  /** Like {@link data}, at once, on engines that can. */
  dataSync(): Float32Array | Int32Array | Uint8Array {
    return typed(this, read(this, "data"));
  }
  /** Like {@link array}, at once, on engines that can. */
  arraySync(): NestedNumbers {
    return nested(this, read(this, "array"));
  }

  // --- differentiation --------------------------------------------------------------------------------------------
  /** Adds the gradient of this scalar to the `grad` of every parameter that it depends on. */
  backward(): void {
    backward(this.node);
  }
  /** The same values, cut from differentiation. */
  detach(): Tensor {
    return new Tensor(detach(this.node));
  }
  /** A copy of the values as they are now; later updates of parameters do not change it. */
  clone(): Tensor {
    return new Tensor(evaluateNow(detached(evaluated(this))));
  }

  // --- arithmetic -------------------------------------------------------------------------------------------------
  /** `x + other` */
  add(other: TensorLike): Tensor {
    return this.with(other, "add", e.add);
  }
  /** `x - other` */
  sub(other: TensorLike): Tensor {
    return this.with(other, "sub", e.sub);
  }
  /** `x · other`, elementwise */
  mul(other: TensorLike): Tensor {
    return this.with(other, "mul", e.mul);
  }
  /** `x / other`, always float32 */
  div(other: TensorLike): Tensor {
    return this.with(other, "div", e.div);
  }
  /** `x ^ other`, always float32 */
  pow(other: TensorLike): Tensor {
    if (other === 2) return this.cast("float32").square();
    return this.with(other, "pow", e.pow);
  }
  /** The larger of two, elementwise; NaN if either is. At ties each side gets half of the gradient. */
  maximum(other: TensorLike): Tensor {
    return this.with(other, "maximum", e.maximum);
  }
  /** The smaller of two, elementwise; NaN if either is. At ties each side gets half of the gradient. */
  minimum(other: TensorLike): Tensor {
    return this.with(other, "minimum", e.minimum);
  }
  /** `-x` */
  neg(): Tensor {
    return this.each(e.neg);
  }
  /** `|x|`; gradient 0 at 0 */
  abs(): Tensor {
    return this.each(e.abs);
  }
  /** -1, 0 or 1; gradient 0 */
  sign(): Tensor {
    return this.each(e.sign);
  }
  /** `e^x` */
  exp(): Tensor {
    return this.each(e.exp);
  }
  /** `e^x - 1`, accurate near 0 */
  expm1(): Tensor {
    return this.each(e.expm1);
  }
  /** Natural logarithm; -Infinity at 0, NaN below */
  log(): Tensor {
    return this.each((x) => {
      const result = e.log(x);
      if (x.tag === Tag.softmax) result.tag = Tag.logProbability;
      return result;
    });
  }
  /** `log(1 + x)`, accurate near 0 */
  log1p(): Tensor {
    return this.each(e.log1p);
  }
  /** Square root; NaN below 0, infinite gradient at 0 */
  sqrt(): Tensor {
    return this.each(e.sqrt);
  }
  /** `x²` */
  square(): Tensor {
    return this.each((x) => e.mul(x, x));
  }
  /** `1 / x` */
  reciprocal(): Tensor {
    return this.each((x) => e.div(literal(1), x));
  }
  /** Sine of radians */
  sin(): Tensor {
    return this.each(e.sin);
  }
  /** Cosine of radians */
  cos(): Tensor {
    return this.each(e.cos);
  }
  /** Hyperbolic tangent */
  tanh(): Tensor {
    return this.each(e.tanh);
  }
  /** `1 / (1 + e^-x)` */
  sigmoid(): Tensor {
    return this.each(sigmoid);
  }
  /** Error function */
  erf(): Tensor {
    return this.each(e.erf);
  }
  /** `max(x, 0)`; gradient 0 at 0 */
  relu(): Tensor {
    return this.each(e.relu);
  }
  /** Largest integer not above x; gradient 0 */
  floor(): Tensor {
    return this.each(e.floor);
  }
  /** Smallest integer not below x; gradient 0 */
  ceil(): Tensor {
    return this.each(e.ceil);
  }
  /** Nearest integer, halves to the even one; gradient 0 */
  round(): Tensor {
    return this.each(e.round);
  }
  /** x cut to `low <= x <= high`; gradient 1 inside and at the ends, 0 outside. Either end may be -Infinity or Infinity. */
  clip(low: number, high: number): Tensor {
    inRange(
      "clip",
      "low",
      low === Number.NEGATIVE_INFINITY ? 0 : low,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    );
    inRange(
      "clip",
      "high",
      high === Number.POSITIVE_INFINITY ? 0 : high,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    );
    if (low > high) throw new RangeError(`clip: "high" expected a number of at least "low" ${low}, got ${high}`);
    const x = this.node;
    return new Tensor(e.clip(x, toNode("clip", "low", low, x), toNode("clip", "high", high, x)));
  }

  // --- comparison -------------------------------------------------------------------------------------------------
  /** Where `x = other` */
  equal(other: TensorLike): Tensor {
    return this.with(other, "equal", e.equal);
  }
  /** Where `x ≠ other` */
  notEqual(other: TensorLike): Tensor {
    return this.with(other, "notEqual", e.notEqual);
  }
  /** Where `x < other` */
  less(other: TensorLike): Tensor {
    return this.with(other, "less", e.less);
  }
  /** Where `x ≤ other` */
  lessEqual(other: TensorLike): Tensor {
    return this.with(other, "lessEqual", e.lessEqual);
  }
  /** Where `x > other` */
  greater(other: TensorLike): Tensor {
    return this.with(other, "greater", (x, y) => e.less(y, x));
  }
  /** Where `x ≥ other` */
  greaterEqual(other: TensorLike): Tensor {
    return this.with(other, "greaterEqual", (x, y) => e.lessEqual(y, x));
  }
  /** Where both are not 0 */
  logicalAnd(other: TensorLike): Tensor {
    return this.with(other, "logicalAnd", (x, y) => e.where(e.cast(x, "bool"), e.cast(y, "bool"), literal(0, "bool")));
  }
  /** Where one or both are not 0 */
  logicalOr(other: TensorLike): Tensor {
    return this.with(other, "logicalOr", (x, y) => e.where(e.cast(x, "bool"), literal(1, "bool"), e.cast(y, "bool")));
  }
  /** Where x is 0 */
  logicalNot(): Tensor {
    return this.each((x) => e.equal(x, literal(0, x.dtype)));
  }
  /** The values as another dtype; int32 cuts fractions, bool is "not 0". */
  cast(dtype: DType): Tensor {
    if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool")
      throw new RangeError(`cast: "dtype" expected "float32", "int32" or "bool", got ${describe(dtype)}`);
    return this.each((x) => e.cast(x, dtype));
  }

  // --- reduction --------------------------------------------------------------------------------------------------
  /** Sum along the axes; bool is counted as int32. */
  sum(options: ReduceOptions = {}): Tensor {
    return this.reduced("sum", options);
  }
  /** Mean along the axes, float32. */
  mean(options: ReduceOptions = {}): Tensor {
    return this.over("mean", options, mean);
  }
  /** Largest element along the axes; the gradient is shared equally by all that attain it. */
  max(options: ReduceOptions = {}): Tensor {
    return this.reduced("max", options);
  }
  /** Smallest element along the axes; the gradient is shared equally by all that attain it. */
  min(options: ReduceOptions = {}): Tensor {
    return this.reduced("min", options);
  }
  /** Index of the first largest element along one axis (or of the flattened tensor), int32. */
  argmax(options: { readonly axis?: number | undefined; readonly keepDims?: boolean | undefined } = {}): Tensor {
    return this.extremeIndex("argmax", options);
  }
  /** Index of the first smallest element along one axis (or of the flattened tensor), int32. */
  argmin(options: { readonly axis?: number | undefined; readonly keepDims?: boolean | undefined } = {}): Tensor {
    return this.extremeIndex("argmin", options);
  }
  /** Whether any element along the axes is not 0. */
  any(options: ReduceOptions = {}): Tensor {
    return this.cast("bool").reduced("max", options, "any").cast("bool");
  }
  /** Whether all elements along the axes are not 0. */
  all(options: ReduceOptions = {}): Tensor {
    return this.cast("bool").reduced("min", options, "all").cast("bool");
  }
  /** softmax along `axis` (default last): positive, sums to 1. */
  softmax(axis = -1): Tensor {
    return this.along("softmax", axis, softmax);
  }
  /** log(softmax) along `axis` (default last), accurate for small probabilities. */
  logSoftmax(axis = -1): Tensor {
    return this.along("logSoftmax", axis, logSoftmax);
  }
  /** log(sum(exp(x))) along the axes, without overflow. */
  logSumExp(options: ReduceOptions = {}): Tensor {
    return this.cast("float32").over("logSumExp", options, logSumExp);
  }

  // --- shape ------------------------------------------------------------------------------------------------------
  /**
   * Matrix product; `[..., m, k]` with `[..., k, n]`, leading axes broadcast. A vector counts as a row on the left and as a
   * column on the right, and that axis is dropped.
   */
  matmul(other: TensorLike): Tensor {
    return new Tensor(matmul(this.node, toNode("matmul", "other", other)));
  }
  /** The same elements under another shape; one extent may be -1 and follows from the others. */
  reshape(shape: readonly number[]): Tensor {
    return new Tensor(reshape(this.node, resolveShape(this.node.shape, shape)));
  }
  /** Axes in another order; reversed when no order is given. */
  transpose(order?: readonly number[]): Tensor {
    if (order === undefined) return new Tensor(permute(this.node, axesOf("transpose", undefined, this.rank).reverse()));
    if (!Array.isArray(order))
      throw new TypeError(`transpose: "order" expected an array of axes, got ${describe(order)}`);
    const axes = order.map((axis) => axisIndex("transpose", axis, this.rank));
    if (axes.length !== this.rank || new Set(axes).size !== this.rank)
      throw new RangeError(`transpose: "order" expected each of the ${this.rank} axes once, got [${order}]`);
    return new Tensor(permute(this.node, axes));
  }
  /** All axes from `from` on joined into one. */
  flatten(from = 0): Tensor {
    const axis = this.rank === 0 ? 0 : axisIndex("flatten", from, this.rank);
    const tail = this.shape.slice(axis).reduce((p, d) => p * d, 1);
    return new Tensor(reshape(this.node, shapeOf([...this.shape.slice(0, axis), tail])));
  }
  /** Without an axis of extent 1; without all of them when none is named. */
  squeeze(axis?: number): Tensor {
    if (axis === undefined) return new Tensor(reshape(this.node, shapeOf(this.shape.filter((extent) => extent !== 1))));
    const index = axisIndex("squeeze", axis, this.rank);
    if (this.shape[index] !== 1)
      throw new RangeError(`squeeze: "axis" expected an axis of extent 1, got ${axis} of shape ${show(this.shape)}`);
    return new Tensor(reshape(this.node, withoutAxes(this.node.shape, [index])));
  }
  /** With a new axis of extent 1 at this place. */
  unsqueeze(axis: number): Tensor {
    const index = axisIndex("unsqueeze", axis, this.rank + 1);
    return new Tensor(reshape(this.node, shapeOf([...this.shape.slice(0, index), 1, ...this.shape.slice(index)])));
  }
  /** Broadcast to a larger shape. */
  expand(shape: readonly number[]): Tensor {
    checkShape("expand", shape);
    const target = shapeOf(shape);
    if (broadcast(this.node.shape, target) !== target)
      throw new RangeError(
        `expand: "shape" expected a shape that ${show(this.shape)} broadcasts to, got ${show(shape)}`,
      );
    return new Tensor(expand(this.node, target));
  }
  /** The box `starts[i] <= index < ends[i]` along the first axes; negative bounds count from the back. Moving a box makes no new plan. */
  slice(starts: readonly number[], ends?: readonly number[]): Tensor {
    return new Tensor(slice(this.node, starts, ends));
  }
  /** Elements in reverse order along the axes (all of them by default). */
  flip(axis?: number | readonly number[]): Tensor {
    return new Tensor(flip(this.node, axesOf("flip", axis, this.rank)));
  }

  // --- shared forms -----------------------------------------------------------------------------------------------
  private each(f: (x: Node) => Node): Tensor {
    return new Tensor(f(this.node));
  }
  private with(other: TensorLike, fn: string, f: (x: Node, y: Node) => Node): Tensor {
    const x = this.node;
    return new Tensor(f(x, other instanceof Tensor ? other.node : toNode(fn, "other", other, x)));
  }
  private along(fn: string, axis: number, f: (x: Node, axis: number) => Node): Tensor {
    return new Tensor(f(e.cast(this.node, "float32"), axisIndex(fn, axis, this.rank)));
  }
  private over(fn: string, options: ReduceOptions, f: (x: Node, axes: readonly number[]) => Node): Tensor {
    checkOptions(fn, options);
    const axes = axesOf(fn, options.axis, this.rank);
    return new Tensor(dropAxes(f(this.node, axes), axes, options));
  }
  private reduced(reduction: Reduction, options: ReduceOptions, fn: string = reduction): Tensor {
    return this.over(fn, options, (x, axes) => {
      if (reduction !== "sum" && this.size === 0) checkNotEmpty(fn, this.shape, axes);
      return reduce(reduction, x, axes);
    });
  }
  private extremeIndex(
    reduction: "argmax" | "argmin",
    options: { axis?: number | undefined; keepDims?: boolean | undefined },
  ): Tensor {
    checkOptions(reduction, options);
    const source = options.axis === undefined ? reshape(this.node, shapeOf([this.size])) : this.node;
    const axes = [axisIndex(reduction, options.axis ?? 0, source.shape.rank)];
    checkNotEmpty(reduction, source.shape.dims, axes);
    return new Tensor(dropAxes(reduce(reduction, source, axes), axes, options));
  }
}

function evaluated({ node }: Tensor): Node {
  if (node.value === null) evaluateNodes([node]);
  return node;
}

/** The values as they are now: later, or at once for the function `${fn}Sync`. */
function read(x: Tensor): HostArray | Promise<HostArray>;
function read(x: Tensor, fn: string): HostArray;
function read(x: Tensor, fn?: string): HostArray | Promise<HostArray> {
  return currentLauncher().read(evaluated(x), fn);
}

function single(x: Tensor, values: HostArray): number {
  if (values.length !== 1)
    throw new RangeError(`item: "tensor" expected one element, got shape ${show(x.shape)}; use data() or array()`);
  return values[0] as number;
}

function typed({ dtype }: Tensor, values: HostArray): Float32Array | Int32Array | Uint8Array {
  if (dtype === "bool") return Uint8Array.from(values);
  return values instanceof Float64Array ? Float32Array.from(values) : values;
}

function nested({ shape, rank }: Tensor, values: HostArray): NestedNumbers {
  const strides = stridesOf(shape);
  const nest = (axis: number, start: number): NestedNumbers =>
    axis === rank
      ? (values[start] as number)
      : Array.from({ length: shape[axis] as number }, (_, i) => nest(axis + 1, start + i * (strides[axis] as number)));
  return nest(0, 0);
}

/** `x.sum(0)`, as in other libraries, would otherwise sum everything in silence. */
function checkOptions(fn: string, options: object): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw new TypeError(`${fn}: "options" expected an object like { axis: 0 }, got ${describe(options)}`);
}

function dropAxes(x: Node, axes: readonly number[], { keepDims = false }: ReduceOptions): Node {
  return keepDims ? x : reshape(x, withoutAxes(x.shape, axes));
}

function checkNotEmpty(fn: string, shape: readonly number[], axes: readonly number[]): void {
  const empty = axes.find((axis) => shape[axis] === 0);
  if (empty !== undefined)
    throw new RangeError(`${fn}: "axis" expected an axis with elements, got axis ${empty} of shape ${show(shape)}`);
}

/** The node of a tensor or of data; a number takes the dtype of `like` where that loses nothing. */
export function toNode(fn: string, name: string, value: TensorLike, like?: Node): Node {
  if (value instanceof Tensor) return value.node;
  if (typeof value === "number") {
    const integer = like !== undefined && like.dtype !== "float32" && isInt32(value);
    return numberNode(value, integer ? "int32" : "float32");
  }
  if (typeof value === "boolean" || (typeof value === "object" && value !== null)) {
    if ("node" in Object(value) && !Array.isArray(value))
      throw new TypeError(
        `${fn}: "${name}" expected a Tensor of this copy of @downhill/tensor, got one of another copy; make sure that only one version is installed`,
      );
    return leafFrom(fn, value);
  }
  throw new TypeError(`${fn}: "${name}" expected a tensor, a number or arrays of numbers, got ${describe(value)}`);
}
