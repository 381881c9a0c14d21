// What a worker runs. The build makes a text of it (generated/worker-text.ts), which needs no file, so that any bundler will do;
// nothing imports this file. A worker takes parts of the range while there are any, and sleeps after half a millisecond
// without. Every word of a call is written before `open`, and stays until all parts are done.
import type { at as words } from "./worker-source.js";

/** What the crew tells each of its workers. */
export interface WorkerTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the words that threads exchange. */
  readonly control: number;
  readonly thread: number;
  /** The kernels by number. */
  readonly names: readonly string[];
  /** Where each of the words lies. */
  readonly at: typeof words;
}

type Kernel = (...args: number[]) => void;

function begin({ module, memory, control, thread, names, at }: WorkerTask): void {
  const words = new Int32Array(memory.buffer, control);
  const table = new WebAssembly.Table({ initial: 1, element: "anyfunc" });
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, sin: Math.sin, cos: Math.cos } });
  let known = 0;
  const load = (address: number): void => {
    if (address === known) return;
    const [previous, first, count, length] = new Int32Array(memory.buffer, address, 4) as unknown as Quadruple;
    load(previous);
    const bytes = new Uint8Array(memory.buffer, address + 16, length).slice();
    const made = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
    if (table.length < first + count) table.grow(first + count - table.length);
    for (let i = 0; i < count; i++) table.set(first + i, made[i]);
    known = address;
  };
  const own = at.arguments + 16 * thread;
  const run = (part: number): void => {
    load(words[at.generated] as number);
    const [kernel, count, length, step] = words.subarray(at.call) as unknown as Quadruple;
    const start = part * step;
    const call = exports[names[kernel] as string] as Kernel;
    call(...words.subarray(own, own + count), start, Math.min(length, start + step));
  };
  words[own + 15] = 1;
  Atomics.add(words, at.ready, 1);
  for (let turns = 0; ; turns++) {
    if (Atomics.load(words, at.open) > 0) {
      const part = Atomics.sub(words, at.open, 1) - 1;
      if (part < 0) continue;
      try {
        run(part);
      } catch {
        Atomics.store(words, at.failed, 1);
      }
      Atomics.add(words, at.done, 1);
      turns = 0;
    } else if (turns > 50000) {
      const calls = Atomics.load(words, at.calls);
      Atomics.add(words, at.asleep, 1);
      if (Atomics.load(words, at.open) <= 0) Atomics.wait(words, at.calls, calls);
      Atomics.sub(words, at.asleep, 1);
      turns = 0;
    }
  }
}

type Quadruple = [number, number, number, number];

interface Host {
  readonly process?: {
    getBuiltinModule?(name: "node:worker_threads"): { readonly workerData: WorkerTask } | undefined;
  };
}

const node = (globalThis as Host).process?.getBuiltinModule?.("node:worker_threads");
if (node) begin(node.workerData);
else globalThis.onmessage = ({ data }) => begin(data as WorkerTask);
