// Rewrites the golden numbers from PyTorch: `pnpm golden` or `pnpm golden losses_ranking ops`.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findPython, torchMissing } from "../python.mjs";

const modules = [
  "class_rows.py",
  "golden.py",
  "loss_rows.py",
  "read_safetensors.py",
  "reference.py",
  "trajectories.py",
];
const all = readdirSync(new URL(".", import.meta.url))
  .filter((name) => name.endsWith(".py") && !modules.includes(name))
  .map((name) => name.slice(0, -3))
  .sort();
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all;
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`golden: no script named ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(2);
}

const python = findPython(["torch"]);
if (python === null) {
  console.error(`golden: ${torchMissing}\nNothing was written.`);
  process.exit(1);
}

for (const name of wanted) {
  const { status } = spawnSync(python, [fileURLToPath(new URL(`${name}.py`, import.meta.url))], {
    stdio: "inherit",
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  if (status !== 0) {
    console.error(`golden: ${name}.py failed`);
    process.exit(status ?? 1);
  }
}
