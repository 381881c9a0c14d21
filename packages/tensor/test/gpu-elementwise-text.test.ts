// The kernel text of every elementwise row, as JavaScript, against what the row means.
import { expect, test } from "vitest";
import { elementwiseIntText, elementwiseText } from "../src/engines/gpu/fused/elementwise-text.js";
import { floatText } from "../src/engines/gpu/fused/literal-text.js";
import type { Formula } from "../src/engines/gpu/fused/math-text.js";
import { Names, Statements } from "../src/engines/gpu/fused/text-block.js";
import { elementwiseRows, evaluateNumbers } from "../src/ops/elementwise.js";
import { agrees, draw } from "./support.js";

type Numbers = readonly [number, number, number];

/** Numbers on which rows are tried. */
const specials = [
  0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  -3,
  NaN,
  Infinity,
  -Infinity,
  1e-20,
  1e-7,
  -1e-7,
  3.4e38,
  1e20,
  88,
  -88,
  89,
  -104,
  100,
  99_999,
  1e9,
].map(Math.fround);

const operands: readonly Numbers[] = [
  ...specials.flatMap((x) => specials.map((y, i): Numbers => [x, y, specials[i] as number])),
  ...draw(500, -1, 1, 1).map((x): Numbers => [x, x / 3, 0.7]),
  ...draw(500, -12, 12, 2).map((x, i): Numbers => [x, x * Math.sin(i), 0.7]),
  ...draw(100, -1e5, 1e5, 3).map((x): Numbers => [x, 0.3, 9]),
];

function functionOf(formula: Formula): (x: number, y: number, z: number) => number {
  const at = new Statements(new Names());
  const value = formula(at, "x", "y", "z");
  return new Function("x", "y", "z", `${at.lines.join("")}return ${value};`).bind({ thread: { x: 3 } });
}

test("every row has its text", () => {
  expect(Object.keys(elementwiseText).sort()).toEqual(elementwiseRows.map((row) => row.name).sort());
});

test.each(elementwiseRows.map((row) => [row.name, row] as const))("%s on floats", (name, row) => {
  const compute = functionOf(elementwiseText[name] as Formula);
  for (const [x, y, z] of operands) {
    const args: Numbers = name === "where" ? [Number(x > 0), y, z] : name === "clip" ? [x, -2, 3] : [x, y, z];
    const [wanted, got] = [row.evaluate(...args), compute(...args)];
    const absolute = name === "sin" || name === "cos" ? 3e-7 : 1e-37;
    if (!agrees(got, wanted, { relative: 1e-6, absolute })) expect.fail(`${name}(${args}): ${wanted}, got ${got}`);
  }
});

const ofIntegers = elementwiseRows.filter((row) => row.result !== "float");
test.each(ofIntegers.map((row) => [row.name, row] as const))("%s on whole numbers", (name, row) => {
  const compute = functionOf((elementwiseIntText[name] ?? elementwiseText[name]) as Formula);
  for (let x = -9; x < 9; x++)
    for (let y = -9; y < 9; y++) {
      const args: Numbers = name === "where" ? [x & 1, x, y] : name === "clip" ? [x, -2, 3] : [x, y, 4];
      const got = compute(...args);
      expect(got === 0 ? 0 : got, `${args}`).toBe(evaluateNumbers(row, true, "int32", ...args));
      // A division by -0 would have the wrong sign.
      if (name in elementwiseIntText) expect(Object.is(got, -0), `${args}`).toBe(false);
    }
});

test.each([0, -0, 1, -2, 0.1, 1e21, -1e-30, 2 ** 24, Infinity, -Infinity, NaN, 1e300])("the literal %d", (value) => {
  const at = new Statements(new Names());
  const text = floatText(value, at);
  expect(text).not.toMatch(/Infinity|NaN/);
  const got = new Function(`${at.lines.join("")}return ${text};`).call({ thread: { x: 5 } });
  expect(got).toBe(Math.abs(value) > 1e38 ? value * Infinity : value);
});
