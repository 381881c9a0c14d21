// Measures Downhill beside other libraries in a browser, on its GPU: [case ...] [--only downhill,tfjs] [--rounds 3] [--round 500]
// [--hardware].
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { saveResults } from "../save-results.mjs";
import { aligned } from "../tables/format.mjs";
import { machine } from "../tables/machine.mjs";
import { inBrowser } from "./browser.mjs";
import { cases } from "./cases.mjs";
import { gpuTable, gpuTitle } from "./table.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "3" },
    round: { type: "string", default: "500" },
    hardware: { type: "boolean", default: false },
  },
});
const unknown = positionals.find((name) => !(name in cases));
if (unknown !== undefined) {
  console.error(`bench: no case "${unknown}"; there are: ${Object.keys(cases).join(", ")}`);
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : Object.keys(cases);
const only = values.only?.toLowerCase().split(",");
const [rounds, round] = [values.rounds, values.round].map(Number);
if (!(Number.isInteger(rounds) && rounds >= 1 && round > 0)) {
  console.error("bench: --rounds expected an integer of at least 1, --round milliseconds");
  process.exit(2);
}
const { dependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const libraries = Object.fromEntries(
  Object.entries(dependencies).filter(([name]) => /^@(tensorflow|jax-js)/.test(name)),
);

const print = (type, text) => (type === "error" ? console.error(text) : type === "log" && console.log(text));
const report = await inBrowser({ names, only, rounds, round, warmup: round / 2 }, { hardware: values.hardware, print });
const { results } = report;

console.log(`\n${gpuTitle(report)}\n${machine()}\n`);
for (const result of results) console.log(`${aligned(gpuTable(result))}\n`);
for (const { title, disagreements } of results) for (const line of disagreements) console.error(`!! ${title}: ${line}`);
for (const { title, missing } of results)
  for (const { label, error } of missing) console.error(`!! ${label} IS MISSING FROM "${title}": ${error}`);
console.log(`written: ${saveResults({ libraries, rounds, round, ...report }, "-gpu")}`);
const broken = results.some(
  ({ disagreements, missing }) => disagreements.length > 0 || missing.some(({ label }) => label.startsWith("Downhill")),
);
process.exitCode = broken ? 1 : 0;
