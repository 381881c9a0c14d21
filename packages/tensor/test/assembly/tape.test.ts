import { beforeEach, describe, expect, it } from "vitest";
import { randomUnit } from "../../src/engines/random-unit.js";
import { elementwiseRows } from "../../src/ops/elementwise.js";
import type { Operand } from "./tape-machine.js";
import { full, numbers, opcode, perColumn, perRow, read, register, run, scalar, scratch } from "./tape-machine.js";
import { allocate, kernels, put, random, readFloats, reset, words } from "./wasm.js";

beforeEach(reset);
const next = random(11);
const fround = Math.fround;

describe("elementwise instructions", () => {
  for (const { name, simd, simdInt, evaluate, evaluateInt } of elementwiseRows) {
    for (const int of [false, true]) {
      if (simd?.startsWith("block:") || (int ? simdInt : simd) === undefined) continue;
      it(`${name} on ${int ? "int32" : "float32"}`, () => {
        const n = 83;
        const lists = [0, 1, 2].slice(0, evaluate.length).map((k) => {
          const x = numbers(n, int).map((v) => (int ? v >> (next() < 0.5 ? 0 : 28) : v / 8));
          return name === "where" && k === 0 ? x.map((v) => Number(v > 0)) : x;
        });
        const isInt = (k: number): boolean => int && !(name === "where" && k === 0);
        const [a, b, c] = lists.map((x, k) => full(put(x, isInt(k)), n));
        const d = full(allocate(4 * n), n);
        run({ cols: n, body: [{ opcode: opcode(name, int), d, a: a!, ...(b && { b }), ...(c && { c }) }] });
        const intResult =
          name === "toInt" || (int && !["equal", "notEqual", "less", "lessEqual", "toFloat"].includes(name));
        const want = lists[0]!.map((x, i) => {
          const args = [x, lists[1]?.[i] ?? 0, lists[2]?.[i] ?? 0] as const;
          const value = int && evaluateInt ? evaluateInt(args[0], args[1]) : evaluate(...args);
          return intResult ? value | 0 : fround(value);
        });
        const got = read(d.at, n, intResult);
        got.forEach((v, i) => {
          if (v !== want[i] && !Number.isNaN(want[i]))
            expect.fail(`${name}(${lists.map((x) => x[i])}) = ${v}, not ${want[i]}`);
        });
      });
    }
  }

  it("steps over scalars, rows, columns and chunks", () => {
    const rows = 5;
    const cols = 100;
    const x = numbers(rows * cols, false);
    const column = numbers(cols, false);
    const a = full(put(x), cols);
    const t = scratch(64);
    const y = full(allocate(4 * rows * cols), cols);
    const body = [
      { opcode: opcode("mul"), d: t, a, b: scalar(3) },
      { opcode: opcode("add"), d: t, a: t, b: perColumn(put(column)) },
      { opcode: 512, d: y, a: t },
    ];
    run({ rows, cols, colChunk: 64, body }, 0, 2);
    run({ rows, cols, colChunk: 64, body }, 2, rows);
    expect(read(y.at, x.length, false)).toEqual(x.map((v, i) => v * 3 + column[i % cols]!));
  });

  it("rounds every product and sum of the fused pairs", () => {
    const n = 77;
    const [a, b, c, e] = [0, 1, 2, 3].map(() => Float32Array.from({ length: n }, () => next() - 0.5)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const at = (x: Float32Array): Operand => full(put(x), n);
    const operands = { a: at(a), b: at(b), c: at(c), e: at(e) };
    const product = a.map((v, i) => v * b[i]!);
    const wanted: Record<number, Float32Array> = {
      540: product.map((v, i) => v + c[i]!),
      541: product.map((v, i) => v - c[i]!),
      542: product.map((v, i) => c[i]! - v),
      543: product.map((v, i) => v + fround(c[i]! * e[i]!)),
    };
    for (const [code, want] of Object.entries(wanted)) {
      const d = full(allocate(4 * n), n);
      run({ cols: n, colChunk: 32, body: [{ opcode: Number(code), d, ...operands }] });
      expect(readFloats(d.at, n), code).toEqual(want);
    }
  });
});

describe("UNIFORM", () => {
  it("gives the bits of randomUnit, by the place of the element", () => {
    const [rows, cols] = [7, 45];
    const keys = { a: scalar(17), b: scalar(4095), c: scalar(2048) };
    for (const colChunk of [16, cols]) {
      const d = full(allocate(4 * rows * cols + 64), cols);
      run({
        rows,
        cols,
        colChunk,
        body: [
          { opcode: 539, aux: cols, d: register(allocate(256)), ...keys },
          { opcode: 539, aux: cols, d, ...keys },
        ],
      });
      const want = Array.from({ length: rows * cols }, (_, i) => randomUnit(i, 17, 4095, 2048));
      expect(read(d.at, rows * cols, false)).toEqual(want);
    }
    const far = perRow(allocate(4 * 40));
    run(
      {
        rows: 2 ** 24 + 20,
        cols: 3,
        blockRows: 40,
        body: [{ opcode: 539, extent: 1, aux: 1, d: { ...far, row: 0 }, ...keys }],
      },
      2 ** 24 - 20,
    );
    const want = Array.from({ length: 40 }, (_, i) => randomUnit(2 ** 24 - 20 + i, 17, 4095, 2048));
    expect(read(far.at, 40, false)).toEqual(want);
  });
});

describe("the matmul stage", () => {
  it("feeds each chunk of rows to the instructions behind it", () => {
    const [batch, M, N, K, chunkRows] = [2, 11, 10, 9, 4];
    const x = numbers(batch * M * K, false).map((v) => v % 8);
    const w = numbers(batch * K * N, false).map((v) => v % 8);
    const bias = numbers(N, false);
    const cell = words(allocate(4 * chunkRows * N));
    const view = words(0);
    const block = words(
      M,
      N,
      K,
      words(put(x)),
      4 * K,
      4,
      4 * M * K,
      words(put(w)),
      4 * N,
      4,
      4 * K * N,
      cell,
      4 * N,
      words(allocate(kernels.packedBBytes!(K, N))),
      words(allocate(kernels.packedABytes!(M, K))),
      batch * M,
      1,
      view,
      0,
    );
    const y = full(allocate(4 * batch * M * N), N);
    const t = scratch(chunkRows * N);
    const rows = batch * M;
    const want = Array.from({ length: rows * N }, (_, i) => {
      const [r, j] = [Math.floor(i / N), i % N];
      const g = Math.floor(r / M);
      let s = bias[j]!;
      for (let k = 0; k < K; k++) s += x[r * K + k]! * w[(g * K + k) * N + j]!;
      return Math.max(s, 0);
    });
    const body = [
      { opcode: 515, d: t, a: register(put(bias)) },
      { opcode: opcode("add"), d: t, a: { ...full(0, N), cell: view }, b: t },
      { opcode: opcode("relu"), d: t, a: t },
      { opcode: 512, d: y, a: t },
    ];
    run({ rows, cols: N, blockRows: 2, chunkRows, matmul: block, body });
    expect(read(y.at, rows * N, false)).toEqual(want);
  });
});
