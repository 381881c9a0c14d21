import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkImports } from "../check-imports.mjs";

const made = [];
afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true });
});

/** A small repository on disk: the good parts that every case shares, and the files of the case. */
function repository(files) {
  const root = mkdtempSync(join(tmpdir(), "imports-"));
  made.push(root);
  const manifest = (name, more = {}) =>
    JSON.stringify({ name: `@downhill/${name}`, exports: { ".": "./dist/index.js" }, ...more });
  const tensor = { dependencies: { "@downhill/tensor": "workspace:^" } };
  const base = {
    "package.json": JSON.stringify({ devDependencies: { vitest: "1" } }),
    "packages/tensor/package.json": manifest("tensor"),
    "packages/tensor/src/index.ts": `export * from "./tensor.js";`,
    "packages/tensor/src/tensor.ts": `import { add } from "./ops/add.js";`,
    "packages/tensor/src/ops/add.ts": `import type { Tensor } from "../tensor.js";`,
    "packages/schedulers/package.json": manifest("schedulers"),
    "packages/schedulers/src/index.ts": "",
    "packages/losses/package.json": manifest("losses", tensor),
    "packages/losses/src/index.ts": `import { add } from "@downhill/tensor";`,
    "packages/losses/test/a.test.ts": `import "vitest"; import "@downhill/testing"; import "@downhill/schedulers";`,
    "packages/optimizers/package.json": manifest("optimizers", {
      dependencies: { ...tensor.dependencies, "@downhill/schedulers": "workspace:^" },
    }),
    "packages/optimizers/src/index.ts": `import type { Schedule } from "@downhill/schedulers";`,
    "packages/nn/package.json": manifest("nn", {
      ...tensor,
      exports: { ".": "./dist/index.js", "./terminal": "./dist/terminal.js" },
      peerDependencies: { "cli-progress": "3" },
    }),
    "packages/nn/src/index.ts": "",
    "packages/nn/src/terminal.ts": `import bar from "cli-progress"; import "node:tty";`,
    "packages/testing/package.json": manifest("testing"),
    "bench/package.json": manifest("bench"),
    "bench/src/a.mjs": `import { root } from "../../tools/packages.mjs";`,
  };
  for (const [path, text] of Object.entries({ ...base, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("a repository that keeps the rules has no problems", () => {
  expect(checkImports(repository({})).problems).toEqual([]);
});

const cases = [
  [
    "a loss imports an optimizer",
    "packages/losses/src/a.ts",
    `import "@downhill/optimizers";`,
    /not in the dependencies/,
  ],
  [
    "an optimizer loads the schedulers",
    "packages/optimizers/src/a.ts",
    `\nimport { constant } from "@downhill/schedulers";`,
    /a\.ts:2.*optimizers may not import schedulers at run time/,
  ],
  [
    "an inline type import loads the module all the same",
    "packages/optimizers/src/a.ts",
    `import { type Schedule } from "@downhill/schedulers";`,
    /at run time/,
  ],
  ["tensor imports a loss", "packages/tensor/src/a.ts", `export * from "@downhill/losses";`, /not in the dependencies/],
  ["a source imports testing", "packages/losses/src/a.ts", `import "@downhill/testing";`, /only test\/ folders/],
  ["past the exports", "packages/losses/src/a.ts", `import "@downhill/tensor/ops";`, /not among the exports/],
  ["past the exports, from a test", "packages/nn/test/a.ts", `import "@downhill/tensor/ops";`, /not among the exports/],
  ["out of the package", "packages/losses/src/a.ts", `import "../../tensor/src/tensor.js";`, /leaves its package/],
  ["a source imports a tool", "packages/losses/src/a.ts", `import "../../../tools/a.mjs";`, /leaves its package/],
  ["a dependency nobody declared", "packages/losses/src/a.ts", `import "left-pad";`, /not declared/],
  ["a dynamic import nobody declared", "packages/losses/src/a.ts", `await import("left-pad");`, /not declared/],
  ["an unknown package", "packages/losses/src/a.ts", `import "@downhill/nothing";`, /no package/],
  [
    "ops load the class Tensor",
    "packages/tensor/src/ops/a.ts",
    `import { Tensor } from "../tensor.js";`,
    /higher layer/,
  ],
  ["ops load the planner", "packages/tensor/src/ops/a.ts", `import "../plan/fuse.js";`, /higher layer, "plan\/"/],
  ["the planner loads an engine", "packages/tensor/src/plan/a.ts", `import "../engines/cpu.js";`, /higher layer/],
  ["the node loads an op", "packages/tensor/src/node.ts", `import "./ops/add.js";`, /higher layer/],
  ["shape loads the node", "packages/tensor/src/shape.ts", `import "./node.js";`, /higher layer/],
  [
    "the entry loads an optional peer",
    "packages/nn/src/index.ts",
    `import "./terminal.js";`,
    /main entry may not load/,
  ],
  ["the entry loads a Node module", "packages/losses/src/index.ts", `import "node:fs";`, /what browsers load/],
];
test.each(cases)("reported: %s", (_title, path, text, expected) => {
  const { problems } = checkImports(repository({ [path]: text }));
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.join("\n")).toMatch(expected);
});

test("reported: a runtime dependency outside the family", () => {
  const manifest = { name: "@downhill/losses", dependencies: { "@downhill/tensor": "workspace:^", lodash: "4" } };
  const { problems } = checkImports(repository({ "packages/losses/package.json": JSON.stringify(manifest) }));
  expect(problems).toEqual([expect.stringMatching(/losses\/package\.json: "lodash": no runtime dependency/)]);
});
