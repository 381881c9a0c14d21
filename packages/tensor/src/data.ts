import { describe } from "./check.js";
import type { DType, HostArray } from "./dtype.js";
import type { Node } from "./node.js";
import { leaf, numberNode, Value } from "./node.js";
import { currentLauncher } from "./runtime/engines.js";
import type { Shape } from "./shape.js";
import { scalarShape, shapeOf, show } from "./shape.js";

/** Numbers or booleans in nested arrays, every level of equal length. */
export type NestedArray = readonly (number | boolean | NestedArray)[];

/** Typed arrays that are accepted as data. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** Data that becomes a tensor: a number, a boolean, nested arrays of them, or a typed array. */
export type TensorData = number | boolean | NestedArray | NumericArray;

interface Flat {
  readonly values: ArrayLike<number | boolean>;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A leaf with a copy of `data`: data loaders reuse their arrays, and reading is lazy. */
export function leafFrom(fn: string, data: TensorData, shape?: readonly number[], dtype?: DType): Node {
  const flat = flatten(fn, data);
  const target = shapeOf(shape ?? flat.shape);
  if (target.size !== flat.values.length)
    throw new RangeError(
      `${fn}: "shape" expected ${flat.values.length} elements like "data", got ${show(target)} with ${target.size}`,
    );
  const type = dtype ?? flat.dtype;
  if (target === scalarShape && typeof data === "number") {
    if (type === "int32") checkInteger(fn, data, 0);
    return numberNode(type === "bool" ? Number(data !== 0) : data, type);
  }
  return leaf(target, type, new Value(convert(fn, flat.values, type), null));
}

/** A leaf whose values the function fills in. */
export function leafOf(shape: Shape, dtype: DType, fill: (values: HostArray) => void): Node {
  const values = currentLauncher().engine.host(dtype, shape.size);
  fill(values);
  return leaf(shape, dtype, new Value(values, null));
}

function convert(fn: string, source: ArrayLike<number | boolean>, dtype: DType): HostArray {
  // slice() copies without filling with zeros first.
  if (source instanceof Float32Array && dtype === "float32" && currentLauncher().engine.name !== "reference")
    return source.slice();
  const values = currentLauncher().engine.host(dtype, source.length);
  if (dtype === "float32" && ArrayBuffer.isView(source)) {
    values.set(source as unknown as ArrayLike<number>);
    return values;
  }
  for (let i = 0; i < source.length; i++) {
    const value = Number(source[i]);
    if (dtype === "int32") checkInteger(fn, value, i);
    values[i] = dtype === "bool" ? Number(value !== 0) : value;
  }
  return values;
}

/** Whether a number is one of int32's. */
export function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function checkInteger(fn: string, value: number, index: number): void {
  if (isInt32(value)) return;
  throw new RangeError(
    `${fn}: "data" expected int32 values, got ${value} at position ${index}; round it first, or use dtype "float32"`,
  );
}

function flatten(fn: string, data: TensorData): Flat {
  if (typeof data === "number") return { values: [data], shape: [], dtype: "float32" };
  if (typeof data === "boolean") return { values: [data], shape: [], dtype: "bool" };
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    if (typeof data[0] === "bigint")
      throw new TypeError(
        `${fn}: "data" expected numbers, got a ${data.constructor.name}; convert it with Int32Array.from(data, Number)`,
      );
    const float = data instanceof Float32Array || data instanceof Float64Array;
    return { values: data, shape: [data.length], dtype: float ? "float32" : "int32" };
  }
  if (!Array.isArray(data))
    throw new TypeError(`${fn}: "data" expected a number, nested arrays or a typed array, got ${describe(data)}`);
  const shape: number[] = [];
  for (let level: unknown = data; isList(level); level = level[0]) shape.push(level.length);
  const values: (number | boolean)[] = [];
  collect(fn, data, shape, 0, [], values);
  const dtype = values.length > 0 && values.every((value) => typeof value === "boolean") ? "bool" : "float32";
  return { values, shape, dtype };
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function collect(
  fn: string,
  level: ArrayLike<unknown>,
  shape: readonly number[],
  depth: number,
  path: readonly number[],
  into: (number | boolean)[],
): void {
  const last = depth === shape.length - 1;
  for (let i = 0; i < level.length; i++) {
    const item = level[i];
    const place = (): string => `[${[...path, i].join("][")}]`;
    if (last) {
      if (isList(item))
        throw new RangeError(
          `${fn}: "data" expected a number at ${place()} like the entries before it, got an array: the rows are ragged`,
        );
      if (typeof item !== "number" && typeof item !== "boolean")
        throw new TypeError(`${fn}: "data" expected a number at ${place()}, got ${describe(item)}`);
      into.push(item);
    } else {
      if (!isList(item))
        throw new RangeError(
          `${fn}: "data" expected an array of length ${shape[depth + 1]} at ${place()}, got ${describe(item)}: the rows are ragged`,
        );
      if (item.length !== shape[depth + 1])
        throw new RangeError(
          `${fn}: "data" expected rows of length ${shape[depth + 1]} like the first, got length ${item.length} at ${place()}: the rows are ragged`,
        );
      collect(fn, item, shape, depth + 1, [...path, i], into);
    }
  }
}
