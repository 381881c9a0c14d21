import { describe, expect, it } from "vitest";
import { kernels, output, put, random, randomFloats, readFloats, readInts, reset } from "./wasm.js";

const next = random(29);

function check(o: number, r: number, inner: number, reverse: boolean): void {
  const x = randomFloats(next, o * r * inner);
  const ints = Int32Array.from(x, (v) => v * 2 ** 31);
  const want = new Float32Array(x.length);
  const wantInts = new Int32Array(x.length);
  for (let a = 0; a < o; a++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      let sumInts = 0;
      for (let step = 0; step < r; step++) {
        const at = (a * r + (reverse ? r - 1 - step : step)) * inner + i;
        sum += x[at]!;
        sumInts = (sumInts + ints[at]!) | 0;
        want[at] = sum;
        wantInts[at] = sumInts;
      }
    }
  }
  reset();
  const out = output(x.length);
  const cut = o >> 1;
  const at = put(x);
  kernels.cumsum!(out.at, at, r, inner, Number(reverse), 0, 0, cut);
  kernels.cumsum!(out.at, at, r, inner, Number(reverse), 0, cut, o);
  expect(readFloats(out.at, x.length), `${[o, r, inner]} ${reverse}`).toEqual(want);
  out.check();
  const outInts = output(x.length);
  kernels.cumsum!(outInts.at, put(ints, true), r, inner, Number(reverse), 1, 0, o);
  expect(readInts(outInts.at, x.length)).toEqual(wantInts);
  outInts.check();
}

describe("cumsum", () => {
  it("carries float64 sums, in both directions", () => {
    for (const o of [0, 1, 3]) {
      for (const r of [0, 1, 2, 7, 100]) {
        for (const inner of [0, 1, 2, 3, 4, 5, 7, 8, 17])
          for (const reverse of [false, true]) check(o, r, inner, reverse);
      }
    }
  });
});
