// Runs in the browser: every case with every library, in turns.
import { medians, mixed, summarize } from "../statistics.mjs";
import { webGl2Adapter, webGpuAdapter } from "./adapters.mjs";
import { cases } from "./cases.mjs";
import { downhillCpu, downhillWebGl2, downhillWebGpu } from "./downhill.mjs";
import { jaxWebGpu } from "./jax.mjs";
import { tfjsWebGl, tfjsWebGpu } from "./tfjs.mjs";
import { turn } from "./turn.mjs";

const libraries = [downhillWebGpu, downhillWebGl2, downhillCpu, tfjsWebGl, tfjsWebGpu, jaxWebGpu];

async function measure(name, options) {
  const { title, data } = cases[name];
  const values = data();
  const asked = libraries.filter(
    ({ label, runs }) =>
      name in runs && (options.only === undefined || options.only.some((part) => label.toLowerCase().includes(part))),
  );
  const entries = asked.map((library) => ({ library, turns: [], error: null }));
  for (let round = 0; round < options.rounds; round++) {
    // Another library starts each time.
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[(i + round) % entries.length];
      if (entry.error !== null) continue;
      try {
        entry.turns.push(await turn(entry.library, name, values, options));
      } catch (error) {
        entry.error = error instanceof Error ? error.message : String(error);
        console.error(`!! ${entry.library.label} IS MISSING FROM "${title}": ${entry.error}`);
      }
    }
  }
  const measured = entries.filter(({ error }) => error === null);
  return {
    name,
    title,
    rows: measured.map(({ library: { label }, turns }) => {
      return { label, ...medians(turns), times: summarize(turns.map(({ ms }) => ms)) };
    }),
    missing: entries
      .filter(({ error }) => error !== null)
      .map(({ library, error }) => ({ label: library.label, error })),
    disagreements: mixed(measured.map(({ library, turns }) => [library.label, turns.map(({ value }) => value)])),
  };
}

globalThis.bench = async (options) => {
  const results = [];
  for (const name of options.names) {
    console.log(cases[name].title);
    results.push(await measure(name, options));
  }
  return { adapters: { WebGPU: await webGpuAdapter(), WebGL2: webGl2Adapter() }, results };
};
