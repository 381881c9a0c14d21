import { describe, expect, it } from "vitest";
import { expectClose, kernels, output, put, random, randomFloats, readFloats, readInts, reset } from "./wasm.js";

const next = random(31);
const shapes: [number, number, number][] = [];
for (const o of [0, 1, 3]) {
  for (const r of [1, 2, 5, 15, 16, 17, 63, 64, 65, 130])
    for (const inner of [0, 1, 2, 3, 4, 5, 15, 16, 17, 33]) shapes.push([o, r, inner]);
}
shapes.push([2, 5000, 1], [1, 1023, 1], [1, 1025, 1], [1, 3000, 3], [2, 0, 3], [1, 0, 1]);
const withElements = shapes.filter(([, r]) => r > 0);

function reduceWith(
  op: number,
  int: boolean,
  x: ArrayLike<number>,
  [o, r, inner]: readonly [number, number, number],
): number {
  reset();
  const out = output(o * inner);
  const scratch = output(kernels.reduceScratchBytes!(inner) / 4);
  const at = put(x, int);
  for (const [a, b] of [
    [0, o >> 1],
    [o >> 1, o],
  ] as const) {
    kernels.reduceMiddle!(out.at, at, r, inner, op, Number(int), scratch.at, a, b);
  }
  out.check();
  scratch.check();
  return out.at;
}

/** Folds the middle axis in plain numbers. */
function fold(
  x: ArrayLike<number>,
  [o, r, inner]: readonly [number, number, number],
  from: number,
  f: (a: number, b: number) => number,
): number[] {
  return Array.from({ length: o * inner }, (_, to) => {
    let value = from;
    for (let k = 0; k < r; k++) value = f(value, x[(Math.floor(to / inner) * r + k) * inner + (to % inner)]!);
    return value;
  });
}

describe("reduceMiddle", () => {
  it("adds float32 as exactly as its blocks promise", () => {
    for (const shape of shapes) {
      const [o, r, inner] = shape;
      const x = randomFloats(next, o * r * inner);
      const want = fold(x, shape, 0, (a, b) => a + b);
      const size = fold(x, shape, 0, (a, b) => a + Math.abs(b));
      const got = readFloats(reduceWith(0, false, x, shape), o * inner);
      // One rounding of the result, and the error of at most 64 + 4 float32 additions.
      expectClose(
        got,
        want,
        size.map((s, i) => 6e-8 * Math.abs(want[i]!) + 5e-7 * s + 1e-12),
        `sum ${shape}`,
      );
    }
  });

  it("keeps its precision in a long axis", () => {
    const n = 100_000;
    const x = new Float32Array(n).fill(0.1);
    for (const shape of [
      [1, n, 1],
      [1, n / 4, 4],
    ] as const) {
      const sum = readFloats(reduceWith(0, false, x, shape), 1)[0]!;
      // Equal values are the worst case: every rounding within a block goes the same way.
      expect(Math.abs(sum / (shape[1] * Math.fround(0.1)) - 1)).toBeLessThan(1e-6);
    }
  });

  it("finds the largest and the smallest float, and lets NaN through", () => {
    for (const shape of withElements) {
      const [o, r, inner] = shape;
      const x = randomFloats(next, o * r * inner);
      for (let i = 0; i < x.length; i += 37) x[i] = [Number.NaN, Infinity, -Infinity][i % 3]!;
      expect(readFloats(reduceWith(1, false, x, shape), o * inner), `max ${shape}`).toEqual(
        Float32Array.from(fold(x, shape, -Infinity, Math.max)),
      );
      expect(readFloats(reduceWith(2, false, x, shape), o * inner), `min ${shape}`).toEqual(
        Float32Array.from(fold(x, shape, Infinity, Math.min)),
      );
    }
  });

  it("reduces int32, wrapping sums around", () => {
    for (const shape of shapes) {
      const [o, r, inner] = shape;
      const x = Int32Array.from({ length: o * r * inner }, () => (next() * 2 ** 32) | 0);
      const got = (op: number): number[] => [...readInts(reduceWith(op, true, x, shape), o * inner)];
      expect(got(0)).toEqual(fold(x, shape, 0, (a, b) => (a + b) | 0));
      if (r === 0) continue;
      expect(got(1)).toEqual(fold(x, shape, -2147483648, Math.max));
      expect(got(2)).toEqual(fold(x, shape, 2147483647, Math.min));
    }
  });
});

describe("argReduce", () => {
  function check(x: ArrayLike<number>, [o, r, inner]: readonly [number, number, number], int: boolean): void {
    for (const least of [false, true]) {
      const better = (a: number, b: number): boolean =>
        (least ? a < b : a > b) || (Number.isNaN(a) && !Number.isNaN(b));
      const want = Array.from({ length: o * inner }, (_, to) => {
        const value = (k: number): number => x[(Math.floor(to / inner) * r + k) * inner + (to % inner)]!;
        let best = 0;
        for (let k = 1; k < r; k++) if (better(value(k), value(best))) best = k;
        return best;
      });
      reset();
      const out = output(o * inner);
      const at = put(x, int);
      for (const [a, b] of [
        [0, o >> 1],
        [o >> 1, o],
      ] as const) {
        kernels.argReduce!(out.at, at, r, inner, Number(least), Number(int), a, b);
      }
      expect([...readInts(out.at, o * inner)], `${[o, r, inner]}`).toEqual(want);
      out.check();
    }
  }

  it("takes the first of equals and the first NaN", () => {
    for (const shape of shapes) {
      const count = shape[0] * shape[1] * shape[2];
      if (shape[1] === 0) continue;
      check(randomFloats(next, count), shape, false);
      check(
        Float32Array.from({ length: count }, () => Math.floor(next() * 3)),
        shape,
        false,
      );
      check(
        Float32Array.from({ length: count }, () => (next() < 0.1 ? Number.NaN : Math.floor(next() * 3))),
        shape,
        false,
      );
      check(
        Int32Array.from({ length: count }, () => (next() * 2 ** 32) | 0),
        shape,
        true,
      );
      check(
        Int32Array.from({ length: count }, () => Math.floor(next() * 3)),
        shape,
        true,
      );
    }
  });
});
