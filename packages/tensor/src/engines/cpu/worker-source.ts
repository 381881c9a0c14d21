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
  /** The call: kernel, number of arguments, length of the range and of a part. */
  call: 80,
  /** 16 words per thread: its arguments, and in the last one whether it has started. */
  arguments: 96,
} as const;

/** Turns of a worker's loop without work before it sleeps: about half a millisecond. */
const patience = 50_000;

/**
 * What a worker runs, as text: it needs no file, so any bundler will do. It takes parts of the range while there are any;
 * every word of the call is written before 'open' and stays until all parts are done.
 */
export const workerSource: string = `
const begin = ({ module, memory, control, thread, names }) => {
  const words = new Int32Array(memory.buffer, control, ${at.arguments} + 16 * (thread + 1));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = names.map((name) => exports[name]);
  const own = ${at.arguments} + 16 * thread;
  const list = [];
  const run = (part) => {
    const count = words[${at.call + 1}], length = words[${at.call + 2}], step = words[${at.call + 3}];
    list.length = count + 2;
    for (let i = 0; i < count; i++) list[i] = words[own + i];
    list[count] = part * step;
    list[count + 1] = Math.min(length, list[count] + step);
    kernels[words[${at.call}]](...list);
  };
  words[own + 15] = 1;
  Atomics.add(words, ${at.ready}, 1);
  for (let turns = 0; ; turns++) {
    if (Atomics.load(words, ${at.open}) > 0) {
      const part = Atomics.sub(words, ${at.open}, 1) - 1;
      if (part >= 0) {
        try {
          run(part);
        } catch {
          Atomics.store(words, ${at.failed}, 1);
        }
        Atomics.add(words, ${at.done}, 1);
        turns = 0;
      }
    } else if (turns > ${patience}) {
      const calls = Atomics.load(words, ${at.calls});
      Atomics.add(words, ${at.asleep}, 1);
      if (Atomics.load(words, ${at.open}) <= 0) Atomics.wait(words, ${at.calls}, calls);
      Atomics.sub(words, ${at.asleep}, 1);
      turns = 0;
    }
  }
};
const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node) begin(node.workerData);
else onmessage = ({ data }) => begin(data);
`;
