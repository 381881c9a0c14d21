import { beforeEach, describe, expect, it } from "vitest";
import type { Instruction } from "./tape-machine.js";
import { full, numbers, perColumn, perRow, read, register, run } from "./tape-machine.js";
import { allocate, expectClose, kernels, output, put, random, readInts, reset } from "./wasm.js";

beforeEach(reset);
const next = random(13);
const shapes = "1,1 1,2 1,5 1,16 1,37 1,1000 1,2500 2,1 3,2 16,1 5,3 4,4 7,5 51,10 8,16 3,64 5,65 2,131 33,7 130,2"
  .split(" ")
  .map((shape) => shape.split(",").map(Number) as [number, number]);

const readDoubles = (at: number, n: number): number[] => {
  const low = readInts(at, 2 * n);
  return [...new Float64Array(low.buffer)];
};
const rowsOf = (x: number[], b: number, c: number): number[][] =>
  Array.from({ length: b }, (_, i) => x.slice(i * c, i * c + c));
const columnsOf = (x: number[], b: number, c: number): number[][] =>
  Array.from({ length: c }, (_, j) => Array.from({ length: b }, (_, i) => x[i * c + j]!));
const sum = (x: number[]): number => x.reduce((s, v) => s + v, 0);
const max = (x: number[]): number => Math.max(...x);
const min = (x: number[]): number => Math.min(...x);

/** One instruction over one block [b, c]; what it wrote to n elements, no more. */
function once(b: number, c: number, n: number, fields: Omit<Instruction, "d">, int = false): number[] {
  const out = output(n);
  run({ rows: b, cols: c, blockRows: b, body: [{ ...fields, d: register(out.at) }] });
  out.check();
  return read(out.at, n, int);
}

describe("moves inside a block", () => {
  it("STORE, EXPAND_ROW and EXPAND_COL write exactly their block", () => {
    for (const [b, c] of shapes) {
      const x = numbers(b * c, false);
      expect(once(b, c, b * c, { opcode: 512, a: register(put(x)) })).toEqual(x);
      const perRow = numbers(b, false);
      const expanded = once(b, c, b * c, { opcode: 514, a: register(put(perRow)) });
      expect(expanded, `${[b, c]}`).toEqual(x.map((_, i) => perRow[Math.floor(i / c)]));
      const perColumn = numbers(c, false);
      expect(once(b, c, b * c, { opcode: 515, a: register(put(perColumn)) }), `${[b, c]}`).toEqual(
        x.map((_, i) => perColumn[i % c]),
      );
    }
    expect(once(3, 5, 3, { opcode: 512, extent: 1, a: register(put([7, 8, 9])) })).toEqual([7, 8, 9]);
    expect(once(3, 5, 16, { opcode: 513, extent: 2, a: register(put([7])) })).toEqual(new Array(16).fill(7));
  });

  it("PICK and PLACE", () => {
    for (const [b, c] of shapes) {
      const x = numbers(b * c, false);
      const index = Array.from({ length: b }, () => Math.floor(next() * c));
      const fields = { b: register(put(index, true)) };
      const picked = index.map((j, i) => x[i * c + j]!);
      expect(once(b, c, b, { opcode: 522, extent: 1, a: register(put(x)), ...fields })).toEqual(picked);
      const value = numbers(b, false);
      const want = x.map((_, i) => (i % c === index[Math.floor(i / c)] ? value[Math.floor(i / c)] : 0));
      expect(once(b, c, b * c, { opcode: 523, a: register(put(value)), ...fields })).toEqual(want);
    }
  });

  it("note the first index out of range, with its absolute row", () => {
    const fault = (kernels.fault as unknown as WebAssembly.Global).value as number;
    const rows = 6;
    const index = perRow(put([0, 1, 2, 3, -1, 9], true));
    for (const opcode of [522, 523]) {
      const wide = opcode === 523;
      const d = wide ? full(allocate(4 * 18), 3) : perRow(allocate(4 * rows));
      const a = wide ? perRow(put(numbers(rows, false))) : full(put(numbers(18, false)), 3);
      run({ rows, cols: 3, blockRows: 2, body: [{ opcode, extent: wide ? 0 : 1, aux: 5, d, a, b: index }] });
      expect([...readInts(fault, 4)]).toEqual([5, 3, 3, 3]);
      kernels.fill!(fault, 0, 4);
    }
  });
});

describe("reductions of a block", () => {
  const float = (x: number[]): number[] => x.map(Math.fround);
  it("along rows", () => {
    for (const [b, c] of shapes) {
      for (const int of [false, true]) {
        const x = numbers(b * c, int);
        const a = register(put(x, int));
        const rows = rowsOf(x, b, c);
        const wrap = (v: number): number => (int ? Number(BigInt.asIntN(32, BigInt(v))) : v);
        const by = (opcode: number): number[] => once(b, c, b, { opcode: opcode + (int ? 3 : 0), extent: 1, a }, int);
        expect(by(516), `sum ${[b, c]}`).toEqual(rows.map(sum).map(wrap));
        expect(by(517), `max ${[b, c]}`).toEqual(rows.map(max));
        expect(by(518), `min ${[b, c]}`).toEqual(rows.map(min));
      }
    }
  });

  it("into accumulators", () => {
    for (const [b, c] of shapes) {
      for (const int of [false, true]) {
        const x = numbers(b * c, int);
        const a = full(put(x, int), c);
        const [total, columns] = [[0, 1, 2].map(() => allocate(8)), [0, 1, 2].map(() => allocate(8 * c))];
        const shift = int ? 3 : 0;
        const blockRows = Math.max(1, b >> 1);
        const results = [0, 1, 2].map((k) => ({ one: output(1), all: output(c), k }));
        run({
          rows: b,
          cols: c,
          blockRows,
          colChunk: blockRows === 1 ? 24 : c,
          prologue: [0, 1, 2].flatMap((k) => [
            { opcode: 524, aux: 1, aux2: k, d: register(total[k]!) },
            { opcode: 524, aux: c, aux2: k, d: register(columns[k]!) },
          ]),
          body: [0, 1, 2].flatMap((k) => [
            { opcode: 525 + k + shift, d: register(total[k]!), a },
            { opcode: 531 + k + shift, d: perColumn(columns[k]!, 8), a },
          ]),
        });
        const fold = [sum, max, min];
        const wanted = fold.map((f) => columnsOf(x, b, c).map(f));
        fold.forEach((f, k) => {
          expect(readDoubles(total[k]!, 1), `${k} of ${[b, c]}`).toEqual([f(x)]);
          expect(readDoubles(columns[k]!, c), `column ${k} of ${[b, c]}`).toEqual(wanted[k]);
        });
        run({
          cols: c,
          body: results.flatMap(({ one, all, k }) => [
            { opcode: 537 + Number(int), d: register(all.at), a: register(columns[k]!) },
            { opcode: 537 + Number(int), extent: 1, d: register(one.at), a: register(total[k]!) },
          ]),
        });
        for (const { one, all, k } of results) {
          one.check();
          all.check();
          expect(read(all.at, c, int)).toEqual(
            int ? wanted[k]!.map((v) => Number(BigInt.asIntN(32, BigInt(v)))) : float(wanted[k]!),
          );
        }
      }
    }
  });

  it("keep NaN, wherever it is, and do not see what follows the row", () => {
    for (const c of [1, 3, 6, 10, 33, 64, 70, 200]) {
      for (let at = 0; at < c; at += 1 + (c >> 4)) {
        const x = numbers(5 * c + 4, false).fill(NaN, 5 * c);
        x[2 * c + at] = NaN;
        x[3 * c] = Infinity;
        const a = register(put(x));
        for (const opcode of [517, 518]) {
          const got = once(5, c, 5, { opcode, extent: 1, a });
          expect(got.map(Number.isNaN), `${c} ${at}`).toEqual([false, false, true, false, false]);
          const total = allocate(8);
          run({
            cols: c,
            prologue: [{ opcode: 524, aux: 1, aux2: opcode - 516, d: register(total) }],
            body: [{ opcode: opcode + 9, d: register(total), a: register(a.at + 8 * c) }],
          });
          expect(readDoubles(total, 1)).toEqual([NaN]);
        }
      }
    }
  });

  it("sum long float runs through float64", () => {
    const n = 100_000;
    const x = Float32Array.from({ length: n }, () => 0.1 + next() * 1e-3);
    const want = x.reduce((s, v) => s + v, 0);
    expectClose(once(1, n, 1, { opcode: 516, extent: 1, a: register(put(x)) }), [want], want * 2 ** -24, "row");
    const sums = allocate(8);
    run({
      rows: n,
      cols: 1,
      blockRows: n,
      prologue: [{ opcode: 524, aux: 1, d: register(sums) }],
      body: [{ opcode: 531, d: perColumn(sums, 8), a: full(put(x), 1) }],
    });
    expectClose(readDoubles(sums, 1), [want], want * 1e-6, "column");
  });
});
