// The libraries measured, each in a child process that answers one line of JSON per line of JSON.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findPython, torchMissing } from "../../tools/python.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (file) => () => ({ command: process.execPath, args: ["--expose-gc", here("./worker.mjs"), file] });

function python() {
  const command = findPython(["torch"]);
  return command === null ? { error: torchMissing } : { command, args: ["-B", here("./rivals/pytorch.py")] };
}

export const rivals = {
  downhill: { label: "Downhill", process: node("downhill") },
  pytorch: { label: "PyTorch", process: python },
  "jax-js": { label: "jax-js", process: node("jax-js") },
  "tfjs-wasm": { label: "tfjs-wasm", process: node("tfjs-wasm") },
  "tfjs-cpu": { label: "tfjs-cpu", process: node("tfjs-cpu") },
};

/** What a library is called in tables: with its threads where there are several. */
export const labelOf = ({ key, threads }) => `${rivals[key].label}${threads > 1 ? ` ×${threads}` : ""}`;

// Each library reads one of these; without them PyTorch would take all cores.
const variables = ["DOWNHILL_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

/** Starts a library; `error` says why it could not be had, else `ask` sends a request and gives its answer. */
export async function startRival(key, threads) {
  const { command, args, error } = rivals[key].process();
  if (error) return { key, threads, error };
  const env = { ...process.env, ...Object.fromEntries(variables.map((name) => [name, String(threads)])) };
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env });
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints = (complaints + text).slice(-2000);
  });
  const waiting = [];
  let ended = null;
  const end = (reason) => {
    ended ??= { error: `its process ended (${reason})${complaints && `: ${complaints.trim().split("\n").at(-1)}`}` };
    for (const resolve of waiting.splice(0)) resolve(ended);
  };
  child.on("error", (problem) => end(problem.message));
  child.on("close", (code, signal) => end(signal ?? `exit ${code}`));
  child.stdin.on("error", () => {}); // the close event tells
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(JSON.parse(line)));
  const ask = (request) =>
    new Promise((resolve) => {
      if (ended) return resolve(ended);
      waiting.push(resolve);
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  const hello = await ask({ do: "hello" });
  if (hello.error) child.kill();
  return { key, threads, info: hello.info, error: hello.error, ask, stop: () => child.kill() };
}
