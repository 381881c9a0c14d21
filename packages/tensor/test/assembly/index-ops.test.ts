import { describe, expect, it } from "vitest";
import { expectClose, kernels, output, put, random, randomFloats, readFloats, readInts, reset, words } from "./wasm.js";

const next = random(19);
const pick = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));

interface Problem {
  o: number;
  k: number;
  j: number;
  inner: number;
  /** One index per row (take), or one per element (gather). */
  whole: boolean;
}

function setUp({ o, k, j, inner, whole }: Problem) {
  reset();
  const strides = whole ? [0, 1, 0] : [j * inner, inner, 1];
  const index = Int32Array.from({ length: whole ? j : o * j * inner }, () => pick(0, k - 1));
  const fault = words(0, 0, 0, 0);
  const block = words(o, k, j, inner, ...strides, fault, 77);
  const indexAt = put(index, true);
  /** Calls back with the position in [o, j, inner] and in [o, k, inner]. */
  const each = (visit: (outer: number, picked: number) => void): void => {
    for (let a = 0; a < o; a++) {
      for (let b = 0; b < j; b++) {
        for (let c = 0; c < inner; c++) {
          const at = index[a * strides[0]! + b * strides[1]! + c * strides[2]!]!;
          if (at >= 0 && at < k) visit((a * j + b) * inner + c, (a * k + at) * inner + c);
        }
      }
    }
  };
  return { index, indexAt, fault, block, each };
}

/** Runs a kernel over [0, units) in two parts. */
function inTwo(name: string, units: number, ...args: number[]): void {
  const cut = pick(0, units);
  kernels[name]!(...args, 0, cut);
  kernels[name]!(...args, cut, units);
}

function problems(): Problem[] {
  const some: Problem[] = Array.from({ length: 200 }, (_, i) => ({
    o: pick(0, 3),
    k: pick(1, 9),
    j: pick(0, 9),
    inner: pick(0, i % 2 ? 40 : 4),
    whole: next() < 0.5,
  }));
  return [...some, { o: 1, k: 5, j: 300, inner: 1, whole: true }, { o: 1, k: 3, j: 40, inner: 70, whole: true }];
}

describe("gather", () => {
  it("agrees with plain loops", () => {
    for (const problem of problems()) {
      const { o, k, j, inner } = problem;
      const { indexAt, block, each, fault } = setUp(problem);
      const x = randomFloats(next, o * k * inner);
      const out = output(o * j * inner);
      const want = new Float32Array(o * j * inner);
      each((to, from) => {
        want[to] = x[from]!;
      });
      inTwo("gather", o * j, out.at, put(x), indexAt, block);
      expect(readFloats(out.at, want.length), JSON.stringify(problem)).toEqual(want);
      expect(readInts(fault, 1)[0]).toBe(0);
      out.check();
    }
  });
});

describe("scatterAdd", () => {
  it("agrees with plain loops, and gives the same bits however the rows are cut", () => {
    for (const problem of problems()) {
      const { o, k, j, inner } = problem;
      const { indexAt, block, each } = setUp(problem);
      const g = randomFloats(next, o * j * inner);
      const want = new Float32Array(o * k * inner);
      each((from, to) => {
        want[to] = want[to]! + g[from]!;
      });
      const out = output(want.length);
      inTwo("scatterAdd", o * k, out.at, put(g), indexAt, block, 0);
      expectClose(readFloats(out.at, want.length), want, 0, JSON.stringify(problem));
      out.check();

      const ints = Int32Array.from(g, (v) => v * 2 ** 31);
      const wantInts = new Int32Array(o * k * inner);
      each((from, to) => {
        wantInts[to] = wantInts[to]! + ints[from]!;
      });
      const outInts = output(wantInts.length);
      inTwo("scatterAdd", o * k, outInts.at, put(ints, true), indexAt, block, 1);
      expect(readInts(outInts.at, wantInts.length)).toEqual(wantInts);
      outInts.check();
    }
  });
});

describe("an index outside the axis", () => {
  it.each([
    [-1, true],
    [4, true],
    [-1, false],
    [2147483647, false],
  ])("%i is reported and skipped (whole rows: %s)", (bad, whole) => {
    const problem = { o: 2, k: 4, j: 3, inner: 2, whole };
    for (const [name, ...int] of [["gather"], ["scatterAdd", 0], ["scatterAdd", 1]] as const) {
      const { index, block, fault } = setUp(problem);
      index[1] = bad;
      index[2] = 9;
      const isGather = name === "gather";
      const out = output(isGather ? 12 : 16);
      kernels[name]!(out.at, put(new Float32Array(16).fill(1)), put(index, true), block, ...int, 0, isGather ? 6 : 8);
      expect([...readInts(fault, 4)]).toEqual([77, bad, 1, 4]);
      out.check();
    }
  });
});
