import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fromSource } from "../doctest/extract.mjs";
import { generate } from "../doctest/generate.mjs";
import { scaffold } from "../new.mjs";

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "new-"));
  for (const pack of ["losses", "optimizers", "schedulers", "regularizers", "nn"]) {
    for (const part of ["src", "test"]) mkdirSync(join(root, "packages", pack, part), { recursive: true });
    writeFileSync(join(root, "packages", pack, "src/index.ts"), "");
  }
});
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  ["scheduler", "warmup", "packages/schedulers/src/warmup.ts"],
  ["regularizer", "l3", "packages/regularizers/src/l3.ts"],
  ["optimizer", "RMSProp", "packages/optimizers/src/rmsprop.ts"],
  ["layer", "Conv2d", "packages/nn/src/conv2d.ts"],
])("%s: a source, its line in the barrel, and a test and an example that fail until filled in", (kind, name, path) => {
  const [source, test, index] = scaffold(root, kind, name);
  expect(source).toBe(join(root, path));
  expect(readFileSync(index, "utf8")).toContain(`from "./${path.split("/").at(-1).replace(".ts", ".js")}";`);
  expect(readFileSync(test, "utf8")).toContain("expect.fail");
  const { examples, problems } = fromSource(path, readFileSync(source, "utf8"));
  expect([examples.length, problems]).toEqual([1, []]);
  expect(generate(examples[0]).problems.join()).toContain("FILL IN");
  expect(() => scaffold(root, kind, name)).toThrow("is there already");
});

test("loss: a source in its folder, its row of facts, the index and the table", () => {
  const facts = join(root, "packages/losses/test/segmentation.test.ts");
  writeFileSync(facts, "const facts = {\n};\n\nlossSuite(losses, rows, facts);\n");
  writeFileSync(
    join(root, "packages/losses/README.md"),
    "<!-- losses, written by tools/catalogue.mjs -->\n<!-- end of losses -->\n",
  );
  const [source, , index, readme] = scaffold(root, "loss", "softDice", "segmentation");
  expect(source).toBe(join(root, "packages/losses/src/segmentation/soft-dice.ts"));
  expect(readFileSync(facts, "utf8")).toContain("  softDice: { holds: [] },\n};");
  expect(readFileSync(index, "utf8")).toContain(
    'export { type SoftDiceOptions, softDice } from "./segmentation/soft-dice.js";',
  );
  expect(readFileSync(readme, "utf8")).toMatch(/### Segmentation[^#]*`softDice` \| FILL IN: one sentence/);
  const { examples, problems } = fromSource(source, readFileSync(source, "utf8"));
  expect([examples.length, problems]).toEqual([1, []]);
  expect(generate(examples[0]).problems.join()).toContain("FILL IN");
  expect(() => scaffold(root, "loss", "softDice", "segmentation")).toThrow("is there already");
  expect(() => scaffold(root, "loss", "x", "images")).toThrow('"folder" expected one of regression, ');
});

test.each([
  ["tensor", "x", '"kind" expected one of loss, '],
  ["loss", "Pinball", '"name" expected camelCase, got Pinball'],
  ["layer", undefined, '"name" expected PascalCase, got undefined'],
])("refuses %s %s", (kind, name, message) => {
  expect(() => scaffold(root, kind, name)).toThrow(message);
});
