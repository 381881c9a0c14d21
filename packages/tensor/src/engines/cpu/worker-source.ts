/** Where the words that threads exchange lie; those written often have a line of their own. */
export const at = {
  /** Parts that nobody has taken yet; threads take the last one first. Zero or less: none. */
  open: 0,
  /** Parts that workers have finished since the last call. */
  done: 16,
  /** Goes up with every call for sleepers. */
  calls: 32,
  /** Workers that sleep. */
  asleep: 48,
  /** Workers that have started. */
  ready: 64,
  /** A kernel has failed in a worker. */
  failed: 65,
  /** Nobody writes here: waiting for a change of this word is a pause. */
  never: 66,
  /** Address of the newest module of generated functions; 0: none. */
  generated: 67,
  /** The call: kernel, number of arguments, length of the range and of a part. */
  call: 80,
  /** 16 words per thread: its arguments, and in the last one whether it has started. */
  arguments: 96,
} as const;

/**
 * What a worker runs, as text: it needs no file, so any bundler will do. It takes parts of the range while there are any,
 * and sleeps after half a millisecond without. Every word of a call is written before `open`, and stays until all parts
 * are done.
 */
export const workerSource = `
const begin = ({ module, memory, control, thread, names, at }) => {
  const words = new Int32Array(memory.buffer, control);
  const table = new WebAssembly.Table({ initial: 1, element: "anyfunc" });
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, sin: Math.sin, cos: Math.cos } });
  let known = 0;
  const load = (address) => {
    if (address === known) return;
    const [previous, first, count, length] = new Int32Array(memory.buffer, address, 4);
    load(previous);
    const bytes = new Uint8Array(memory.buffer, address + 16, length).slice();
    const made = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
    if (table.length < first + count) table.grow(first + count - table.length);
    for (let i = 0; i < count; i++) table.set(first + i, made[i]);
    known = address;
  };
  const own = at.arguments + 16 * thread;
  const run = (part) => {
    load(words[at.generated]);
    const [kernel, count, length, step] = words.subarray(at.call);
    const start = part * step;
    exports[names[kernel]](...words.subarray(own, own + count), start, Math.min(length, start + step));
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
};
const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node) begin(node.workerData);
else onmessage = ({ data }) => begin(data);
`;
