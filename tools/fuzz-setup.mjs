// The same graphs at every `npm test`; `npm run fuzz` asks for more of them, from a new seed.
import fc from "fast-check";

fc.configureGlobal({
  seed: Number(process.env.DOWNHILL_FUZZ_SEED ?? 1),
  numRuns: Number(process.env.DOWNHILL_FUZZ_RUNS ?? 200),
});
