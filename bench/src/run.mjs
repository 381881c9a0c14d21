// Measures every case with every library, side by side: `pnpm bench [case ...] [--rounds 7] [--only downhill,pytorch] [--readme]`.
// Each library runs in a process of its own on the same data; rounds are interleaved, so that a change
// in the machine's speed hits all of them alike. One thread each.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { calibrate } from "./calibrate.mjs";
import { writeData } from "./data.mjs";
import { breakdown, consoleTable, saveResults, updateReadme } from "./report.mjs";
import { rivals, startRival } from "./rivals.mjs";
import { medians, mixed, summarize } from "./statistics.mjs";

const roundMilliseconds = 150;
// A step slower than this is taken once a round: in 3 rounds, or in one when it takes seconds.
const slowMilliseconds = 700;
const roundsFor = (milliseconds) => (milliseconds > 5000 ? 1 : milliseconds > slowMilliseconds ? 3 : rounds);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "7" },
    only: { type: "string" },
    readme: { type: "boolean", default: false },
  },
});
const available = readdirSync(new URL("./cases/", import.meta.url)).map((file) => file.replace(/\.mjs$/, ""));
const order = [
  ...["mlp-784-128-10", "mlp-784-128-10-gradient", "mlp-784-10-10", "conv-net", "cross-entropy"],
  ...[
    "mean-squared-error",
    "huber",
    "bce-with-logits",
    "layer-norm",
    "softmax",
    "adam",
    "matmul-256",
    "matmul-512",
    "matmul-1024",
  ],
];
const known = [...order, ...available.filter((name) => !order.includes(name))];
const names = positionals.length > 0 ? positionals : known;
const unknown = [
  ...names
    .filter((name) => !available.includes(name))
    .map((name) => `no case "${name}"; there are ${known.join(", ")}`),
  ...(options.only?.split(",") ?? [])
    .filter((key) => !(key in rivals))
    .map((key) => `no library "${key}"; there are ${Object.keys(rivals).join(", ")}`),
];
if (unknown.length > 0) {
  for (const line of unknown) console.error(`bench: ${line}`);
  process.exit(2);
}
const rounds = Number(options.rounds);
const chosen = options.only ? options.only.split(",") : Object.keys(rivals);

const running = [];
for (const key of chosen) {
  const rival = await startRival(key);
  if (rival.error) console.error(`!! ${rivals[key].label} IS MISSING FROM THIS RUN: ${rival.error}`);
  else {
    running.push(rival);
    console.log(`${rivals[key].label}: ${rival.info}`);
  }
}

if (running.length === 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), "downhill-bench-"));
calibrate(); // the first call pays for its own compilation
const noise = [];
const results = [];
try {
  for (const name of names) results.push(await measure(name));
} finally {
  for (const rival of running) rival.stop();
  rmSync(folder, { recursive: true, force: true });
}

const report = {
  libraries: Object.fromEntries(running.map((rival) => [rival.key, rival.info])),
  noise: { copyGBs: summarize(noise.map((n) => n.copyGBs)), mulAddGFlops: summarize(noise.map((n) => n.mulAddGFlops)) },
  results,
};
console.log(`\n${consoleTable(report)}`);
console.log(`\n${breakdown(report)}\n`);
console.log(`written: ${saveResults(report)}`);
if (options.readme) console.log(updateReadme(report));
const ours = chosen.includes("downhill") ? running.some((rival) => rival.key === "downhill") : true;
const broken = results.some(({ timings, disagreements }) => disagreements.length > 0 || timings.downhill?.error);
process.exitCode = ours && !broken ? 0 : 1;

async function measure(name) {
  const { default: test } = await import(`./cases/${name}.mjs`);
  const files = writeData(join(folder, name), test.data());
  const entries = [];
  for (const rival of running) {
    const ready = await rival.ask({ do: "setup", case: name, files });
    if (ready.error) console.error(`!! ${name}: ${rivals[rival.key].label} FAILED: ${ready.error}`);
    entries.push({ rival, ...ready, samples: [] });
  }
  const alive = () => entries.filter((entry) => !entry.error);
  for (let round = 0; round < rounds; round++) {
    noise.push(calibrate());
    // Each round starts with another library, so that none always runs on a machine just warmed or cooled.
    for (const [index] of alive().entries()) {
      const entry = alive()[(index + round) % alive().length];
      if (entry === undefined || round >= roundsFor(entry.samples[0] ?? 0)) continue;
      const answer = await entry.rival.ask({
        do: "round",
        milliseconds: entry.samples[0] > slowMilliseconds ? 0 : roundMilliseconds,
      });
      if (answer.error) {
        entry.error = answer.error;
        console.error(`!! ${name}: ${rivals[entry.rival.key].label} FAILED: ${answer.error}`);
        continue;
      }
      entry.samples.push(...answer.samples);
      if (answer.profile) entry.profiles = [...(entry.profiles ?? []), answer.profile];
    }
  }
  const timings = {};
  for (const { rival, error, note, check, samples, profiles } of entries) {
    const profile = profiles && medians(profiles);
    timings[rival.key] = error
      ? { error }
      : { ...summarize(samples), check, ...(note && { note }), ...(profile && { profile }) };
    await rival.ask({ do: "close" });
  }
  const disagreements = mixed(alive().map((entry) => [rivals[entry.rival.key].label, entry.check]));
  for (const line of disagreements) console.error(`!! ${name}: DIFFERENT NUMBERS, the times do not compare: ${line}`);
  const shown = Object.entries(timings).map(
    ([key, t]) => `${rivals[key].label} ${t.error ? "failed" : `${t.median.toFixed(3)} ms`}`,
  );
  console.log(`${name}: ${shown.join(" · ")}`);
  return { name, title: test.title, ...(test.work && { work: test.work }), timings, disagreements };
}
