import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machine } from "./tables/machine.mjs";

/** Writes bench/results/<date><kind>.json and returns its path. */
export function saveResults(report, kind = "") {
  const date = new Date().toISOString().slice(0, 16).replace(":", "");
  const folder = new URL("../results/", import.meta.url);
  const file = new URL(`${date}${kind}.json`, folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ date, machine: machine(), ...report }, null, 1)}\n`);
  return fileURLToPath(file);
}
