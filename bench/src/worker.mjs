// The process of one JavaScript library: node worker.mjs downhill | jax-js | tfjs-wasm | tfjs-cpu.
// A case gives, per library, a function (library, data) => { step, check, note? }. `step` does the work
// once, to its end; `check` gives numbers of the last step that all libraries must agree on.
import { createInterface } from "node:readline";
import { readData } from "./data-files.mjs";
import { loadCase } from "./load-case.mjs";
import { medians } from "./statistics.mjs";

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
console.log = console.info = console.error; // stdout carries answers only

const parts = { keying: "keyingTime", planning: "planningTime", kernels: "kernelTime", copies: "copyTime" };

/** Where the time of one step went, in microseconds: what the engine does not account for is building the graph. */
function account(before, after, milliseconds) {
  const change = (name) => after[name] - before[name];
  const times = Object.fromEntries(Object.entries(parts).map(([part, name]) => [part, change(name) * 1000]));
  const building = milliseconds * 1000 - Object.values(times).reduce((sum, time) => sum + time, 0);
  return { building, ...times, nodes: change("nodes"), launched: change("kernels"), plans: change("plans") };
}

const warmUps = 2; // enough for the check to see an update, few enough for steps of ten seconds
let rival;
let run = null;

const actions = {
  async hello() {
    rival = await (await import(`./rivals/${process.argv[2]}.mjs`)).open();
    return { info: rival.info };
  },
  async setup({ case: name, files }) {
    const test = await loadCase(name);
    run = await test[rival.side](rival.library, readData(files));
    for (let i = 0; i < warmUps; i++) await run.step();
    return { check: await run.check(), note: run.note };
  },
  async round({ milliseconds }) {
    const samples = [];
    const profiles = [];
    const end = performance.now() + milliseconds;
    do {
      const before = rival.profile?.();
      const start = performance.now();
      const pending = run.step();
      if (pending) await pending;
      const sample = performance.now() - start;
      samples.push(sample);
      if (before) profiles.push(account(before, rival.profile(), sample));
    } while (performance.now() < end);
    return { samples, ...(profiles.length > 0 && { profile: medians(profiles) }) };
  },
  async close() {
    await run?.close?.();
    run = null;
    globalThis.gc?.();
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    answer(await actions[request.do](request));
  } catch (error) {
    answer({ error: String(error?.message ?? error).split("\n")[0] });
  }
}
