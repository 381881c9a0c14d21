// What the tests of threads share: tiny parts, so that small shapes are cut, and workers that have started.
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, memory, setThreads, tensor, useEngine } from "@downhill/tensor";
import type { Crew } from "../src/engines/cpu/crew.js";
import { limits } from "../src/engines/cpu/grid.js";
import { rangeKernels } from "../src/engines/cpu/step.js";
import { at } from "../src/engines/cpu/worker-source.js";
import { currentLauncher } from "../src/runtime/engines.js";

type Call = (...args: number[]) => void;

/** The workers of the current engine. */
export function crew(): Crew {
  const found = (currentLauncher().engine as unknown as { crew: Crew | null }).crew;
  if (found === null) throw new Error("no workers");
  return found;
}

/** The words that threads exchange, and the workers. */
export function insideOf(found: Crew): { words: Int32Array; workers: { terminate(): void }[] } {
  return found as unknown as { words: Int32Array; workers: { terminate(): void }[] };
}

const usual = { ...limits };

/** From now on programs get generated functions at their next run, or never. */
export function generate(functions: boolean): void {
  Object.assign(limits, { generate: functions ? 0 : Infinity, function: 0 });
}

/** A new engine that cuts as it does for users. */
export function cutAsUsual(): void {
  Object.assign(limits, usual);
  useEngine("reference");
  useEngine("cpu");
}

/** A new engine that cuts everything that takes this many nanoseconds twice, lets workers help at once, and generates functions. */
export function cutFinely(part = 1): void {
  Object.assign(limits, { part, wake: 0, start: 0, measure: false });
  generate(true);
  useEngine("reference");
  useEngine("cpu");
}

/** Calls `wrap` around what the main thread does with its own parts. */
export function wrapOwnParts(found: Crew, wrap: (call: Call) => Call): void {
  const kernels = rangeKernels.map((name) => [name, wrap(found.linked.kernels[name] as Call)]);
  Object.assign(found, { linked: { ...found.linked, kernels: Object.fromEntries(kernels) } });
}

/** Lets the main thread do a part only after a worker has taken one, or not within some milliseconds. */
const slow =
  (words: Int32Array, patience: number) =>
  (call: Call): Call =>
  (...args) => {
    const open = Atomics.load(words, at.open);
    const until = performance.now() + patience;
    while (open > 0 && Atomics.load(words, at.open) === open && performance.now() < until)
      if (typeof document === "undefined") Atomics.wait(words, at.never, 0, 0.02);
    call(...args);
  };

/** A number of threads, all of them started; for so many milliseconds the main thread leaves each part to the others. */
export async function onThreads(count: number, patience = 0.5): Promise<void> {
  memory(); // there is an engine
  setThreads(count);
  if (count === 1) return;
  tensor(new Float32Array(2 ** 18))
    .add(1)
    .dataSync();
  for (let i = 0; crew().ready < count - 1; i++) {
    if (i > 500) throw new Error("the workers do not start");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  wrapOwnParts(crew(), slow(insideOf(crew()).words, patience));
}

/** The bits of all values. */
export function bitsOf(tensors: readonly Tensor[]): number[][] {
  evaluateSync(...tensors);
  return tensors.map((x) => {
    const values = x.dataSync();
    return Array.from(values instanceof Float32Array ? new Int32Array(values.buffer) : values);
  });
}
