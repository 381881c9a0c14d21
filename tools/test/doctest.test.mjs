import { expect, test } from "vitest";
import { fromMarkdown, fromSource } from "../doctest/extract.mjs";
import { generate, tolerance } from "../doctest/generate.mjs";
import { near, same, throws } from "../doctest/runtime.mjs";

const made = (code) => generate({ path: "a.md", line: 10, code });
const body = (code) => made(code).text.split("\n").slice(9).join("\n");

test("Markdown: ts and js fences, with the line of their first statement", () => {
  const text = "# Title\n\n```ts\nf();\n```\n\n```sh\nls\n```\n```js\ng();\nh();\n```\n";
  expect(fromMarkdown("a.md", text)).toEqual({
    examples: [
      { path: "a.md", line: 4, code: "f();" },
      { path: "a.md", line: 11, code: "g();\nh();" },
    ],
    problems: [],
  });
});

test("Markdown: no-run needs a reason, and a fence an end", () => {
  expect(fromMarkdown("a.md", "```ts no-run (browser)\nf();\n```\n")).toEqual({ examples: [], problems: [] });
  expect(fromMarkdown("a.md", "```ts no-run\nf();\n```\n").problems).toEqual([
    expect.stringMatching(/^a\.md:1: .*reason/),
  ]);
  expect(fromMarkdown("a.md", "\n```ts\nf();\n").problems).toEqual([expect.stringMatching(/^a\.md:2: .*not closed/)]);
});

test("sources: fences of @example, or its whole text; other fences and comments are left alone", () => {
  const text = [
    "/**",
    " * Text.",
    " * ```ts",
    " * not an example",
    " * ```",
    " * @example",
    " * ```ts",
    " * f(1); // => 1",
    " *",
    " *   g();",
    " * ```",
    " * @example",
    " * h();",
    " * @reference somewhere",
    " */",
    "export const x = 1; // @example",
  ].join("\n");
  expect(fromSource("a.ts", text).examples).toEqual([
    { path: "a.ts", line: 8, code: "f(1); // => 1\n\n  g();" },
    { path: "a.ts", line: 13, code: "h();" },
  ]);
});

test("the module keeps the lines of its source, with the imports outside the test", () => {
  const { text, problems, checks } = made(`import { f } from "f";\n\nf(\n  1,\n); // => 2`);
  expect([problems, checks]).toEqual([[], 1]);
  const lines = text.split("\n");
  expect(lines[9]).toBe(`import { f } from "f"; $.test("a.md:10", async () => { `);
  expect(lines.slice(11, 14)).toEqual([
    `await $.same("a.md:12", f(`,
    "  1,",
    `), $.near(2, ${tolerance("2")})); // => 2`,
  ]);
});

test("what a value may stand behind", () => {
  expect(body("x; // => -1.5")).toContain(`await $.same("a.md:10", x, $.near(-1.5, ${tolerance("1.5")}));`);
  expect(body("const y = f(); // => [true, NaN]")).toContain(`const y = f(); await $.same("a.md:10", y, [true, NaN]);`);
  expect(body(`console.log(await x.item()); // => "a"`)).toContain(`await $.same("a.md:10", await x.item(), "a");`);
  expect(body("x;\n// => [[1, 2],\n//     [3, 4]]")).toMatch(
    /\$\.same\("a\.md:10", x, \[\[.*1.*2.*\], \[.*3.*4.*\]\]\);/,
  );
  expect(body("for (const x of y) {\n  x; // => null\n}")).toContain(`await $.same("a.md:11", x, null);`);
});

test("throws: the statement, its text, and the lines that type checking leaves out", () => {
  const { text, throwing } = made("f();\ng(\n1); // throws RangeError: a\n// and b\n");
  expect(text).toContain(`await $.throws("a.md:11", "RangeError: a and b", async () => { g(\n1); });`);
  expect([...throwing]).toEqual([11, 12]);
  expect(body("f(); // => throws TypeError: x...")).toContain(`"TypeError: x..."`);
});

test.each([
  ["a value that is none", "f(); // => about 3", /a\.md:10: "about 3" is not a value/],
  ["code that does not parse", "f(;", /^a\.md:10: /],
  ["an import after the code", `f();\nimport { f } from "f";`, /a\.md:11: imports come first/],
  ["a value behind nothing", "// => 3\nf();", /a\.md:10: .*behind no statement/],
  ["a value behind an if", "if (x) f(); // => 3", /stands behind an expression/],
])("reported: %s", (_title, code, expected) => {
  expect(made(code).problems).toEqual([expect.stringMatching(expected)]);
});

test("numbers count to their last digit from four digits on, else to float32", () => {
  expect(tolerance("0.6931")).toBeCloseTo(0.5e-4, 6);
  expect(tolerance("1.234e-3")).toBeCloseTo(0.5e-6, 8);
  expect(tolerance("0.5")).toBeLessThan(1e-6);
  expect(tolerance("3")).toBeLessThan(1e-5);
  expect(tolerance("1000000")).toBeCloseTo(1, 6);
});

const tensor = { array: async () => [[1, 2.0000001]] };

test("same: tensors, typed arrays, nested values", async () => {
  await same("a:1", tensor, [[near(1, 1e-6), near(2, 1e-6)]]);
  await same("a:1", new Float32Array([0.5]), [near(0.5, 1e-7)]);
  await same("a:1", { a: [null, "b"], c: tensor }, { a: [null, "b"], c: [[near(1, 0), near(2, 1e-6)]] });
  await same("a:1", Number.NaN, Number.NaN);
});

test.each([
  [0.7, near(0.6931, 5e-5), "a:1: expected 0.6931, got 0.7"],
  [[1], [near(1, 0), near(2, 0)], "a:1: expected [1, 2], got [1]"],
  [{ a: 1 }, { b: near(1, 0) }, "a:1: expected { b: 1 }, got { a: 1 }"],
  ["1", near(1, 0), 'a:1: expected 1, got "1"'],
  [Number.NaN, near(1, 0), "a:1: expected 1, got NaN"],
  [true, near(1, 0), "a:1: expected 1, got true"],
])("same fails: %s", async (actual, expected, message) => {
  await expect(same("a:1", actual, expected)).rejects.toThrow(message);
});

const boom = () => {
  throw new RangeError('f: "x" expected  1, got 2');
};

test("throws: a beginning of the error, written as name and message", async () => {
  await throws("a:1", "", boom);
  await throws("a:1", 'RangeError: f: "x" expected 1...', boom);
  await throws("a:1", "RangeError", async () => boom());
});

test.each([
  ["nothing thrown", () => {}, "RangeError", "nothing was thrown"],
  ["another kind", boom, "TypeError", 'expected the error "TypeError", got "RangeError'],
  ["a misspelt name", () => missing(), "", "missing is not defined"],
])("throws fails: %s", async (_title, run, text, message) => {
  await expect(throws("a:1", text, run)).rejects.toThrow(message);
});
