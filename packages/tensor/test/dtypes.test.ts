// Which dtype comes out, and whole numbers: exact, 32 bits wide, wrapping.
import type { DType, Tensor } from "@downhill/tensor";
import { tensor, where } from "@downhill/tensor";
import { expect, test } from "vitest";
import { elementwiseRows } from "../src/ops/elementwise.js";
import { expectExactly, onEveryEngine, randomNumbers } from "./support.js";

/** What each row that has a form for int32 means there. */
const whole: Record<string, [call: (x: Tensor, y: Tensor) => Tensor, math: (x: number, y: number) => number]> = {
  add: [(x, y) => x.add(y), (x, y) => (x + y) | 0],
  sub: [(x, y) => x.sub(y), (x, y) => (x - y) | 0],
  mul: [(x, y) => x.mul(y), Math.imul],
  maximum: [(x, y) => x.maximum(y), (x, y) => Math.max(x, y)],
  minimum: [(x, y) => x.minimum(y), (x, y) => Math.min(x, y)],
  neg: [(x) => x.neg(), (x) => -x | 0],
  abs: [(x) => x.abs(), (x) => Math.abs(x) | 0],
  sign: [(x) => x.sign(), Math.sign],
  relu: [(x) => x.relu(), (x) => Math.max(x, 0)],
  floor: [(x) => x.floor(), (x) => x],
  ceil: [(x) => x.ceil(), (x) => x],
  round: [(x) => x.round(), (x) => x],
  copy: [(x) => x.slice([0]), (x) => x],
  equal: [(x, y) => x.equal(y), (x, y) => Number(x === y)],
  notEqual: [(x, y) => x.notEqual(y), (x, y) => Number(x !== y)],
  less: [(x, y) => x.less(y), (x, y) => Number(x < y)],
  lessEqual: [(x, y) => x.lessEqual(y), (x, y) => Number(x <= y)],
  where: [(x, y) => where(x.greater(0), x, y), (x, y) => (x > 0 ? x : y)],
  toFloat: [(x) => x.cast("float32"), Math.fround],
  greater: [(x, y) => x.greater(y), (x, y) => Number(x > y)],
  greaterEqual: [(x, y) => x.greaterEqual(y), (x, y) => Number(x >= y)],
  logicalAnd: [(x, y) => x.logicalAnd(y), (x, y) => Number(x !== 0 && y !== 0)],
  logicalOr: [(x, y) => x.logicalOr(y), (x, y) => Number(x !== 0 || y !== 0)],
  logicalNot: [(x) => x.logicalNot(), (x) => Number(x === 0)],
  square: [(x) => x.square(), (x) => Math.imul(x, x)],
  clip: [(x) => x.clip(-3, 100), (x) => Math.min(Math.max(x, -3), 100)],
};

test("every row with a form for int32 is tested", () => {
  const names = elementwiseRows.filter((row) => row.simdInt !== undefined).map((row) => row.name);
  expect(names.filter((name) => !(name in whole))).toEqual([]);
});

onEveryEngine(() => {
  const edges = [0, 1, -1, 2, -2, 7, 16777216, 16777217, -16777217, 2147483647, -2147483647, -2147483648];
  const next = randomNumbers(1);
  const spread = Array.from({ length: 331 }, () => Math.trunc((next() - 0.5) * 2 ** (1 + Math.floor(next() * 32))) | 0);
  const [x, y] = [
    [...edges.flatMap((a) => edges.map(() => a)), ...spread],
    [...edges.flatMap(() => edges), ...spread.reverse()],
  ];

  test.each(Object.entries(whole))("int32 %s", (_name, [call, math]) => {
    const result = call(tensor(Int32Array.from(x)), tensor(Int32Array.from(y)));
    const wanted = x.map((a, i) => math(a, y[i] as number) + 0);
    expect(Array.from(result.dataSync(), (value) => value + 0)).toEqual(wanted);
  });

  const dtypes: DType[] = ["float32", "int32", "bool"];
  const of = (dtype: DType): Tensor => tensor([1, 0, 1], { dtype });
  const meet = (a: DType, b: DType): DType =>
    a === "float32" || b === "float32" ? "float32" : a === "int32" || b === "int32" ? "int32" : "bool";
  const arithmetic = ["add", "sub", "mul", "maximum", "minimum"] as const;
  const compare = [
    "equal",
    "notEqual",
    "less",
    "lessEqual",
    "greater",
    "greaterEqual",
    "logicalAnd",
    "logicalOr",
  ] as const;
  const pairs = dtypes.flatMap((a) => dtypes.map((b) => [a, b] as const));

  test.each(pairs)("%s with %s", (a, b) => {
    const arithmeticMeet = meet(a, b) === "bool" ? "int32" : meet(a, b);
    for (const name of arithmetic) expect(of(a)[name](of(b)).dtype, name).toBe(arithmeticMeet);
    for (const name of ["div", "pow"] as const) expect(of(a)[name](of(b)).dtype, name).toBe("float32");
    for (const name of compare) expect(of(a)[name](of(b)).dtype, name).toBe("bool");
    expect(where(of("bool"), of(a), of(b)).dtype).toBe(meet(a, b));
    expectExactly(of(a).add(of(b)), [3], arithmeticMeet, [2, 0, 2]);
    expectExactly(of(a).less(of(b)), [3], "bool", [0, 0, 0]);
    expectExactly(where(of("bool").logicalNot(), of(a), of(b)), [3], meet(a, b), [1, 0, 1]);
  });
  test.each(dtypes)("one operand of %s", (dtype) => {
    const kept = dtype === "bool" ? "int32" : dtype;
    for (const name of ["neg", "abs", "sign", "relu", "floor", "ceil", "round", "square"] as const)
      expect(of(dtype)[name]().dtype, name).toBe(kept);
    for (const name of ["exp", "log", "sqrt", "sin", "tanh", "sigmoid", "erf", "reciprocal"] as const)
      expect(of(dtype)[name]().dtype, name).toBe("float32");
    expectExactly(of(dtype).neg(), [3], kept, dtype === "float32" ? [-1, -0, -1] : [-1, 0, -1]);
    expect(of(dtype).logicalNot().dtype).toBe("bool");
  });
  const withNumbers: [string, DType, (x: Tensor) => Tensor, DType, number[]][] = [
    ["an integer keeps int32", "int32", (x) => x.add(2), "int32", [3, 2, 3]],
    ["a fraction makes float32", "int32", (x) => x.mul(0.5), "float32", [0.5, 0, 0.5]],
    [
      "an integer too large makes float32",
      "int32",
      (x) => x.add(2147483648),
      "float32",
      [2147483649, 2147483648, 2147483649].map(Math.fround),
    ],
    [
      "the smallest int32 keeps int32",
      "int32",
      (x) => x.add(-2147483648),
      "int32",
      [-2147483647, -2147483648, -2147483647],
    ],
    ["an integer with bool", "bool", (x) => x.mul(3), "int32", [3, 0, 3]],
    ["a fraction with bool", "bool", (x) => x.mul(0.5), "float32", [0.5, 0, 0.5]],
    ["a boolean with int32", "int32", (x) => x.add(true), "int32", [2, 1, 2]],
    ["a list with int32", "int32", (x) => x.add([1, 2, 3]), "float32", [2, 2, 4]],
    ["comparison with a fraction", "int32", (x) => x.less(0.5), "bool", [0, 1, 0]],
    ["a power of 2", "int32", (x) => x.pow(2), "float32", [1, 0, 1]],
  ];
  test.each(withNumbers)("%s", (_what, dtype, f, expected, values) =>
    expectExactly(f(of(dtype)), [3], expected, values),
  );

  test("int32 wraps like 32-bit integers do", () => {
    const x = tensor(new Int32Array([2147483647, -2147483648, 65536, 46341]));
    expectExactly(x.add(1), [4], "int32", [-2147483648, -2147483647, 65537, 46342]);
    expectExactly(x.sub(1), [4], "int32", [2147483646, 2147483647, 65535, 46340]);
    expectExactly(x.mul(x), [4], "int32", [1, 0, 0, -2147479015]);
    expectExactly(x.neg(), [4], "int32", [-2147483647, -2147483648, -65536, -46341]);
  });
  test("int32 arithmetic is exact above 2^24", () => {
    expectExactly(tensor(new Int32Array([16777217])).add(tensor(new Int32Array([16777216]))), [1], "int32", [33554433]);
    expectExactly(tensor(new Int32Array([123456789])).maximum(123456788), [1], "int32", [123456789]);
    expectExactly(tensor(new Int32Array([16777217])).equal(16777216), [1], "bool", [0]);
  });
  test("int32 numbers wrap too", () => {
    const big = tensor(2147483647, { dtype: "int32" });
    expectExactly(big.mul(tensor(2147483647, { dtype: "int32" })), [], "int32", [1]);
    expectExactly(big.add(tensor(1, { dtype: "int32" })), [], "int32", [-2147483648]);
  });
  test("casts", () => {
    const x = tensor([0, -0, 1.9, -1.9, NaN, Infinity, -Infinity, 3e9, -3e9]);
    expectExactly(x.cast("int32"), [9], "int32", [0, 0, 1, -1, 0, 2147483647, -2147483648, 2147483647, -2147483648]);
    expectExactly(x.cast("bool"), [9], "bool", [0, 0, 1, 1, 1, 1, 1, 1, 1]);
    expectExactly(tensor([true, false]).cast("float32"), [2], "float32", [1, 0]);
    expectExactly(tensor([true, false]).cast("int32"), [2], "int32", [1, 0]);
    expectExactly(tensor(new Int32Array([0, -5])).cast("bool"), [2], "bool", [0, 1]);
    expectExactly(tensor(new Int32Array([16777217])).cast("float32"), [1], "float32", [16777216]);
  });
});
