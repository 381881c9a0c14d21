import { beforeEach, describe, expect, it } from "vitest";
import { hasMultiplyAdd } from "../../src/engines/cpu/multiply-add.js";
import { elementwiseRows } from "../../src/ops/elementwise.js";
import { full, opcode, run } from "./tape-machine.js";
import { allocate, put, random, randomFloats, readFloats, reset } from "./wasm.js";

beforeEach(reset);

/** y = name(x) or name(x, other), by the tape, in place as well. */
function apply(name: string, x: Float32Array, other?: Float32Array): Float32Array {
  const n = x.length;
  const a = full(put(x), n);
  const d = full(allocate(4 * n), n);
  const b = other && full(put(other), n);
  run({ cols: n, colChunk: 512, body: [{ opcode: opcode(name), d, a, ...(b && { b }) }] });
  run({ cols: n, colChunk: 512, body: [{ opcode: opcode(name), d: a, a, ...(b && { b }) }] });
  const y = readFloats(d.at, n);
  if (readFloats(a.at, n).some((v, i) => !Object.is(v, y[i]))) expect.fail(`${name}: another result in place`);
  return y;
}

/** Error in units of the last place of a float32 at the true value. */
function ulp(got: number, want: number): number {
  const rounded = Math.fround(want);
  if (Object.is(got, rounded)) return 0;
  if (Number.isNaN(got) || Number.isNaN(rounded)) return Number.POSITIVE_INFINITY;
  if (!Number.isFinite(got) || !Number.isFinite(rounded)) {
    const top = 3.4028234663852886e38;
    return ulp(Math.max(-top, Math.min(top, got)), Math.max(-top, Math.min(top, rounded))) + 1;
  }
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(want), 2 ** -126)));
  return Math.abs(got - want) / 2 ** (exponent - 23);
}

// 2^32 / 20011 = 214,629 floats of both signs, every NaN and infinity region included.
const patterns = new Float32Array(Uint32Array.from({ length: 214_629 }, (_, i) => i * 20_011).buffer);

const reference = (name: string): ((x: number, y: number) => number) => {
  const evaluate = elementwiseRows[opcode(name) >> 1]!.evaluate;
  return (x, y) => evaluate(x, y, 0);
};

const rows = [
  { name: "exp", bound: 1 },
  { name: "expm1", bound: 2 },
  { name: "log", bound: 1 },
  { name: "log1p", bound: 2 },
  { name: "tanh", bound: 2 },
  { name: "sigmoid", bound: 2.5 },
  { name: "erf", bound: 2 },
  { name: "sin", bound: 2.2 },
  { name: "cos", bound: 2.2 },
  { name: "sign", bound: 0 },
  { name: "sqrt", bound: 0.5 },
] as const;

const specials = [
  0,
  -0,
  Infinity,
  -Infinity,
  NaN,
  1e-45,
  -1e-45,
  1.1754942e-38,
  1e-38,
  -1e-38,
  1e-20,
  -1e-20,
  0.5,
  -0.5,
  1,
  -1,
  -1.5,
  88,
  88.72283,
  88.73,
  89,
  -87.4,
  -88,
  -100,
  -103.97,
  -104,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1e5,
  -1e5,
  1e6,
];

describe("functions of one variable", () => {
  for (const { name, bound } of rows) {
    it(`${name} is within ${bound} ulp over the whole range`, () => {
      const f = reference(name);
      const y = apply(name, patterns);
      let worst = 0;
      let at = 0;
      for (let i = 0; i < patterns.length; i++) {
        const error = ulp(y[i]!, f(patterns[i]!, 0));
        if (!(error <= worst)) [worst, at] = [error, i];
      }
      expect(worst, `at ${patterns[at]}: ${y[at]}, not ${f(patterns[at]!, 0)}`).toBeLessThanOrEqual(bound);
    });

    it(`${name} of special values`, () => {
      const f = reference(name);
      const x = Float32Array.from(specials);
      const y = apply(name, x);
      x.forEach((v, i) => {
        const want = Math.fround(f(v, 0));
        if (v !== 0 && (want === 0 || !Number.isFinite(want))) expect(y[i], `${name}(${v})`).toBe(want);
        else expect(ulp(y[i]!, f(v, 0)), `${name}(${v}) = ${y[i]}, not ${want}`).toBeLessThanOrEqual(bound);
      });
    });
  }

  it("keeps the sign of zero", () => {
    for (const name of ["expm1", "log1p", "tanh", "erf", "sin", "sign"])
      expect(apply(name, Float32Array.of(-0))[0], name).toBe(-0);
  });

  it("is right next to the multiples of pi", () => {
    const near = Float32Array.from({ length: 90_000 }, (_, i) => {
      const bits = new Uint32Array(Float32Array.of((Math.floor(i / 3) * 2 + 1) * (Math.PI / 2)).buffer);
      return new Float32Array(Uint32Array.of(bits[0]! + (i % 3) - 1).buffer)[0]!;
    });
    for (const name of ["sin", "cos"]) {
      const y = apply(name, near);
      const f = reference(name);
      let worst = 0;
      near.forEach((v, i) => {
        worst = Math.max(worst, ulp(y[i]!, f(v, 0)));
      });
      expect(worst, name).toBeLessThanOrEqual(2.2);
    }
  });
});

describe("pow", () => {
  it("follows Math.pow at special values", () => {
    const some = [
      0,
      -0,
      1,
      -1,
      2,
      -2,
      3,
      -3,
      0.5,
      -0.5,
      2.5,
      -2.5,
      1e-40,
      -1e-40,
      1e30,
      -1e30,
      16777217,
      Infinity,
      -Infinity,
      NaN,
    ];
    const x = Float32Array.from(some.flatMap((v) => some.map(() => v)));
    const y = Float32Array.from(some.flatMap(() => some));
    const got = apply("pow", x, y);
    x.forEach((v, i) => {
      const want = v ** y[i]!;
      const rounded = Math.fround(want);
      if (rounded === 0 || !Number.isFinite(rounded)) expect(got[i], `${v} ** ${y[i]}`).toBe(rounded);
      else expect(ulp(got[i]!, want), `${v} ** ${y[i]} = ${got[i]}`).toBeLessThanOrEqual(1);
    });
  });

  it("is within 1 ulp, subnormal results included", () => {
    const next = random(5);
    const bases = Float32Array.from({ length: 100_000 }, () => Math.exp((next() - 0.5) * 40));
    const powers = Float32Array.from({ length: bases.length }, (_, i) => (next() * 200 - 100) / Math.log(bases[i]!));
    const got = apply("pow", bases, powers);
    let worst = 0;
    bases.forEach((v, i) => {
      worst = Math.max(worst, ulp(got[i]!, v ** powers[i]!));
    });
    expect(worst).toBeLessThanOrEqual(1);
  });

  it("is exact for small whole results", () => {
    const x = Float32Array.of(2, 3, -3, 10, 5, -7, 2, 1.5, 9, 16, 4);
    const y = Float32Array.of(10, 5, 3, 6, 0, 2, -3, 2, 0.5, 0.25, -0.5);
    expect([...apply("pow", x, y)]).toEqual([1024, 243, -27, 1e6, 1, 49, 0.125, 2.25, 3, 2, 0.5]);
  });
});

it("an element gets the same bits whatever its neighbours are; with multiply-add it may be rounded once more or less", () => {
  const apart = hasMultiplyAdd() ? 2 : 0;
  const next = random(3);
  // Every third becomes a stranger: blocks of 16 take another way when they hold one.
  const some = Float32Array.from([
    ...randomFloats(next, 64),
    ...Array.from({ length: 6000 }, () => next()),
    ...Array.from({ length: 6000 }, () => 200 * next() - 100),
  ]);
  for (const name of ["sin", "cos", "log", "log1p", "exp", "tanh", "sigmoid", "erf"]) {
    const alone = apply(name, some);
    for (const stranger of [1e9, -1e9, Number.NaN, Number.POSITIVE_INFINITY, 0, 1e-42]) {
      const mixed = apply(
        name,
        some.map((x, i) => (i % 3 === 0 ? stranger : x)),
      );
      const worst = mixed.reduce(
        (most, y, i) => (i % 3 === 0 || Object.is(y, alone[i]) ? most : Math.max(most, ulp(y, alone[i]!), 1)),
        0,
      );
      expect(worst, `${name} next to ${stranger}`).toBeLessThanOrEqual(apart);
    }
  }
});
