import type { Tensor, TensorLike } from "@downhill/tensor";
import { grad, tensor, where } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { elementwiseRows } from "../src/ops/elementwise.js";
import type { Tolerance } from "./support.js";
import { agrees, draw, expectClose, expectGradient, onEveryEngine } from "./support.js";

// Written down once more, independent of the rows: name -> how it is called and what it means.
interface Meaning {
  readonly call: (x: Tensor, y: Tensor, z: Tensor) => Tensor;
  readonly math: (x: number, y: number, z: number) => number;
  readonly tolerance?: Tolerance;
  /** Where random inputs for values and gradients come from; -2 to 2 when left out. */
  readonly domain?: readonly [number, number];
  /** No gradient by differences: it is 0 or none. */
  readonly flat?: boolean;
  readonly arity?: 2 | 3;
}
const two = (
  name: "add" | "sub" | "mul" | "div" | "pow" | "maximum" | "minimum" | "equal" | "notEqual" | "less" | "lessEqual",
  math: (x: number, y: number) => number,
  more: Partial<Meaning> = {},
): Meaning => ({ call: (x, y) => x[name](y), math, arity: 2, ...more });

/** Half to even, by way of the spelling of the number. */
const nearest = (x: number): number => {
  const [low, high] = [Math.floor(x), Math.ceil(x)];
  if (x - low !== high - x) return x - low < high - x ? low : high;
  return low % 2 === 0 ? low : high;
};
/** erf by Simpson's rule. */
const erf = (x: number): number => {
  if (Math.abs(x) > 6 || Number.isNaN(x)) return Number.isNaN(x) ? x : Math.sign(x);
  const steps = 2000;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++)
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2));
  return (2 / Math.sqrt(Math.PI)) * (h / 3) * sum;
};
const wide: readonly [number, number] = [-30, 30];

const meanings: Record<string, Meaning> = {
  add: two("add", (x, y) => x + y),
  sub: two("sub", (x, y) => x - y),
  mul: two("mul", (x, y) => x * y),
  div: two("div", (x, y) => x / y),
  maximum: two("maximum", (x, y) => Math.max(x, y)),
  minimum: two("minimum", (x, y) => Math.min(x, y)),
  pow: two("pow", (x, y) => x ** y, { domain: [0.1, 3], tolerance: { relative: 5e-6 } }),
  neg: { call: (x) => x.neg(), math: (x) => -x },
  abs: { call: (x) => x.abs(), math: Math.abs },
  sign: { call: (x) => x.sign(), math: Math.sign, flat: true },
  exp: { call: (x) => x.exp(), math: Math.exp, domain: [-10, 10] },
  expm1: { call: (x) => x.expm1(), math: Math.expm1 },
  log: { call: (x) => x.log(), math: Math.log, domain: [0.01, 50] },
  log1p: { call: (x) => x.log1p(), math: Math.log1p, domain: [-0.9, 10] },
  sqrt: { call: (x) => x.sqrt(), math: Math.sqrt, domain: [0.01, 50] },
  sin: { call: (x) => x.sin(), math: Math.sin, domain: wide, tolerance: { absolute: 3e-7 } },
  cos: { call: (x) => x.cos(), math: Math.cos, domain: wide, tolerance: { absolute: 3e-7 } },
  tanh: { call: (x) => x.tanh(), math: Math.tanh },
  sigmoid: { call: (x) => x.sigmoid(), math: (x) => 1 / (1 + Math.exp(-x)), domain: [-20, 20] },
  erf: { call: (x) => x.erf(), math: erf },
  relu: { call: (x) => x.relu(), math: (x) => (x > 0 || Number.isNaN(x) ? x : 0) },
  floor: { call: (x) => x.floor(), math: Math.floor, flat: true },
  ceil: { call: (x) => x.ceil(), math: Math.ceil, flat: true },
  round: { call: (x) => x.round(), math: nearest, flat: true },
  // Reading a parameter's leaf, and a tensor twice, makes copies; nothing else does.
  copy: { call: (x) => x.detach(), math: (x) => x, flat: true },
  equal: two("equal", (x, y) => Number(x === y), { flat: true }),
  notEqual: two("notEqual", (x, y) => Number(x !== y), { flat: true }),
  less: two("less", (x, y) => Number(x < y), { flat: true }),
  lessEqual: two("lessEqual", (x, y) => Number(x <= y), { flat: true }),
  where: { call: (x, y, z) => where(x, y, z), math: (x, y, z) => (x !== 0 ? y : z), arity: 3 },
  toInt: {
    call: (x) => x.cast("int32"),
    math: (x) => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1))),
    flat: true,
  },
  toFloat: {
    call: (x) => x.cast("int32").cast("float32"),
    math: (x) => (Number.isNaN(x) ? 0 : Math.fround(Math.trunc(Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1)))),
    flat: true,
  },
  clip: { call: (x) => x.clip(-1, 0.5), math: (x) => Math.max(-1, Math.min(x, 0.5)) },
};
/** Methods that are not rows. */
const more: Record<string, Meaning> = {
  square: { call: (x) => x.square(), math: (x) => x * x },
  "pow(2)": { call: (x) => x.pow(2), math: (x) => x * x },
  "pow(3)": { call: (x) => x.pow(3), math: (x) => x ** 3, domain: [0.1, 3], tolerance: { relative: 5e-6 } },
  reciprocal: { call: (x) => x.reciprocal(), math: (x) => 1 / x, domain: [0.1, 3] },
  "clip below": { call: (x) => x.clip(0.25, Infinity), math: (x) => Math.max(x, 0.25) },
  greater: { call: (x, y) => x.greater(y), math: (x, y) => Number(x > y), arity: 2, flat: true },
  greaterEqual: { call: (x, y) => x.greaterEqual(y), math: (x, y) => Number(x >= y), arity: 2, flat: true },
  logicalAnd: { call: (x, y) => x.logicalAnd(y), math: (x, y) => Number(x !== 0 && y !== 0), arity: 2, flat: true },
  logicalOr: { call: (x, y) => x.logicalOr(y), math: (x, y) => Number(x !== 0 || y !== 0), arity: 2, flat: true },
  logicalNot: { call: (x) => x.logicalNot(), math: (x) => Number(x === 0), flat: true },
  "cast to bool": { call: (x) => x.cast("bool"), math: (x) => Number(x !== 0), flat: true },
};

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  NaN,
  Infinity,
  -Infinity,
  1e-45,
  -1e-45,
  1e-40,
  -1e-40,
  1.2e-38,
  1e-20,
  -1e-20,
  1e-7,
  3.4e38,
  -3.4e38,
  1e20,
  -1e20,
  88,
  -88,
  89,
  -89,
  104,
  -104,
  16777217,
  2147483520,
  -2147483648,
  1e10,
].map(Math.fround);

test("every row is tested", () => {
  expect(elementwiseRows.map((row) => row.name).sort()).toEqual(Object.keys(meanings).sort());
});

onEveryEngine((engine) => {
  describe.each(Object.entries({ ...meanings, ...more }))(
    "%s",
    (name, { call, math, tolerance = {}, domain = [-2, 2], flat = false, arity = 1 }) => {
      // Odd lengths leave a rest behind the last vector.
      const inputs = [0, 1, 2].map((i) =>
        name === "where" && i === 0 ? draw(331, 0, 2).map(Math.floor) : draw(331, ...domain, 10 + i),
      );
      const check = (columns: readonly (readonly number[])[], within: Tolerance): void => {
        const [x, y, z] = columns as [number[], number[], number[]];
        expectClose(
          call(tensor(x), tensor(y), tensor(z)),
          x.map((each, i) => math(each, y[i] as number, z[i] as number)),
          within,
        );
      };

      test("random values", () => check(inputs, tolerance));
      test("special values", () => {
        // sin and cos need an argument reduction that nobody has for huge values; pow of one is the engine's affair.
        const allowed =
          name === "sin" || name === "cos"
            ? specials.filter((x) => !(Math.abs(x) > 1e6) || !Number.isFinite(x))
            : specials;
        const pairs = arity === 1 ? allowed.map((x) => [x, 0]) : allowed.flatMap((x) => allowed.map((y) => [x, y]));
        const usable =
          name === "pow" ? pairs.filter(([x, y]) => Math.abs(x as number) !== 1 || Number.isFinite(y)) : pairs;
        const x = usable.map((pair) => pair[0] as number);
        const y = usable.map((pair) => pair[1] as number);
        // Whatever is below float32's normal numbers may come out as 0.
        check([x, y, y.map((each) => -each)], { relative: 4e-6, absolute: 1.2e-38, ...tolerance });
      });
      if (!flat)
        test("gradient by differences", () => {
          const args = inputs
            .slice(name === "where" ? 1 : 0, arity)
            .map((values) => ({ shape: [23], values: values.slice(0, 23) }));
          const condition = tensor(inputs[0]?.slice(0, 23) as number[]);
          expectGradient(engine, (x, y = x) => (name === "where" ? where(condition, x, y) : call(x, y, y)), args);
        });
    },
  );

  describe("special values that must keep their sign", () => {
    const rows: [string, () => Tensor, number[]][] = [
      ["1 / -0", () => tensor([-0, 0]).reciprocal(), [-Infinity, Infinity]],
      ["1 / neg(0)", () => tensor([0]).neg().reciprocal(), [-Infinity]],
      ["1 / (0 * -1)", () => tensor([0]).mul(-1).reciprocal(), [-Infinity]],
      ["1 / abs(-0)", () => tensor([-0]).abs().reciprocal(), [Infinity]],
      ["1 / sqrt(-0)", () => tensor([-0]).sqrt().reciprocal(), [-Infinity]],
      ["1 / (0 - 0)", () => tensor([0]).sub(0).reciprocal(), [Infinity]],
    ];
    test.each(rows)("%s", (_what, make, values) => expectClose(make(), values));
  });

  describe("gradients at edges", () => {
    const slope = (f: (x: Tensor) => Tensor, x: TensorLike): Tensor =>
      grad((t: Tensor) => f(t).sum())(tensor(x as number[]));
    const rows: [string, (x: Tensor) => Tensor, number[], number[]][] = [
      ["relu at 0", (x) => x.relu(), [-1, -0, 0, 1], [0, 0, 0, 1]],
      ["abs at 0", (x) => x.abs(), [-2, 0, 2], [-1, 0, 1]],
      ["sign", (x) => x.sign(), [-2, 0, 2], [0, 0, 0]],
      ["floor, ceil, round", (x) => x.floor().add(x.ceil()).add(x.round()), [-1.5, 0, 2], [0, 0, 0]],
      ["floor in front of an infinite slope", (x) => x.floor().sqrt(), [0.5, 0, 4], [0, 0, 0]],
      ["sign in front of an infinite slope", (x) => x.sign().log(), [0, 1], [0, 0]],
      ["maximum at a tie with itself", (x) => x.maximum(x), [1, 2], [1, 1]],
      ["maximum at a tie with a number", (x) => x.maximum(0), [-1, 0, 1], [0, 0.5, 1]],
      ["minimum at a tie with a number", (x) => x.minimum(0), [-1, 0, 1], [1, 0.5, 0]],
      ["clip at its ends", (x) => x.clip(-1, 1), [-2, -1, 0, 1, 2], [0, 1, 1, 1, 0]],
      ["clip of a point", (x) => x.clip(1, 1), [0, 1, 2], [0, 1, 0]],
      ["clip open at one end", (x) => x.clip(-Infinity, 1), [-1e30, 1, 2], [1, 1, 0]],
      ["sqrt at 0", (x) => x.sqrt(), [0, 4], [Infinity, 0.25]],
      ["sqrt behind where", (x) => where(x.equal(0), 0, where(x.equal(0), 1, x).sqrt()), [0, 4], [0, 0.25]],
      ["log at 0", (x) => x.log(), [0, 2], [Infinity, 0.5]],
      ["0 to the power 0", (x) => x.pow(0), [0, 2], [0, 0]],
      ["0 to the power 1", (x) => x.pow(1), [0, 2], [1, 1]],
      ["0 to the power 2", (x) => x.pow(2), [0, -3], [0, -6]],
      ["0 to the power 3", (x) => x.pow(3), [0, -2], [0, 12]],
      ["0 to the power 0.5", (x) => x.pow(0.5), [0, 4], [Infinity, 0.25]],
      ["exponent at base 0", (x) => tensor([0, 0, 2]).pow(x), [1, 2, 3], [0, 0, 8 * Math.log(2)]],
      ["sigmoid far out", (x) => x.sigmoid(), [-1e4, 1e4, 0], [0, 0, 0.25]],
      ["tanh far out", (x) => x.tanh(), [-1e4, 1e4, 0], [0, 0, 1]],
      ["where, side not taken", (x) => where(x.greater(0), x.log(), x), [-1, 2], [1, 0.5]],
      ["x used twice", (x) => x.mul(x).add(x), [3], [7]],
      ["a comparison has none", (x) => x.greater(0).cast("float32").mul(x), [2, -1], [1, 0]],
    ];
    test.each(rows)("%s", (_what, f, x, expected) => expectClose(slope(f, x), expected));

    test("maximum and minimum share at a tie", () => {
      for (const f of [(x: Tensor, y: Tensor) => x.maximum(y).sum(), (x: Tensor, y: Tensor) => x.minimum(y).sum()]) {
        const [x, y] = grad(f, { argnums: [0, 1] })(tensor([1, 2]), tensor([1, 2])) as [Tensor, Tensor];
        expectClose(x, [0.5, 0.5]);
        expectClose(y, [0.5, 0.5]);
      }
    });
  });

  test("accuracy near 0: expm1 and log1p", () => {
    const tiny = [1e-3, -1e-3, 1e-6, -1e-6, 1e-9, 1e-20];
    expectClose(
      tensor(tiny).expm1(),
      tiny.map((x) => Math.expm1(Math.fround(x))),
    );
    expectClose(
      tensor(tiny).log1p(),
      tiny.map((x) => Math.log1p(Math.fround(x))),
    );
  });

  test("every length is whole: no element lost behind the last vector", () => {
    for (let n = 0; n <= 70; n++) {
      const x = draw(n, -3, 3, n);
      expectClose(
        tensor(x).exp().add(1),
        x.map((each) => Math.exp(each) + 1),
      );
    }
  });

  test("long chains are one program and stay right", () => {
    const start = draw(1000, 0.5, 1.5);
    let x = tensor(start);
    let expected = start;
    for (let i = 0; i < 40; i++) {
      x = x.mul(1.01).add(0.1).sqrt();
      expected = expected.map((each) => Math.sqrt(each * 1.01 + 0.1));
    }
    expectClose(x, expected, { relative: 1e-5 });
  });
});

test("agrees() is no rubber stamp", () => {
  expect([
    agrees(1, 1.00001),
    agrees(0, 1e-30),
    agrees(NaN, 1),
    agrees(1, NaN),
    agrees(Infinity, -Infinity),
    agrees(1e38, Infinity),
  ]).toEqual([false, false, false, false, false, false]);
  expect([agrees(1, 1.0000001), agrees(NaN, NaN), agrees(-0, 0), agrees(Infinity, Infinity)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
});
