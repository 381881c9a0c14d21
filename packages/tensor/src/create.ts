import { checkShape, describe, inRange, integer } from "./check.js";
import type { TensorData } from "./data.js";
import { isInt32, leafFrom, leafOf } from "./data.js";
import type { DType } from "./dtype.js";
import { literal, numberNode } from "./node.js";
import { expand } from "./ops/movement.js";
import type { Parameter } from "./parameter.js";
import { parameter } from "./parameter.js";
import { shapeOf } from "./shape.js";
import { Tensor } from "./tensor.js";

/** Options of {@link tensor}. */
export interface TensorOptions {
  /** Extents; those of the data when left out. */
  readonly shape?: readonly number[] | undefined;
  /** Type of the elements. @defaultValue float32 for numbers and float arrays, int32 for integer arrays, bool for booleans */
  readonly dtype?: DType | undefined;
  /** Collect gradients: gives a {@link Parameter}. @defaultValue false */
  readonly requiresGrad?: boolean | undefined;
}

/**
 * A tensor with a copy of `data`.
 *
 * @param data - a number, a boolean, nested arrays of them (all rows of equal length), or a typed array
 * @param options - shape, dtype, requiresGrad
 * @throws RangeError when rows are ragged (naming the row), when shape and data do not fit, or for fractions in int32;
 * TypeError when an entry is no number
 * @example
 * import { tensor } from "@downhill/tensor";
 * tensor([[1, 2, 3], [4, 5, 6]]).shape; // => [2, 3]
 * tensor(new Int32Array([1, 2])).dtype; // => "int32"
 * tensor([[1, 2], [3]]); // throws RangeError: tensor: "data" expected rows of length 2 like the first, got length 1 at [1]
 */
export function tensor(data: TensorData, options: TensorOptions & { readonly requiresGrad: true }): Parameter;
export function tensor(data: TensorData, options?: TensorOptions): Tensor;
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  checkDType("tensor", options.dtype);
  if (options.shape !== undefined) checkShape("tensor", options.shape);
  if (options.requiresGrad) return parameter(data, { shape: options.shape, dtype: options.dtype });
  return new Tensor(leafFrom("tensor", data, options.shape, options.dtype));
}

/** Options of {@link zeros}, {@link ones} and {@link full}. */
export interface FillOptions {
  /** Type of the elements. @defaultValue "float32" */
  readonly dtype?: DType | undefined;
}

/**
 * A tensor of zeros.
 *
 * @param shape - extents
 * @param options - dtype
 * @throws RangeError when an extent is no integer of at least 0
 * @example
 * import { zeros } from "@downhill/tensor";
 * await zeros([2, 2]).array(); // => [[0, 0], [0, 0]]
 */
export function zeros(shape: readonly number[], options: FillOptions = {}): Tensor {
  return constant("zeros", shape, 0, options.dtype);
}

/**
 * A tensor of ones.
 *
 * @param shape - extents
 * @param options - dtype
 * @throws RangeError when an extent is no integer of at least 0
 * @example
 * import { ones } from "@downhill/tensor";
 * await ones([3]).array(); // => [1, 1, 1]
 */
export function ones(shape: readonly number[], options: FillOptions = {}): Tensor {
  return constant("ones", shape, 1, options.dtype);
}

/**
 * A tensor of one value.
 *
 * @param shape - extents
 * @param value - the value
 * @param options - dtype
 * @throws RangeError when an extent is no integer of at least 0
 * @example
 * import { full } from "@downhill/tensor";
 * await full([2], 7).array(); // => [7, 7]
 */
export function full(shape: readonly number[], value: number, options: FillOptions = {}): Tensor {
  checkShape("full", shape);
  checkDType("full", options.dtype);
  if (typeof value !== "number") throw new TypeError(`full: "value" expected a number, got ${describe(value)}`);
  const { dtype = "float32" } = options;
  if (dtype === "int32" && !isInt32(value)) throw new RangeError(`full: "value" expected an int32 value, got ${value}`);
  return new Tensor(expand(numberNode(dtype === "bool" ? Number(value !== 0) : value, dtype), shapeOf(shape)));
}

/**
 * Zeros in the shape and dtype of another tensor.
 *
 * @param like - the other tensor
 * @example
 * import { ones, zerosLike } from "@downhill/tensor";
 * await zerosLike(ones([2])).array(); // => [0, 0]
 */
export function zerosLike(like: Tensor): Tensor {
  return constant("zerosLike", like.shape, 0, like.dtype);
}

/**
 * Ones in the shape and dtype of another tensor.
 *
 * @param like - the other tensor
 * @example
 * import { onesLike, zeros } from "@downhill/tensor";
 * await onesLike(zeros([2])).array(); // => [1, 1]
 */
export function onesLike(like: Tensor): Tensor {
  return constant("onesLike", like.shape, 1, like.dtype);
}

/**
 * The identity matrix.
 *
 * @param rows - number of rows
 * @param columns - number of columns, as many as rows by default
 * @throws RangeError when they are no integers of at least 0
 * @example
 * import { eye } from "@downhill/tensor";
 * await eye(2).array(); // => [[1, 0], [0, 1]]
 */
export function eye(rows: number, columns: number = rows): Tensor {
  checkShape("eye", [rows, columns]);
  return new Tensor(
    leafOf(shapeOf([rows, columns]), "float32", (values) => {
      for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
    }),
  );
}

/**
 * Numbers from `start` (included) to `stop` (excluded) in steps: int32 when all three are integers, else float32.
 *
 * @param start - first number; with one argument it is `stop` and the first number is 0
 * @param stop - end, not reached
 * @param step - distance, not 0. Default 1
 * @throws RangeError when an argument is not finite or `step` is 0
 * @example
 * import { arange } from "@downhill/tensor";
 * await arange(3).array(); // => [0, 1, 2]
 * await arange(1, 2, 0.5).array(); // => [1, 1.5]
 */
export function arange(start: number, stop?: number, step = 1): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  for (const [name, value] of Object.entries({ start: from, stop: to, step }))
    inRange("arange", name, value, -Infinity, Infinity);
  if (step === 0) throw new RangeError('arange: "step" expected a number other than 0, got 0');
  const count = Math.max(0, Math.ceil((to - from) / step));
  checkShape("arange", [count]);
  const dtype = Number.isInteger(from) && Number.isInteger(to) && Number.isInteger(step) ? "int32" : "float32";
  const last = from + Math.max(0, count - 1) * step;
  if (dtype === "int32" && !(isInt32(from) && isInt32(last)))
    throw new RangeError(`arange: "stop" expected a range within int32, got numbers from ${from} to ${last}`);
  return new Tensor(
    leafOf(shapeOf([count]), dtype, (values) => {
      for (let i = 0; i < count; i++) values[i] = from + i * step;
    }),
  );
}

/**
 * `count` numbers in equal steps from `start` to `stop`, both included.
 *
 * @param start - first number
 * @param stop - last number
 * @param count - how many, at least 1
 * @throws RangeError when an argument is not finite or `count` is no integer of at least 1
 * @example
 * import { linspace } from "@downhill/tensor";
 * await linspace(0, 1, 3).array(); // => [0, 0.5, 1]
 */
export function linspace(start: number, stop: number, count: number): Tensor {
  inRange("linspace", "start", start, -Infinity, Infinity);
  inRange("linspace", "stop", stop, -Infinity, Infinity);
  integer("linspace", "count", count, 1, 2 ** 30);
  return new Tensor(
    leafOf(shapeOf([count]), "float32", (values) => {
      for (let i = 0; i < count; i++)
        values[i] = i === count - 1 && count > 1 ? stop : start + (i * (stop - start)) / Math.max(1, count - 1);
    }),
  );
}

/**
 * A number as a tensor: an input of the plan that costs nothing to change. Make it once per step and share it.
 *
 * @param value - the number
 * @throws TypeError when it is no number
 * @example
 * import { number, tensor } from "@downhill/tensor";
 * const rate = number(0.5);
 * await tensor([2, 4]).mul(rate).array(); // => [1, 2]
 */
export function number(value: number): Tensor {
  if (typeof value !== "number") throw new TypeError(`number: "value" expected a number, got ${describe(value)}`);
  return new Tensor(numberNode(value));
}

function constant(fn: string, shape: readonly number[], value: 0 | 1, dtype: DType = "float32"): Tensor {
  checkShape(fn, shape);
  checkDType(fn, dtype);
  return new Tensor(expand(literal(value, dtype), shapeOf(shape)));
}

function checkDType(fn: string, dtype: DType | undefined): void {
  if (dtype === undefined || dtype === "float32" || dtype === "int32" || dtype === "bool") return;
  throw new RangeError(`${fn}: "dtype" expected "float32", "int32" or "bool", got ${describe(dtype)}`);
}
