import { cpuEngine } from "../engines/cpu/cpu.js";

// The engine comes first: see index.ts.

import { integer } from "../check.js";
import { mostThreads } from "../engines/cpu/thread-count.js";
import type { Engine, Threads } from "../engines/engine.js";
import { referenceEngine } from "../engines/reference/reference.js";
import { liveCells } from "./cell.js";
import { Launcher } from "./launch.js";

/** Names of the engines that are built in. */
export type EngineName = "cpu" | "reference";

/** What setThreads() asked for. */
let wanted: number | null = null;
const makers: Readonly<Record<EngineName, () => Engine>> = {
  cpu: () => cpuEngine(wanted),
  reference: referenceEngine,
};
let launcher: Launcher | null = null;

/** What runs everything now. Made at the first use, so that importing the package costs nothing. */
export function currentLauncher(): Launcher {
  if (launcher === null) launcher = new Launcher(makers[typeof WebAssembly === "object" ? "cpu" : "reference"]());
  return launcher;
}

/**
 * Switches to another engine; parameters and optimizer state move along. Tensors that were built on older versions of a
 * parameter can't be read afterwards.
 *
 * @param name - `"cpu"` (WebAssembly SIMD, the default) or `"reference"` (float64 loops: slow, defines what is right)
 * @throws RangeError when there is no such engine
 * @example
 * import { engineName, useEngine } from "@downhill/tensor";
 * useEngine("reference");
 * engineName(); // => "reference"
 * useEngine("cpu");
 */
export function useEngine(name: EngineName): void {
  const make = makers[name];
  if (make === undefined)
    throw new RangeError(`useEngine: "name" expected "cpu" or "reference", got ${JSON.stringify(name)}`);
  if (launcher?.engine.name === name && launcher.engine.lost === null) return;
  switchTo(make());
}

/** Makes `engine` the current one, moves all cells to it and closes the old one; what was in a lost engine is gone. */
export function switchTo(engine: Engine, next: Launcher = new Launcher(engine)): void {
  const old = launcher;
  const lost = old?.engine.lost ?? null;
  for (const cell of liveCells()) {
    if (lost === null) cell.moveTo(engine);
    else cell.lose(engine, lost);
  }
  old?.close();
  launcher = next;
}

/**
 * Name of the engine that runs now.
 *
 * @example
 * import { engineName } from "@downhill/tensor";
 * engineName(); // => "cpu"
 */
export function engineName(): string {
  return currentLauncher().engine.name;
}

/** What is alive in the engine. */
export interface Memory {
  /** Bytes held. */
  readonly bytes: number;
  /** Tensors held: parameters, optimizer state, recent uploads. */
  readonly buffers: number;
}

/**
 * What is alive in the engine: parameters, optimizer state, recent uploads and working memory. Flat over a training loop.
 *
 * @returns `bytes` held, and how many tensors they belong to (working memory belongs to none)
 * @example
 * import { memory, parameter } from "@downhill/tensor";
 * const before = memory().buffers;
 * const weight = parameter([1, 2, 3]);
 * memory().buffers - before; // => 1
 */
export function memory(): Memory {
  return currentLauncher().engine.memory();
}

/**
 * Sets how many threads the engine `cpu` may use, now and after it is chosen again. Results are the same bits for any
 * number. Without a call it is the environment variable `DOWNHILL_THREADS`, or as many as there are cores, but at most 8.
 *
 * Workers start after a while of work that is large enough to share, and never keep a process alive. In a browser the page
 * must be cross-origin isolated, and a content security policy must allow `blob:` workers; {@link threads} says what came
 * of it.
 *
 * @param count - an integer from 1 (no workers) to 64
 * @throws RangeError when it is no such integer
 * @example
 * import { setThreads, threads } from "@downhill/tensor";
 * setThreads(2);
 * threads(); // => { count: 2, reason: null }
 */
export function setThreads(count: number): void {
  integer("setThreads", "count", count, 1, mostThreads);
  wanted = count;
  launcher?.engine.setThreads?.(count);
}

/**
 * How many threads the engine may use.
 *
 * @returns `count`, and the `reason` when it is 1 (null otherwise)
 * @throws RangeError when the environment variable `DOWNHILL_THREADS` holds no integer from 1 to 64
 * @example
 * import { setThreads, threads } from "@downhill/tensor";
 * setThreads(1);
 * threads().count; // => 1
 */
export function threads(): Threads {
  const { engine } = currentLauncher();
  return engine.threads?.() ?? { count: 1, reason: `the engine "${engine.name}" has no threads` };
}
