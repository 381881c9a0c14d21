// Rewrites the golden numbers from PyTorch: `pnpm golden` or `pnpm golden losses ops`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findPython, torchMissing } from "../python.mjs";

const all = [
  "losses",
  "optimizers",
  "optimizers_papers",
  "optimizers_wrappers",
  "gradients",
  "lbfgs",
  "ops",
  "mlp",
  "safetensors_file",
];
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
