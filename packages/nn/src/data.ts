import type { DType, NestedArray, NumericArray, TensorLike } from "@downhill/tensor";
import { describe, hostValues, Tensor, tensor } from "@downhill/tensor";

/** Examples along the first axis: a tensor, nested arrays, a typed array of single numbers, or one with its shape. */
export type Examples = Tensor | NestedArray | NumericArray | ShapedData;

/** A typed array and how it is to be read; it is not copied as a whole. */
export interface ShapedData {
  /** The numbers in row-major order. */
  readonly data: NumericArray;
  /** `[n, ...]` */
  readonly shape: readonly number[];
}

/** Inputs and what the model shall make of them, example by example. */
export interface Dataset {
  /** `[n, ...]` */
  readonly inputs: Examples;
  /** `[n, ...]` */
  readonly targets: Examples;
}

/** One batch of a stream of batches. */
export interface Batch {
  /** `[n, ...]` */
  readonly inputs: TensorLike;
  /** `[n, ...]` */
  readonly targets: TensorLike;
}

/** Batches that come one by one; a function makes a fresh stream for each epoch. */
export type BatchStream = Iterable<Batch> | AsyncIterable<Batch> | (() => Iterable<Batch> | AsyncIterable<Batch>);

/** What models are trained and measured on. */
export type Data = Dataset | BatchStream;

/** Examples as plain numbers, row after row. */
export interface Rows {
  readonly values: NumericArray;
  readonly count: number;
  /** Extents of one row. */
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype: DType;
}

/** Reads examples to the JavaScript side, without a copy where they already are there. */
export async function readRows(fn: string, name: string, examples: Examples): Promise<Rows> {
  const { values, shape, dtype } = await flatten(fn, name, examples);
  const [count, ...rest] = shape;
  if (count === undefined)
    throw new RangeError(`${fn}: "${name}" expected examples along the first axis, got a scalar`);
  if (count === 0)
    throw new RangeError(`${fn}: "${name}" expected at least one example, got shape [${shape.join(", ")}]`);
  return { values, count, shape: rest, size: rest.reduce((product, extent) => product * extent, 1), dtype };
}

async function flatten(
  fn: string,
  name: string,
  examples: Examples,
): Promise<{ values: NumericArray; shape: readonly number[]; dtype: DType }> {
  if (isNumeric(examples)) return { values: examples, shape: [examples.length], dtype: dtypeOf(examples) };
  if (examples instanceof Tensor || Array.isArray(examples)) {
    const x = examples instanceof Tensor ? examples : asTensor(fn, name, examples);
    return { values: hostValues(x) ?? (await x.data()), shape: x.shape, dtype: x.dtype };
  }
  const { data, shape } = (examples ?? {}) as ShapedData;
  if (!isNumeric(data) || !Array.isArray(shape))
    throw new TypeError(
      `${fn}: "${name}" expected a tensor, nested arrays, a typed array of numbers or { data, shape }, got ${describe(examples)}`,
    );
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size !== data.length)
    throw new RangeError(
      `${fn}: "${name}" expected ${data.length} elements like its data, got shape [${shape.join(", ")}] with ${size}`,
    );
  return { values: data, shape, dtype: dtypeOf(data) };
}

/** A tensor of `value`; what `tensor()` finds wrong is told in the caller's words. */
export function asTensor(fn: string, name: string, value: TensorLike): Tensor {
  if (value instanceof Tensor) return value;
  try {
    return tensor(value);
  } catch (cause) {
    const Kind = cause instanceof TypeError ? TypeError : RangeError;
    throw new Kind((cause as Error).message.replace('tensor: "data"', `${fn}: "${name}"`), { cause });
  }
}

function isNumeric(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && "length" in value && typeof (value as Uint8Array)[0] !== "bigint";
}

function dtypeOf(values: NumericArray): DType {
  return values instanceof Float32Array || values instanceof Float64Array ? "float32" : "int32";
}
