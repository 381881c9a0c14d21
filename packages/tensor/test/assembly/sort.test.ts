import { describe, expect, it } from "vitest";
import { kernels, output, put, random, readInts, reset, words } from "./wasm.js";

const next = random(23);

/** Greater as sorting sees it: NaN above everything, -0 equal to 0. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}

function check(rows: number, n: number, draw: () => number, int: boolean): void {
  const values = Array.from({ length: rows * n }, draw);
  const x = int ? Int32Array.from(values) : Float32Array.from(values);
  for (const descending of [false, true]) {
    reset();
    const out = output(rows * n);
    const bytes = kernels.argsortScratchBytes!(n);
    const scratch = output(bytes / 4);
    const cut = rows >> 1;
    const at = put(x, int);
    kernels.argsort!(out.at, at, scratch.at, n, Number(descending), Number(int), 0, cut);
    kernels.argsort!(out.at, at, scratch.at, n, Number(descending), Number(int), cut, rows);
    const want: number[] = [];
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * n, r * n + n);
      const order = Array.from(row, (_, i) => i);
      want.push(...order.sort((a, b) => (descending ? compare(row[b]!, row[a]!) : compare(row[a]!, row[b]!)) || a - b));
    }
    expect([...readInts(out.at, rows * n)], `${rows}x${n} ${int ? "int" : "float"} ${descending}`).toEqual(want);
    out.check();
    scratch.check();
  }
}

describe("argsort", () => {
  const lengths = [0, 1, 2, 3, 10, 47, 48, 49, 50, 255, 256, 257, 1000];

  it("sorts floats stably, with NaN as the greatest value", () => {
    const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e-45, 3.4e38];
    for (const n of lengths) {
      check(3, n, () => next() - 0.5, false);
      check(3, n, () => special[Math.floor(next() * special.length)]!, false);
      check(2, n, () => Math.floor(next() * 4), false);
    }
  });

  it("treats a NaN with the sign bit set like any other", () => {
    reset();
    const x = words(0x3f800000, 0xffc00000 | 0, 0xbf800000 | 0, 0x7fc00000);
    const out = output(4);
    kernels.argsort!(out.at, x, words(...new Array<number>(1100).fill(0)), 4, 0, 0, 0, 1);
    expect([...readInts(out.at, 4)]).toEqual([2, 0, 1, 3]);
  });

  it("sorts integers of the whole range", () => {
    const special = [0, -1, 1, 2147483647, -2147483648, 16777217, 16777216];
    for (const n of lengths) {
      check(3, n, () => (next() * 2 ** 32) | 0, true);
      check(2, n, () => special[Math.floor(next() * special.length)]!, true);
    }
  });
});
