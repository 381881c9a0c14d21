// npm run fuzz [runs] [seed]: the *.fuzz.test.ts files with many more runs, from a new seed unless one is given. Those on
// threads take runs in batches: threads.fuzz.test.ts says how many.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [runs = "10000", seed = String(Math.floor(Math.random() * 2 ** 31))] = process.argv.slice(2);
for (const [name, value] of Object.entries({ runs, seed })) {
  if (!/^\d+$/.test(value)) {
    console.error(`fuzz: "${name}" expected a whole number, got ${value}`);
    process.exit(1);
  }
}

console.log(`fuzz: ${runs} runs of each property, seed ${seed}; to repeat: npm run fuzz ${runs} ${seed}`);
const { status } = spawnSync(process.execPath, [at("node_modules/vitest/vitest.mjs"), "run", "--project", "fuzz"], {
  cwd: at("."),
  stdio: "inherit",
  env: { ...process.env, DOWNHILL_FUZZ_RUNS: runs, DOWNHILL_FUZZ_SEED: seed },
});
process.exit(status ?? 1);
