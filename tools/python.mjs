// Finds a Python that can import given modules. DOWNHILL_PYTHON names one to use and nothing else.
import { spawnSync } from "node:child_process";

const candidates = () =>
  process.env.DOWNHILL_PYTHON ? [process.env.DOWNHILL_PYTHON] : ["/usr/bin/python3", "python3", "python"];

/** The first Python that imports every module of `modules`, or null. */
export function findPython(modules = []) {
  const code = modules.map((name) => `import ${name}`).join("\n") || "pass";
  for (const command of candidates()) {
    if (spawnSync(command, ["-c", code], { stdio: "ignore" }).status === 0) return command;
  }
  return null;
}

/** What to tell someone whose machine has no Python with PyTorch. */
export const torchMissing =
  "NO PYTORCH: no Python here can `import torch`. On Debian: apt-get install python3-torch libopenblas0-pthread. " +
  "Elsewhere set DOWNHILL_PYTHON to a Python that has it.";
