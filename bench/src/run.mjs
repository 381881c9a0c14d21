// Measures every case with every library, side by side, and prints and writes what came out; README.md says how.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupedCases, groups } from "./groups/index.mjs";
import { loadCase } from "./load-case.mjs";
import { floorOf } from "./machine/floor.mjs";
import { machineReadings } from "./machine/readings.mjs";
import { measure } from "./measure.mjs";
import { readOptions } from "./options.mjs";
import { consoleTables, updateReadmes } from "./report.mjs";
import { labelOf, startRival } from "./rivals.mjs";
import { saveResults } from "./save-results.mjs";
import { scalingNames } from "./scaling.mjs";

const { names, chosen, rounds, roundMilliseconds, threads, threadedCases, scaling, readme, cores, load } =
  readOptions();

/** Large enough that threads may pay: a fraction of a millisecond on one. */
const isLarge = ({ bytes, flops }) => bytes >= 8e6 || flops >= 3e7;
/** The libraries that are measured on several threads and by size. */
const closer = ["downhill", "pytorch"];

const tests = await Promise.all(names.map(loadCase)).catch((problem) => {
  console.error(`bench: ${problem.message}`);
  process.exit(2);
});
const running = [];
async function start(key, count) {
  const rival = await startRival(key, count);
  if (rival.error) console.error(`!! ${labelOf(rival)} IS MISSING FROM THIS RUN: ${rival.error}`);
  else {
    running.push(rival);
    console.log(`${labelOf(rival)}: ${rival.info}`);
  }
}
const inCase = (test, key) => test.rivals?.includes(key) ?? true;
for (const key of chosen) if (scaling || tests.some((test) => inCase(test, key))) await start(key, 1);
if (running.length === 0) {
  console.error("bench: no library is left that has these cases");
  process.exit(1);
}
if (threads > 1) {
  if (threads > cores)
    console.error(`!! ${threads} THREADS ON ${cores} CORE${cores > 1 ? "S" : ""} WAIT FOR EACH OTHER`);
  for (const key of closer) if (running.some((rival) => rival.key === key)) await start(key, threads);
}

const inScaling = ({ key, threads }) => threads === 1 && closer.includes(key);
const folder = mkdtempSync(join(tmpdir(), "downhill-bench-"));
const readings = machineReadings();
const results = [];
const scaled = [];
try {
  for (const [index, name] of names.entries()) {
    const test = tests[index];
    const spread = threadedCases === "all" || (!(name in groupedCases) && isLarge(test.work));
    results.push(await measured(name, ({ key, threads }) => inCase(test, key) && (threads === 1 || spread)));
  }
  if (scaling && running.some(inScaling)) for (const name of scalingNames) scaled.push(await measured(name, inScaling));
} finally {
  for (const rival of running) rival.stop();
  rmSync(folder, { recursive: true, force: true });
}

function measured(name, takesPart) {
  return measure(name, { running: running.filter(takesPart), rounds, roundMilliseconds, folder, readings });
}

const summary = readings.summary();
const withFloors = (measurements) => measurements.map((entry) => ({ ...entry, floor: floorOf(entry.work, summary) }));
const grouped = Object.entries(groups).flatMap(([group, tables]) =>
  tables.map(({ heading, mark, cases }) => ({
    group,
    heading,
    mark,
    results: results.filter(({ name }) => name.split("@")[0] in cases),
  })),
);
const report = {
  libraries: Object.fromEntries(running.filter(({ threads }) => threads === 1).map(({ key, info }) => [key, info])),
  cores,
  load,
  threads,
  readings: summary,
  results: withFloors(results.filter(({ name }) => !(name.split("@")[0] in groupedCases))),
  tables: grouped.filter((table) => table.results.length > 0),
  scaling: withFloors(scaled),
};
console.log(`\n${consoleTables(report)}\n`);
console.log(`written: ${saveResults(report)}`);
if (readme) console.log(updateReadmes(report));
const ours = !chosen.includes("downhill") || running.some(({ key }) => key === "downhill");
const broken = [...results, ...scaled].some(
  ({ timings, threaded, disagreements }) =>
    disagreements.length > 0 || timings.downhill?.error || threaded.downhill?.error,
);
process.exitCode = ours && !broken ? 0 : 1;
