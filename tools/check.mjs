// npm test: every check, one line each. `npm test -- lint unit` runs those alone.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./chromium.mjs";
import { root } from "./packages.mjs";
import { turbo } from "./turbo.mjs";

// The commands and the files that each check depends on are in package.json ("check:...") and turbo.json.
const checks = [
  { name: "build", does: "compiles the packages, AssemblyScript and TypeScript", task: "build" },
  { name: "types", does: "type-checks the tests" },
  { name: "lint", does: "formatting and lint rules (biome; `npm run format` repairs)" },
  { name: "imports", does: "who may import whom (tools/import-rules.mjs)" },
  { name: "unit", does: "tests in Node, on the sources", counts: true },
  { name: "fuzz", does: "random graphs, engine against engine", counts: true },
  { name: "browser", does: "tests in headless Chromium", counts: true },
  { name: "doctest", does: "examples in doc comments, READMEs, guides", counts: true },
  { name: "docs", does: "typedoc: every export documented, every link and formula right" },
  { name: "size", does: "weight of a bundle against its budget" },
];

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const report = (name) => join(root, `.checks/${name}.json`);
const hasBrowserTests = () =>
  readdirSync(join(root, "packages")).some((name) => {
    const folder = join(root, "packages", name, "test");
    return (
      existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => file.endsWith(".browser.test.ts"))
    );
  });

/** Tests that passed and failed, out of vitest's report; a file that did not even load counts as one failure. */
function counted(name) {
  if (!existsSync(report(name))) return { passed: 0, failed: 1 };
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report(name), "utf8"));
  const failed = testResults.flatMap(({ status, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === "failed");
    return tests.length || status !== "failed" ? tests : [status];
  });
  return { passed: numPassedTests, failed: failed.length };
}

/** Runs one check; returns `{ passed, failed, note, output }`. */
function run({ name, counts, task = `//#check:${name}` }) {
  const env = {};
  if (name === "browser") {
    if (!hasBrowserTests()) return { passed: 0, failed: 0, note: "there are no *.browser.test.ts files" };
    const path = chromium();
    if (!path) {
      const text =
        "NO CHROMIUM FOUND, the browser tests did NOT run: install it (Debian: apt-get install chromium) or set DOWNHILL_CHROMIUM";
      return { passed: 0, failed: process.env.CI ? 1 : 0, note: text };
    }
    env.DOWNHILL_CHROMIUM = path;
  }
  if (counts) rmSync(report(name), { force: true });
  const { status, stdout, stderr } = turbo(["run", task], { stdio: "pipe", encoding: "utf8", maxBuffer: 2 ** 28, env });
  const cached = /FULL TURBO/.test(stdout) ? "cached" : "";
  const { passed, failed } = counts ? counted(name) : { passed: 1, failed: 0 };
  const note = [counts && `${passed} passed`, counts && failed && `${failed} failed`, cached]
    .filter(Boolean)
    .join(", ");
  if (status === 0 && failed === 0) return { passed, failed, note };
  return { passed: counts ? passed : 0, failed: Math.max(failed, 1), note, output: `${stdout}${stderr}` };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length) {
  console.error(
    `npm test: there is no check ${unknown.join(", ")}; there are ${checks.map(({ name }) => name).join(", ")}`,
  );
  process.exit(1);
}

mkdirSync(join(root, ".checks"), { recursive: true });
rmSync(report("summary"), { force: true });
const start = performance.now();
const total = { passed: 0, failed: 0, broken: [] };
for (const check of checks) {
  // The build comes first whatever is asked for: tests need the generated WASM.
  if (wanted.length && check.name !== "build" && !wanted.includes(check.name)) continue;
  const since = performance.now();
  process.stdout.write(`${check.name.padEnd(8)} ${check.does} ... `);
  const { passed, failed, note, output } = run(check);
  console.log(`${failed ? "FAILED" : passed ? "ok" : "NOT RUN"}, ${seconds(since)}${note && ` (${note})`}`);
  if (output) console.log(`\n${output.trim()}\n`);
  total.passed += passed;
  total.failed += failed;
  if (failed) total.broken.push(check.name);
  if (failed && check.name === "build") {
    console.log("The other checks need the build and did not run.");
    break;
  }
}
writeFileSync(report("summary"), JSON.stringify({ passed: total.passed, failed: total.failed }));
console.log(
  total.failed
    ? `\nFAILED in ${seconds(start)}: ${total.broken.join(", ")}; ${total.passed} passed, ${total.failed} failed`
    : `\nAll checks passed in ${seconds(start)}: ${total.passed} passed, 0 failed`,
);
process.exitCode = total.failed ? 1 : 0;
