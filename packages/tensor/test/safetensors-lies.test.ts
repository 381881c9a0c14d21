import type { Tensor } from "@downhill/tensor";
import { decodeSafetensors, encodeSafetensors, tensor } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { bytesOf, entry, file } from "./safetensors-file.js";

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
