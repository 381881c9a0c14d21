import { axesOf, axisIndex, describe, inRange } from "./check.js";
import { logSoftmax, logSumExp, sigmoid, softmax } from "./compose/activations.js";
import { matmul } from "./compose/matmul.js";
import type { ReduceOptions } from "./compose/reductions.js";
import { extremeIndex, over, reduced } from "./compose/reductions.js";
import * as shapes from "./compose/shapes.js";
import { mean } from "./compose/statistics.js";
import type { TensorData } from "./data.js";
import { isInt32, leafFrom } from "./data.js";
import type { DType } from "./dtype.js";
import type { Node } from "./node.js";
import { literal, numberNode, state, Tag } from "./node.js";
import * as e from "./ops/elementwise.js";
import { detach, detached, flip } from "./ops/movement.js";
import type { NestedNumbers } from "./read.js";
import { evaluated, nested, read, single, typed } from "./read.js";
import { backward } from "./runtime/backward.js";
import { evaluateNow, settle } from "./runtime/settle.js";

// The graph layer calls up into the runtime at two points.
state.settle = settle;
state.tooDeep = evaluateNow;

/** A tensor, or data that can become one: a number, a boolean, nested arrays of them, a typed array. */
export type TensorLike = Tensor | TensorData;

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
    return single(this.node, await read(this.node));
  }
  /** The values in row-major order as a new typed array: Float32Array, Int32Array, or Uint8Array for bool. */
  async data(): Promise<Float32Array | Int32Array | Uint8Array> {
    return typed(this.node, await read(this.node));
  }
  /** The values as nested arrays of numbers. */
  async array(): Promise<NestedNumbers> {
    return nested(this.node, await read(this.node));
  }
  /** Like {@link item}, at once, on engines that can: those that are built in. */
  itemSync(): number {
    return single(this.node, read(this.node, "item"));
  }
  /** Like {@link data}, at once, on engines that can. */
  dataSync(): Float32Array | Int32Array | Uint8Array {
    return typed(this.node, read(this.node, "data"));
  }
  /** Like {@link array}, at once, on engines that can. */
  arraySync(): NestedNumbers {
    return nested(this.node, read(this.node, "array"));
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
    return new Tensor(evaluateNow(detached(evaluated(this.node))));
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
    const { NEGATIVE_INFINITY: least, POSITIVE_INFINITY: most } = Number;
    inRange("clip", "low", low === least ? 0 : low, least, most);
    inRange("clip", "high", high === most ? 0 : high, least, most);
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
    return new Tensor(reduced("sum", this.node, options));
  }
  /** Mean along the axes, float32. */
  mean(options: ReduceOptions = {}): Tensor {
    return new Tensor(over("mean", this.node, options, mean));
  }
  /** Largest element along the axes; the gradient is shared equally by all that attain it. */
  max(options: ReduceOptions = {}): Tensor {
    return new Tensor(reduced("max", this.node, options));
  }
  /** Smallest element along the axes; the gradient is shared equally by all that attain it. */
  min(options: ReduceOptions = {}): Tensor {
    return new Tensor(reduced("min", this.node, options));
  }
  /** Index of the first largest element along one axis (or of the flattened tensor), int32. */
  argmax(options: { readonly axis?: number | undefined; readonly keepDims?: boolean | undefined } = {}): Tensor {
    return new Tensor(extremeIndex("argmax", this.node, options));
  }
  /** Index of the first smallest element along one axis (or of the flattened tensor), int32. */
  argmin(options: { readonly axis?: number | undefined; readonly keepDims?: boolean | undefined } = {}): Tensor {
    return new Tensor(extremeIndex("argmin", this.node, options));
  }
  /** Whether any element along the axes is not 0. */
  any(options: ReduceOptions = {}): Tensor {
    return this.each((x) => e.cast(reduced("max", e.cast(x, "bool"), options, "any"), "bool"));
  }
  /** Whether all elements along the axes are not 0. */
  all(options: ReduceOptions = {}): Tensor {
    return this.each((x) => e.cast(reduced("min", e.cast(x, "bool"), options, "all"), "bool"));
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
    return new Tensor(over("logSumExp", e.cast(this.node, "float32"), options, logSumExp));
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
    return new Tensor(shapes.reshape(this.node, shape));
  }
  /** Axes in another order; reversed when no order is given. */
  transpose(order?: readonly number[]): Tensor {
    return new Tensor(shapes.transpose(this.node, order));
  }
  /** All axes from `from` on joined into one. */
  flatten(from = 0): Tensor {
    return new Tensor(shapes.flatten(this.node, from));
  }
  /** Without an axis of extent 1; without all of them when none is named. */
  squeeze(axis?: number): Tensor {
    return new Tensor(shapes.squeeze(this.node, axis));
  }
  /** With a new axis of extent 1 at this place. */
  unsqueeze(axis: number): Tensor {
    return new Tensor(shapes.unsqueeze(this.node, axis));
  }
  /** Broadcast to a larger shape. */
  expand(shape: readonly number[]): Tensor {
    return new Tensor(shapes.expand(this.node, shape));
  }
  /** The box `starts[i] <= index < ends[i]` along the first axes; negative bounds count from the back. Moving a box makes no new plan. */
  slice(starts: readonly number[], ends?: readonly number[]): Tensor {
    return new Tensor(shapes.slice(this.node, starts, ends));
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
