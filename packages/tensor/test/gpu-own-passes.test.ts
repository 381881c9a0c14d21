// Every own kernel of the GPU engine, run as JavaScript, against the reference engine; then the texts themselves.
import type { Tensor } from "@downhill/tensor";
import { argsort, conv2d, pad, scatterAdd, take, tensor, useEngine } from "@downhill/tensor";
import { afterAll, describe, expect, test } from "vitest";
import { ownKernels as cpuKernels } from "../src/engines/cpu/own-kernel.js";
import { inlineText } from "../src/engines/gpu/fused/literal-text.js";
import { ownPasses } from "../src/engines/gpu/own/own-passes.js";
import { PassText } from "../src/engines/gpu/own/pass-text.js";
import type { PassBuilder, Place } from "../src/engines/gpu/pass.js";
import { ownKernels as referenceKernels } from "../src/engines/reference/own-kernels.js";
import { addWindows } from "../src/engines/windows.js";
import { switchTo } from "../src/runtime/engines.js";
import type { Case } from "./against-reference.js";
import { compare, valuesOf, whole } from "./against-reference.js";
import type { compileText, RanPass } from "./own-pass-engine.js";
import { ownPassEngine } from "./own-pass-engine.js";
import { indexCases, moveCases, rowCases } from "./own-pass-moves.js";
import { convolutionCases, poolCases, productCases, withGradients } from "./own-pass-windows.js";
import { cases as threadCases } from "./thread-cases.js";

const ran: RanPass[] = [];

/** Float32 sums in another order. */
const rounding = { relative: 2e-5, absolute: 2e-4 };

function likeReference(title: string, cases: readonly Case[], tolerance?: typeof rounding): void {
  test.each(cases)(`${title}: %s`, (name, build) => {
    useEngine("reference");
    const wanted = valuesOf(build);
    switchTo(ownPassEngine(ran));
    compare(name, valuesOf(build), wanted, tolerance);
  });
}

afterAll(() => useEngine("reference"));

test("every operation that other engines have a kernel for has passes", () => {
  addWindows();
  const names = new Set([...Object.keys(cpuKernels), ...Object.keys(referenceKernels), "matmul", "expand"]);
  expect(Object.keys(ownPasses).sort()).toEqual([...names].sort());
});

likeReference("matmul", productCases);
likeReference("conv2d", convolutionCases);
likeReference("pooling", poolCases, rounding);
likeReference("movement", moveCases);
likeReference("indices", indexCases);
likeReference("rows", rowCases);
likeReference(
  "graphs of the tests of threads",
  threadCases.filter(([name]) => !/random numbers|100x50x100|40x20x700|1030|1000|1025|513/.test(name)),
  rounding,
);

test("computed indices out of range: NaN from gather, nothing from scatterAdd", () => {
  switchTo(ownPassEngine(ran));
  const index = tensor(Int32Array.from([-2, 0, 1, 2])).add(tensor(Int32Array.from([1, 0, 1, 1])));
  expect(Array.from(take(tensor([5, 6, 7]), index).dataSync())).toEqual([Number.NaN, 5, 7, Number.NaN]);
  expect(Array.from(scatterAdd(tensor([1, 2, 3, 4]), index, 0, 3).dataSync())).toEqual([2, 0, 3]);
});

test("quotients that are one off, as devices compute them, change nothing", () => {
  let calls = 0;
  const careless = (text: string): ReturnType<typeof compileText> => {
    const spoiled = text.replace(/Math\.floor\((\w+\/\w+)\)/g, "floor($1)");
    const floor = (x: number): number => Math.floor(x) + ((calls++ % 3) - 1);
    return new Function("floor", `return (${spoiled})`)(floor) as ReturnType<typeof compileText>;
  };
  const options = { stride: 2, padding: 1, groups: 2 };
  const build = (): Tensor[] => [
    whole([3, 4, 5]).transpose([2, 1, 0]).clone(),
    ...withGradients((p, q) => conv2d(p, q, options), whole([2, 4, 7, 7]), whole([4, 2, 3, 3])),
    argsort(whole([3, 37], 1, 3), { axis: 1 }),
    pad(whole([2, 3, 4]), [
      [1, 1],
      [2, 0],
      [0, 1],
    ]),
  ];
  useEngine("reference");
  const wanted = valuesOf(build);
  switchTo(ownPassEngine([], careless));
  compare("careless division", valuesOf(build), wanted);
  expect(calls).toBeGreaterThan(1000);
});

test("more elements than float32 can count are refused", () => {
  const place: Place = { kind: "temporary", index: 0 };
  const build: PassBuilder = { place: () => place, temporary: () => place, scalar: () => 0, add: () => {} };
  new PassText(build).finish("t", 2 ** 24, place);
  expect(() => new PassText(build).finish("t", 2 ** 24 + 1, place)).toThrow(
    new RangeError(
      'gpu: "shape" expected at most 16777216 elements, which float32 can count, got 16777217; use the engine "cpu"',
    ),
  );
});

test.each([
  [0, "0.0"],
  [3, "3.0"],
  [-2.5, "(-2.5)"],
  [1e-9, "9.999999717180685e-10"],
  [Number.POSITIVE_INFINITY, "Math.exp(t+1000.0)"],
  [Number.NEGATIVE_INFINITY, "(-Math.exp(t+1000.0))"],
  [Number.NaN, "(Math.exp(t+1000.0)-Math.exp(t+1000.0))"],
])("%s in the text of a kernel is %s", (value, text) => {
  expect(inlineText(value)).toBe(text);
  expect(new Function("t", `return ${text}`)(5)).toBe(Math.fround(value));
});

describe("texts that gpu.js translates", () => {
  const forbidden: [what: string, pattern: RegExp][] = [
    ["powers, tanh, bare logarithms", /Math\.(pow|tanh|log)/],
    ["infinities and NaN", /Infinity|NaN/],
    ["bit operators and remainders", /(?<!&)&(?!&)|(?<!\|)\|(?!\|)|\^|~|<<|>>|%/],
    ["syntax that gpu.js lacks", /=>|\.\.\.|`|\?\?|\*\*/],
    ["comparing a value with itself", /\b(\w+)[!=]==\1\b/],
    ["loops but from 0 upwards to a literal", /for\((?!let (\w+)=0;\1<\d+;\1(\+\+|\+=4)\))|while/],
    ["empty branches", /\{\}/],
    ["division but by a literal, or repaired", /\/(?!\d+\.0;|none;)(?!\w+\);let (\w+)=[^;]*;if\(\1<0\))/],
  ];
  test.each(forbidden)("no %s", (_what, pattern) => {
    expect(ran.map(({ text }) => text).filter((text) => pattern.test(text))).toEqual([]);
  });

  test("arguments in order, few arrays, each name declared once, all operations seen", () => {
    expect(new Set(ran.map(({ op }) => op))).toEqual(new Set(Object.keys(ownPasses)));
    for (const { text, arrays, size } of ran) {
      expect(text).toMatch(/^function\((a\d,?)*(s\d,?)*\)\{.*return [^;]*;\}$/);
      expect(arrays).toBeLessThanOrEqual(7);
      expect(size).toBeGreaterThan(0);
      const names = [...text.matchAll(/(?:let|const) (\w+)/g)].map(([, name]) => name);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});
