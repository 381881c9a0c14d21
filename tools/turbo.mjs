// Runs turbo without its telemetry, and with pnpm (a devDependency) where turbo looks for it: on PATH.
import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Runs `turbo ...args`; `options` go to spawnSync. */
export function turbo(args, options = {}) {
  const quiet = ["--output-logs=new-only", "--log-prefix=none"];
  return spawnSync(process.execPath, [at("node_modules/turbo/bin/turbo"), ...args, ...quiet], {
    cwd: at("."),
    stdio: "inherit",
    ...options,
    env: {
      ...process.env,
      TURBO_TELEMETRY_DISABLED: "1",
      TURBO_NO_UPDATE_NOTIFIER: "1",
      PATH: `${at("node_modules/.bin")}${delimiter}${process.env.PATH}`,
      ...options.env,
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(turbo(process.argv.slice(2)).status ?? 1);
