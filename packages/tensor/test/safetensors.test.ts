import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "@downhill/tensor";
import { decodeSafetensors, encodeSafetensors, ones, parameter, tensor, zeros } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { findPython } from "../../../tools/python.mjs";
import { onEveryEngine } from "./support.js";

/** A file from its parts, right or wrong. */
function file(header: unknown, data: number | ArrayLike<number> = 0, length?: number | bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : (header as Uint8Array);
  const json = text instanceof Uint8Array ? text : new TextEncoder().encode(JSON.stringify(header));
  const values = typeof data === "number" ? new Uint8Array(data) : Uint8Array.from(data);
  const bytes = new Uint8Array(8 + json.length + values.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(values, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: unknown, begin: number, end: number): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const bytesOf = (array: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(array.buffer);

const contents = async (tensors: Record<string, Tensor>): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(tensors).map(async ([name, x]) => [
        name,
        { shape: x.shape, dtype: x.dtype, data: Array.from(await x.data()) },
      ]),
    ),
  );

onEveryEngine(() => {
  const samples = (): Record<string, Tensor> => ({
    weight: tensor([
      [1.5, -0, Infinity],
      [-Infinity, NaN, 1e-45],
    ]),
    scalar: tensor(3.25),
    computed: tensor([1, 2]).mul(2),
    trained: parameter([7, 8]),
    empty: zeros([0, 3]),
    labels: tensor(new Int32Array([7, -1, 2147483647, -2147483648]), { shape: [2, 2] }),
    mask: tensor([true, false, true]),
    "10": tensor([10]),
    "2": ones([1, 1, 1]),
    'größe "x"\\\n': tensor([1]),
    ["__proto__"]: tensor([2]),
    "": tensor([0.1]),
  });

  test("what was written is read", async () => {
    const tensors = samples();
    const metadata = { format: "pt", note: 'größer "quoted"', 7: "seven", ["__proto__"]: "own" };
    const read = decodeSafetensors(await encodeSafetensors(tensors, metadata));
    expect(await contents(read.tensors)).toEqual(await contents(tensors));
    expect(Object.is((await read.tensors.weight?.data())?.[1], -0)).toBe(true);
    expect(read.metadata).toEqual(metadata);
  });

  test("an ArrayBuffer, a Buffer and a view into a larger array are read alike", async () => {
    const bytes = await encodeSafetensors(samples());
    const larger = new Uint8Array(bytes.length + 16);
    larger.set(bytes, 5);
    const wanted = await contents(samples());
    for (const source of [bytes.buffer as ArrayBuffer, Buffer.from(bytes), larger.subarray(5, 5 + bytes.length)])
      expect(await contents(decodeSafetensors(source).tensors)).toEqual(wanted);
  });

  test("a file without tensors, with and without metadata", async () => {
    expect(decodeSafetensors(await encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
    expect(decodeSafetensors(await encodeSafetensors({}, { a: "b" })).metadata).toEqual({ a: "b" });
    expect(decodeSafetensors(file("{}   "))).toEqual({ tensors: {}, metadata: {} });
  });

  test("the bytes do not depend on the order of names, and data starts at a multiple of 8", async () => {
    const all = Object.entries(samples());
    const metadata = { b: "1", a: "2" };
    const bytes = await encodeSafetensors(Object.fromEntries(all), metadata);
    expect(await encodeSafetensors(Object.fromEntries(all.reverse()), { a: "2", b: "1" })).toEqual(bytes);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    for (const { dtype, data_offsets: offsets } of Object.values<{ dtype: string; data_offsets: number[] }>(header))
      if (offsets && dtype !== "BOOL") expect((offsets[0] as number) % 4).toBe(0);
  });

  test("parameters are written as they are now", async () => {
    const weight = parameter([1, 2]);
    const before = encodeSafetensors({ weight });
    weight.assign([3, 4]);
    const after = encodeSafetensors({ weight });
    expect(await decodeSafetensors(await before).tensors.weight?.array()).toEqual([1, 2]);
    expect(await decodeSafetensors(await after).tensors.weight?.array()).toEqual([3, 4]);
  });

  const reading: [dtype: string, bytes: ArrayLike<number>, as: string, values: number[]][] = [
    ["F32", bytesOf(new Float32Array([1.5, -2])), "float32", [1.5, -2]],
    [
      "F64",
      bytesOf(new Float64Array([1.5, 0.1, -Infinity, NaN, 1e-300])),
      "float32",
      [1.5, Math.fround(0.1), -Infinity, NaN, 0],
    ],
    [
      "F16",
      bytesOf(
        new Uint16Array([0x3c00, 0xc000, 0x7bff, 0x0400, 0x03ff, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555]),
      ),
      "float32",
      [1, -2, 65504, 2 ** -14, 1023 * 2 ** -24, 2 ** -24, -0, Infinity, -Infinity, NaN, 0.333251953125],
    ],
    [
      "BF16",
      bytesOf(new Uint16Array([0x3f80, 0xc020, 0x7f80, 0x7fc0, 0x0001, 0x8000])),
      "float32",
      [1, -2.5, Infinity, NaN, 2 ** -133, -0],
    ],
    ["I64", bytesOf(new BigInt64Array([2147483647n, -2147483648n, 0n])), "int32", [2147483647, -2147483648, 0]],
    ["I32", bytesOf(new Int32Array([2147483647, -2147483648])), "int32", [2147483647, -2147483648]],
    ["I16", bytesOf(new Int16Array([32767, -32768])), "int32", [32767, -32768]],
    ["I8", [127, 128], "int32", [127, -128]],
    ["U8", [0, 255], "int32", [0, 255]],
    ["BOOL", [0, 1], "bool", [0, 1]],
  ];
  test.each(reading)("%s is read", async (dtype, bytes, as, values) => {
    const { tensors } = decodeSafetensors(file({ x: entry(dtype, [values.length], 0, bytes.length) }, bytes));
    expect(tensors.x?.dtype).toBe(as);
    expect(Array.from((await tensors.x?.data()) ?? [])).toEqual(values);
  });

  test("what Python wrote is read", async () => {
    const bytes = readFileSync(new URL("golden/python.safetensors", import.meta.url));
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(metadata).toEqual({ format: "pt", note: 'größer, "quoted"' });
    expect(await contents(tensors)).toEqual({
      empty: { shape: [0, 3], dtype: "float32", data: [] },
      "layer.bias": { shape: [3], dtype: "float32", data: [0.5, -1.5, 3.25] },
      "layer.weight": { shape: [2, 3], dtype: "float32", data: [1, -2, 0.125, Infinity, Math.fround(1e-30), -0] },
      scalar: { shape: [], dtype: "float32", data: [42.5] },
      labels: { shape: [2, 2], dtype: "int32", data: [7, -1, 2147483647, -2147483648] },
      mask: { shape: [5], dtype: "bool", data: [1, 0, 1, 1, 0] },
    });
  });
});

test("Python reads what was written", async () => {
  const python = findPython();
  if (python === null) {
    // Loud, and fatal where it matters: see AGENTS.md.
    console.warn("NO PYTHON: that safetensors files written here are read by Python was NOT checked");
    expect(process.env.CI, "CI needs a Python").toBeUndefined();
    return;
  }
  const bytes = await encodeSafetensors(
    {
      weight: tensor([
        [1, -2, 0.125],
        [Infinity, NaN, -0.5],
      ]),
      scalar: tensor(42.5),
      empty: zeros([0, 3]),
      labels: tensor(new Int32Array([7, -1, 2147483647, -2147483648]), { shape: [2, 2] }),
      mask: tensor([true, false, true]),
      größe: tensor([1]),
    },
    { note: 'größer, "quoted"' },
  );
  const folder = mkdtempSync(join(tmpdir(), "downhill-"));
  try {
    const path = join(folder, "written.safetensors");
    writeFileSync(path, bytes);
    const reader = new URL("../../../tools/golden/read_safetensors.py", import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(python, [reader, path], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      metadata: { note: 'größer, "quoted"' },
      tensors: {
        weight: { dtype: "F32", shape: [2, 3], data: [1, -2, 0.125, "Infinity", "NaN", -0.5] },
        scalar: { dtype: "F32", shape: [], data: [42.5] },
        empty: { dtype: "F32", shape: [0, 3], data: [] },
        labels: { dtype: "I32", shape: [2, 2], data: [7, -1, 2147483647, -2147483648] },
        mask: { dtype: "BOOL", shape: [3], data: [true, false, true] },
        größe: { dtype: "F32", shape: [1], data: [1] },
      },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("lies", () => {
  const rows: [what: string, bytes: Uint8Array, error: string][] = [
    ["nothing", new Uint8Array(0), "at least 8 bytes, got 0: the file is truncated"],
    ["7 bytes", new Uint8Array(7), "at least 8 bytes, got 7: the file is truncated"],
    ["an empty header", new Uint8Array(8), 'a header that starts with "{", got an empty one'],
    [
      "a header that ends after the file",
      file({}, 0, 3),
      "a header of at most 2 bytes, the rest of the file, got length 3: the file is truncated or of another format",
    ],
    [
      "an absurd header length",
      file({}, 0, 2n ** 64n - 1n),
      "a header of at most 2 bytes, the rest of the file, got length 18446744073709551615: the file is truncated or of another format",
    ],
    [
      "a header in another encoding",
      file(new Uint8Array([0x7b, 0xff, 0x7d])),
      "a header in UTF-8, got bytes that are not",
    ],
    ["a header that starts with a space", file(" {}"), 'a header that starts with "{", got " {}"'],
    ["an array as header", file("[]"), 'a header that starts with "{", got "[]"'],
    ["broken JSON", file('{"a":'), "a header in JSON, got an error in it"],
    ["two values", file("{}{}"), "a header in JSON, got an error in it"],
    ["a header cut in its middle", file('{"x":{}}', 0, 5), "a header in JSON, got an error in it"],
    [
      "a name twice",
      file(
        '{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
      ),
      'every name once in the header, got "x" twice',
    ],
    [
      "a name twice, spelt differently",
      file('{"x":{},"\\u0078" :{}}'),
      'every name once in the header, got "\\u0078" twice',
    ],
    ["a field twice", file('{"x":{"dtype":"F32","dtype":"I32"}}'), 'every name once in the header, got "dtype" twice'],
    [
      "metadata that is a tensor",
      file({ __metadata__: entry("F32", [1], 0, 4) }, 4),
      'a string as "shape" of "__metadata__", got an array of length 1',
    ],
    ["metadata that is text", file({ __metadata__: "a" }), 'an object as "__metadata__", got "a"'],
    ["metadata that is null", file({ __metadata__: null }), 'an object as "__metadata__", got null'],
    ["metadata with a number", file({ __metadata__: { epoch: 5 } }), 'a string as "epoch" of "__metadata__", got 5'],
    ["an entry that is no object", file({ x: 5 }), 'an object as the entry of tensor "x", got 5'],
    ["an entry that is an array", file({ x: [] }), 'an object as the entry of tensor "x", got an array of length 0'],
    ["no dtype", file({ x: { shape: [], data_offsets: [0, 4] } }, 4), 'as the dtype of tensor "x", got undefined'],
    [
      "an unknown dtype",
      file({ x: entry("F8_E4M3", [1], 0, 1) }, 1),
      'one of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL as the dtype of tensor "x", got "F8_E4M3"',
    ],
    [
      "a dtype of Object.prototype",
      file({ x: entry("constructor", [1], 0, 1) }, 1),
      'as the dtype of tensor "x", got "constructor"',
    ],
    ["a dtype that is no text", file({ x: { dtype: 5 } }), 'as the dtype of tensor "x", got 5'],
    [
      "no shape",
      file({ x: { dtype: "F32", data_offsets: [0, 4] } }, 4),
      'integers of at least 0 as the shape of tensor "x", got none',
    ],
    [
      "a negative extent",
      file({ x: entry("F32", [-1], 0, 4) }, 4),
      'integers of at least 0 as the shape of tensor "x", got [-1]',
    ],
    [
      "a fraction as extent",
      file({ x: entry("F32", [1.5], 0, 6) }, 6),
      'integers of at least 0 as the shape of tensor "x", got [1.5]',
    ],
    [
      "text as extent",
      file({ x: entry("F32", ["1"], 0, 4) }, 4),
      'integers of at least 0 as the shape of tensor "x", got ["1"]',
    ],
    [
      "a shape that is a number",
      file({ x: entry("F32", 1, 0, 4) }, 4),
      'integers of at least 0 as the shape of tensor "x", got 1',
    ],
    [
      "a shape beyond all numbers",
      file({ x: entry("F32", [2 ** 52, 2 ** 52], 0, 4) }, 4),
      'data_offsets of tensor "x" that span',
    ],
    [
      "no offsets",
      file({ x: { dtype: "F32", shape: [1] } }, 4),
      'two integers of at least 0 as the data_offsets of tensor "x", got none',
    ],
    [
      "one offset",
      file({ x: { dtype: "F32", shape: [1], data_offsets: [0] } }, 4),
      'as the data_offsets of tensor "x", got [0]',
    ],
    ["a negative offset", file({ x: entry("F32", [1], -4, 0) }, 4), 'as the data_offsets of tensor "x", got [-4,0]'],
    ["offsets in reverse", file({ x: entry("F32", [1], 4, 0) }, 4), "that span 4 bytes, those of F32 [1], got [4, 0]"],
    [
      "offsets too short for the shape",
      file({ x: entry("F32", [2], 0, 4) }, 4),
      "that span 8 bytes, those of F32 [2], got [0, 4]",
    ],
    [
      "offsets too long for the shape",
      file({ x: entry("F64", [], 0, 12) }, 12),
      "that span 8 bytes, those of F64 [], got [0, 12]",
    ],
    [
      "an overlap",
      file({ x: entry("F32", [2], 0, 8), y: entry("F32", [2], 4, 12) }, 12),
      'tensor "y" to begin at 8, behind tensor "x", got data_offsets [4, 12]: an overlap',
    ],
    [
      "the same bytes twice",
      file({ x: entry("F32", [1], 0, 4), y: entry("F32", [1], 0, 4) }, 4),
      'tensor "y" to begin at 4, behind tensor "x", got data_offsets [0, 4]: an overlap',
    ],
    [
      "a hole",
      file({ y: entry("F32", [1], 8, 12), x: entry("F32", [1], 0, 4) }, 12),
      'tensor "y" to begin at 4, behind tensor "x", got data_offsets [8, 12]: a hole',
    ],
    [
      "a hole at the start",
      file({ x: entry("F32", [1], 4, 8) }, 8),
      'tensor "x" to begin at 0, behind the start of the data, got data_offsets [4, 8]: a hole',
    ],
    ["an empty tensor somewhere else", file({ x: entry("F32", [0], 4, 4), y: entry("F32", [1], 4, 8) }, 8), "a hole"],
    [
      "data cut off",
      file({ x: entry("F32", [2], 0, 8) }, 7),
      "8 bytes of data as its header says, got 7: the file is truncated",
    ],
    [
      "no data",
      file({ x: entry("F32", [2], 0, 8) }),
      "8 bytes of data as its header says, got 0: the file is truncated",
    ],
    ["data left over", file({ x: entry("F32", [2], 0, 8) }, 9), "8 bytes of data as its header says, got 9"],
    ["data without tensors", file({}, 1), "0 bytes of data as its header says, got 1"],
    [
      "an I64 beyond int32",
      file({ x: entry("I64", [2], 0, 16) }, bytesOf(new BigInt64Array([0n, 2147483648n]))),
      'values from -2147483648 to 2147483647 in tensor "x", got 2147483648 at position 1',
    ],
    [
      "an I64 below int32",
      file({ x: entry("I64", [1], 0, 8) }, bytesOf(new BigInt64Array([-2147483649n]))),
      'values from -2147483648 to 2147483647 in tensor "x", got -2147483649 at position 0',
    ],
    [
      "an F64 beyond float32",
      file({ x: entry("F64", [1], 0, 8) }, bytesOf(new Float64Array([1e300]))),
      `values within float32's range in tensor "x", got 1e+300 at position 0`,
    ],
    [
      "a BOOL of 2",
      file({ x: entry("BOOL", [3], 0, 3) }, [0, 1, 2]),
      'values from 0 to 1 in tensor "x", got 2 at position 2',
    ],
  ];
  test.each(rows)("%s", (_what, bytes, error) => {
    expect(() => decodeSafetensors(bytes)).toThrow(RangeError);
    expect(() => decodeSafetensors(bytes)).toThrow(/^decodeSafetensors: "bytes" expected /);
    expect(() => decodeSafetensors(bytes)).toThrow(error);
  });

  test("every cut of a good file is an error", async () => {
    const bytes = await encodeSafetensors({ x: tensor([1, 2]), y: tensor([true]) }, { a: "b" });
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length)), `cut to ${length}`).toThrow(RangeError);
  });
});

describe("wrong arguments", () => {
  const wrong = (value: unknown): Promise<Uint8Array> => encodeSafetensors({ x: value as Tensor });
  test("encode", async () => {
    await expect(wrong([1])).rejects.toThrow(
      new TypeError('encodeSafetensors: "tensors" expected a tensor as "x", got an array of length 1'),
    );
    await expect(encodeSafetensors({ __metadata__: tensor([1]) })).rejects.toThrow(
      new RangeError('encodeSafetensors: "tensors" expected names other than "__metadata__", which the format keeps'),
    );
    await expect(encodeSafetensors({}, { epoch: 5 as unknown as string })).rejects.toThrow(
      new TypeError('encodeSafetensors: "metadata" expected a string as "epoch", got 5'),
    );
  });
  test("decode", () => {
    for (const [value, got] of [
      ["text", '"text"'],
      [null, "null"],
      [new Float32Array(8), "a Float32Array"],
    ] as const)
      expect(() => decodeSafetensors(value as unknown as Uint8Array)).toThrow(
        new TypeError(`decodeSafetensors: "bytes" expected a Uint8Array or an ArrayBuffer, got ${got}`),
      );
  });
});
