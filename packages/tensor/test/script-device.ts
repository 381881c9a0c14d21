// A device for tests: it runs the text of kernels as JavaScript and answers in a later turn.
import type { Device, DeviceArray, KernelSource } from "../src/engines/gpu/devices/device.js";

interface Held extends DeviceArray {
  readonly values: Float32Array;
  alive: boolean;
}
type Kernel = (this: { thread: { x: number } }, ...args: (Float32Array | number)[]) => number;

const laterTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** What a test can do to the device, and see of it. */
export interface ScriptDevice extends Device {
  /** The device stops working. */
  lose(reason: string): void;
  /** Reads so far. */
  readonly reads: number;
}

export function scriptDevice(elements: number = 2 ** 20): ScriptDevice {
  const kernels = new Map<string, Kernel>();
  const live = new Set<Held>();
  const counts = { compiles: 0, dispatches: 0, submits: 0, objects: 0 };
  let lost: string | null = null;
  let reads = 0;
  const check = (...arrays: DeviceArray[]): void => {
    if (lost !== null) throw new Error(lost);
    for (const array of arrays as Held[]) if (!array.alive) throw new Error("an array was used after it was freed");
  };
  return {
    kind: "webgpu",
    adapter: "JavaScript",
    limits: { arrays: 7, results: 1, together: 8, mixed: true, elements },
    counts,
    get lost() {
      return lost;
    },
    get reads() {
      return reads;
    },
    lose(reason) {
      lost = reason;
    },
    allocate(size): Held {
      check();
      counts.objects++;
      // What is there before the first write must not matter.
      const held = { size, values: new Float32Array(size).fill(Number.NaN), alive: true };
      live.add(held);
      return held;
    },
    free(array) {
      check(array);
      (array as Held).alive = false;
      live.delete(array as Held);
    },
    write(array, values) {
      check(array);
      (array as Held).values.set(values);
    },
    copy(from, fromAt, to, toAt, size) {
      check(from, to);
      (to as Held).values.set((from as Held).values.subarray(fromAt, fromAt + size), toAt);
    },
    async read(array, size) {
      check(array);
      reads++;
      const values = (array as Held).values.slice(0, size);
      await laterTurn();
      check();
      return values;
    },
    async build({ text }: KernelSource) {
      await laterTurn();
      check();
      if (kernels.has(text)) return;
      counts.compiles++;
      kernels.set(text, new Function(`return ${text}`)() as Kernel);
    },
    run({ text, arrays, scalars }, [output], size, inputs, numbers) {
      check(output as DeviceArray, ...inputs);
      const kernel = kernels.get(text);
      if (kernel === undefined) throw new Error("a kernel was run before it was built");
      if (inputs.includes(output as DeviceArray)) throw new Error("a kernel reads what it writes");
      if (inputs.length !== arrays || numbers.length !== scalars) throw new Error("arguments are missing");
      counts.dispatches++;
      const thread = { x: 0 };
      const args = [...inputs.map((input) => (input as Held).values), ...numbers.map(Math.fround)];
      for (; thread.x < size; thread.x++) (output as Held).values[thread.x] = kernel.apply({ thread }, args);
    },
    memory() {
      let bytes = 0;
      for (const { size } of live) bytes += 4 * size;
      return { bytes, buffers: live.size };
    },
    close() {
      lost ??= "it was closed";
      live.clear();
    },
  };
}
