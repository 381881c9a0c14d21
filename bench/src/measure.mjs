import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeData } from "./data-files.mjs";
import { loadCase } from "./load-case.mjs";
import { labelOf } from "./rivals.mjs";
import { medians, mixed, summarize } from "./statistics.mjs";

// A step slower than this is taken once a round: in 3 rounds, or in one when it takes seconds.
const slowMilliseconds = 700;
// Rounds thrown away: caches fill, JavaScript libraries reach optimized code, workers start, and Downhill tries both ways.
const settleRounds = 10;

/**
 * Measures one case with some libraries: each in a process of its own on the same data; rounds are interleaved, so that
 * a change in the machine's speed hits all of them alike, and its `readings` are taken beside every round.
 */
export async function measure(name, { running, rounds, roundMilliseconds, folder, readings }) {
  const roundsFor = (milliseconds) => (milliseconds > 5000 ? 1 : milliseconds > slowMilliseconds ? 3 : rounds);
  const test = await loadCase(name);
  const files = writeData(join(folder, name), test.data());
  const entries = [];
  const fail = (entry, error) => {
    entry.error = error;
    console.error(`!! ${name}: ${labelOf(entry.rival)} FAILED: ${error}`);
  };
  for (const rival of running) {
    const entry = { rival, samples: [], profiles: [] };
    entries.push(entry);
    const ready = await rival.ask({ do: "setup", case: name, files, row: test.pytorch });
    if (ready.error) fail(entry, ready.error);
    else Object.assign(entry, ready);
    if (!entry.error) await rival.ask({ do: "round", milliseconds: settleRounds * roundMilliseconds });
  }
  rmSync(join(folder, name), { recursive: true });
  const alive = () => entries.filter((entry) => !entry.error);
  for (let round = 0; round < rounds; round++) {
    readings.take();
    // Each round starts with another library, so that none always runs on a machine just warmed or cooled.
    for (const [index] of alive().entries()) {
      const entry = alive()[(index + round) % alive().length];
      if (entry === undefined || round >= roundsFor(entry.samples[0] ?? 0)) continue;
      const milliseconds = entry.samples[0] > slowMilliseconds ? 0 : roundMilliseconds;
      const answer = await entry.rival.ask({ do: "round", milliseconds });
      if (answer.error) {
        fail(entry, answer.error);
        continue;
      }
      for (const sample of answer.samples) entry.samples.push(sample);
      if (answer.profile) entry.profiles.push(answer.profile);
    }
  }
  const timings = {};
  const threaded = {};
  for (const { rival, error, note, check, samples, profiles } of entries) {
    const profile = profiles.length > 0 && medians(profiles);
    (rival.threads > 1 ? threaded : timings)[rival.key] = error
      ? { error }
      : { ...summarize(samples), check, ...(note && { note }), ...(profile && { profile }) };
    await rival.ask({ do: "close" });
  }
  const checks = alive().map((entry) => [labelOf(entry.rival), entry.check]);
  const disagreements = mixed(checks, test.tolerance);
  for (const line of disagreements) console.error(`!! ${name}: DIFFERENT NUMBERS, the times do not compare: ${line}`);
  const shown = entries.map(({ rival }) => {
    const { error, median } = (rival.threads > 1 ? threaded : timings)[rival.key];
    return `${labelOf(rival)} ${error ? "failed" : `${median.toFixed(3)} ms`}`;
  });
  console.log(`${name}: ${shown.join(" · ")}`);
  return { name, title: test.title, work: test.work, timings, threaded, disagreements };
}
