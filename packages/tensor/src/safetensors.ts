import { describe } from "./check.js";
import { tensor } from "./create.js";
import type { DType } from "./dtype.js";
import { evaluate } from "./functions/differentiate.js";
import { show } from "./shape.js";
import { Tensor } from "./tensor.js";

/** What {@link decodeSafetensors} finds in a file. */
export interface SafetensorsFile {
  /** The tensors by name. */
  readonly tensors: Record<string, Tensor>;
  /** Free text by key; empty when the file has none. */
  readonly metadata: Record<string, string>;
}

/** An element type of the format: how it is read, and what it becomes here. */
interface Format {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, at: number) => number | bigint;
  /** Allowed values, where the bytes could hold others. */
  readonly range?: readonly [low: number, high: number];
}

const int32Range = [-2147483648, 2147483647] as const;
const formats: Readonly<Record<string, Format>> = {
  F64: { bytes: 8, dtype: "float32", read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, dtype: "float32", read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, dtype: "float32", read: (view, at) => float16(view.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: "float32", read: (view, at) => bfloat16(view.getUint16(at, true)) },
  I64: { bytes: 8, dtype: "int32", read: (view, at) => view.getBigInt64(at, true), range: int32Range },
  I32: { bytes: 4, dtype: "int32", read: (view, at) => view.getInt32(at, true) },
  I16: { bytes: 2, dtype: "int32", read: (view, at) => view.getInt16(at, true) },
  I8: { bytes: 1, dtype: "int32", read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, dtype: "int32", read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, dtype: "bool", read: (view, at) => view.getUint8(at), range: [0, 1] },
};
const written: Readonly<Record<DType, string>> = { float32: "F32", int32: "I32", bool: "BOOL" };

const metadataKey = "__metadata__";
/** The format's own limit. */
const longestHeader = 100_000_000;

interface Entry {
  readonly name: string;
  readonly format: Format;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Tensors as the bytes of a safetensors file, the format in which the field exchanges weights. float32 is written as F32,
 * int32 as I32, bool as BOOL; the same tensors give the same bytes, whatever the order of their names.
 *
 * @param tensors - the tensors by name, of any shape
 * @param metadata - free text by key. Default none
 * @returns the file: 8 bytes of header length, a JSON header that ends on a multiple of 8, the values
 * @throws TypeError when an entry is no tensor or a text is no string, RangeError when a tensor is called `__metadata__`
 * @example
 * import { decodeSafetensors, encodeSafetensors, tensor } from "@downhill/tensor";
 * const file = await encodeSafetensors({ weight: tensor([[1, 2]]) }, { epoch: "5" });
 * const { tensors, metadata } = decodeSafetensors(file);
 * await tensors.weight?.array(); // => [[1, 2]]
 * metadata.epoch; // => "5"
 * @reference https://github.com/huggingface/safetensors#format
 */
export async function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const entries = Object.entries(tensors);
  for (const [name, value] of entries) {
    if (name === metadataKey)
      throw new RangeError(
        `encodeSafetensors: "tensors" expected names other than "${metadataKey}", which the format keeps`,
      );
    if (!(value instanceof Tensor))
      throw new TypeError(`encodeSafetensors: "tensors" expected a tensor as ${quote(name)}, got ${describe(value)}`);
  }
  for (const [key, text] of Object.entries(metadata))
    if (typeof text !== "string")
      throw new TypeError(`encodeSafetensors: "metadata" expected a string as ${quote(key)}, got ${describe(text)}`);
  // Wide elements first, so that every tensor starts at a multiple of its element's size.
  const width = (value: Tensor): number => (value.dtype === "bool" ? 1 : 4);
  entries.sort(([a, x], [b, y]) => width(y) - width(x) || (a < b ? -1 : 1));
  // All are asked for at once, in one plan: an update while this waits can't come between them.
  const all = entries.map(([, value]) => value);
  const [, ...data] = await Promise.all([evaluate(...all), ...all.map((value) => value.data())]);

  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([metadataKey, sorted(metadata)]);
  let size = 0;
  for (const [name, { dtype, shape, size: count }] of entries) {
    const end = size + count * (dtype === "bool" ? 1 : 4);
    header.push([name, { dtype: written[dtype], shape, data_offsets: [size, end] }]);
    size = end;
  }
  // Entry by entry: an object would move names that look like integers to the front.
  const json = `{${header.map(([name, entry]) => `${quote(name)}:${JSON.stringify(entry)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  bytes.fill(0x20, 8 + text.length, start);
  let at = start;
  for (const values of data) {
    if (values instanceof Uint8Array) bytes.set(values, at);
    else if (values instanceof Int32Array) values.forEach((each, i) => view.setInt32(at + i * 4, each, true));
    else values.forEach((each, i) => view.setFloat32(at + i * 4, each, true));
    at += values.byteLength;
  }
  return bytes;
}

/**
 * The tensors and the metadata of a safetensors file. F32, F64, F16 and BF16 become float32; I32, I64, I16, I8 and U8
 * become int32; BOOL becomes bool. An F64 is rounded to the nearest float32, everything else is exact.
 *
 * @param bytes - the whole file
 * @returns `tensors` by name and `metadata`
 * @throws TypeError when `bytes` is neither a Uint8Array nor an ArrayBuffer; RangeError when the file is truncated,
 * contradicts itself, holds an unknown element type, or a number that does not fit
 * @example
 * import { decodeSafetensors, encodeSafetensors, tensor } from "@downhill/tensor";
 * const file = await encodeSafetensors({ labels: tensor(new Int32Array([7, 8])) });
 * const { tensors } = decodeSafetensors(file);
 * await tensors.labels?.array(); // => [7, 8]
 * decodeSafetensors(file.slice(0, -1)); // throws RangeError: decodeSafetensors: "bytes" expected 8 bytes of data
 * @reference https://github.com/huggingface/safetensors#format
 */
export function decodeSafetensors(bytes: Uint8Array | ArrayBuffer): SafetensorsFile {
  const file = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  if (!(file instanceof Uint8Array))
    throw new TypeError(`decodeSafetensors: "bytes" expected a Uint8Array or an ArrayBuffer, got ${describe(bytes)}`);
  const header = readHeader(file);
  const metadata = readMetadata(header.fields.get(metadataKey));
  const entries = [...header.fields]
    .filter(([name]) => name !== metadataKey)
    .map(([name, entry]) => readEntry(name, entry));
  checkLayout(entries, file.length - header.end);
  const view = new DataView(file.buffer, file.byteOffset + header.end);
  // fromEntries: an assignment to "__proto__" would not make an entry.
  const tensors = Object.fromEntries(entries.map((entry) => [entry.name, readTensor(view, entry)]));
  return { tensors, metadata };
}

function fail(expected: string, got: string): never {
  throw new RangeError(`decodeSafetensors: "bytes" expected ${expected}, got ${got}`);
}

function readHeader(file: Uint8Array): { fields: Map<string, unknown>; end: number } {
  if (file.length < 8) fail("at least 8 bytes", `${file.length}: the file is truncated`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  const rest = file.length - 8;
  if (length > rest)
    fail(
      `a header of at most ${rest} bytes, the rest of the file`,
      `length ${length}: the file is truncated or of another format`,
    );
  if (length > longestHeader) fail(`a header of at most ${longestHeader} bytes`, `length ${length}`);
  const end = 8 + Number(length);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.subarray(8, end));
  } catch {
    return fail("a header in UTF-8", "bytes that are not");
  }
  if (!text.startsWith("{"))
    fail('a header that starts with "{"', text === "" ? "an empty one" : quote(text.slice(0, 20)));
  let parsed: object;
  try {
    parsed = JSON.parse(text) as object;
  } catch (error) {
    return fail("a header in JSON", `an error in it (${(error as Error).message})`);
  }
  const twice = repeatedKey(text);
  if (twice !== null) fail("every name once in the header", `${twice} twice`);
  return { fields: new Map(Object.entries(parsed)), end };
}

/** The first key that an object of this valid JSON text has twice: JSON.parse keeps the last one in silence. */
function repeatedKey(text: string): string | null {
  const open: Set<string>[] = [];
  for (const [token, key] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (key !== undefined) {
      const name = JSON.parse(key) as string;
      const names = open.at(-1) as Set<string>;
      if (names.has(name)) return key;
      names.add(name);
    }
  }
  return null;
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value)) fail(`an object as "${metadataKey}"`, describe(value));
  for (const [key, text] of Object.entries(value))
    if (typeof text !== "string") fail(`a string as ${quote(key)} of "${metadataKey}"`, describe(text));
  return value as Record<string, string>;
}

function readEntry(name: string, entry: unknown): Entry {
  const of = `of tensor ${quote(name)}`;
  if (!isObject(entry)) fail(`an object as the entry ${of}`, describe(entry));
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const format = typeof dtype === "string" && Object.hasOwn(formats, dtype) ? formats[dtype] : undefined;
  if (format === undefined)
    return fail(`one of ${Object.keys(formats).join(", ")} as the dtype ${of}`, describe(dtype));
  if (!isCounts(shape)) return fail(`integers of at least 0 as the shape ${of}`, JSON.stringify(shape) ?? "none");
  if (!isCounts(offsets) || offsets.length !== 2)
    return fail(`two integers of at least 0 as the data_offsets ${of}`, JSON.stringify(offsets) ?? "none");
  const [begin, end] = offsets as [number, number];
  const size = shape.reduce((product, extent) => product * extent, format.bytes);
  if (end - begin !== size)
    fail(`data_offsets ${of} that span ${size} bytes, those of ${dtype} ${show(shape)}`, show(offsets));
  return { name, format, shape, begin, end };
}

/** The data must be the tensors one after the other: no overlap, no hole, nothing missing, nothing left. */
function checkLayout(entries: readonly Entry[], available: number): void {
  let at = 0;
  let before = "the start of the data";
  for (const { name, begin, end } of [...entries].sort((x, y) => x.begin - y.begin || x.end - y.end)) {
    if (begin !== at)
      fail(
        `tensor ${quote(name)} to begin at ${at}, behind ${before}`,
        `data_offsets ${show([begin, end])}: ${begin > at ? "a hole" : "an overlap"}`,
      );
    at = end;
    before = `tensor ${quote(name)}`;
  }
  if (at !== available)
    fail(`${at} bytes of data as its header says`, `${available}${available < at ? ": the file is truncated" : ""}`);
}

function readTensor(view: DataView, { name, format, shape, begin }: Entry): Tensor {
  const { bytes, dtype, read, range } = format;
  const count = shape.reduce((product, extent) => product * extent, 1);
  const values = dtype === "float32" ? new Float32Array(count) : new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const value = read(view, begin + i * bytes);
    if (range !== undefined && (value < range[0] || value > range[1]))
      fail(`values from ${range[0]} to ${range[1]} in tensor ${quote(name)}`, `${value} at position ${i}`);
    values[i] = Number(value);
    if (bytes === 8 && dtype === "float32" && Number.isFinite(value) && !Number.isFinite(values[i]))
      fail(`values within float32's range in tensor ${quote(name)}`, `${value} at position ${i}`);
  }
  return tensor(values, { shape, dtype });
}

function float16(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const word = new DataView(new ArrayBuffer(4));
/** A bfloat16 is the upper half of a float32. */
function bfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

const quote = (text: string): string => JSON.stringify(text);
const sorted = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
