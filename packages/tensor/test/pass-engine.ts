// An engine that runs the passes of a plan as JavaScript: what a graphics processor is told, without one. Results are
// rounded to float32 where a pass writes them.
import type { Engine } from "../src/engines/engine.js";
import type { KernelSource, Limits } from "../src/engines/gpu/devices/device.js";
import { keptElements } from "../src/engines/gpu/devices/glsl-product.js";
import type { Pass, PassProgram, Place } from "../src/engines/gpu/pass.js";
import { programOf } from "../src/engines/gpu/program.js";
import { fuse } from "../src/plan/fuse.js";
import type { Plan } from "../src/plan/plan.js";

type Kernel = (this: { thread: { x: number } }, ...args: readonly (Float32Array | number)[]) => number[];

interface Held {
  values: Float32Array;
}
interface Ready {
  readonly plan: Plan;
  readonly program: PassProgram;
}

const kernels = new Map<string, Kernel>();

/** A kernel that gives its results as an array. */
function kernelOf({ text, results = [] }: KernelSource): Kernel {
  let kernel = kernels.get(text);
  if (kernel === undefined) {
    const all = text.replaceAll(/return ([^;]*);/g, `return [$1${results.map((name) => `,${name}`).join("")}];`);
    kernel = new Function(`return ${all}`)() as Kernel;
    kernels.set(text, kernel);
  }
  return kernel;
}

/** Runs a program; places are filled like those of a device, which keeps what was there before. */
export function runPasses(
  { passes, temporaries }: PassProgram,
  leaves: readonly Float32Array[],
  numbers: readonly number[],
  outputs: readonly Float32Array[],
): void {
  const own = temporaries.map((size) => new Float32Array(size).fill(Number.NaN));
  const at = ({ kind, index }: Place): Float32Array =>
    (kind === "leaf" ? leaves : kind === "output" ? outputs : own)[index] as Float32Array;
  for (const { source, size, outputs: filled, inputs, scalars } of passes) {
    const extents = source.extents ?? filled.map(() => size);
    const kernel = kernelOf(source);
    const args = [...inputs.map(at), ...scalars.map((index) => Math.fround(numbers[index] as number))];
    const into = filled.map(at);
    for (const [i, { length }] of into.entries())
      if (length < (extents[i] as number))
        throw new Error(`an array of ${length} numbers is too small for ${extents[i]}`);
    const self = { thread: { x: 0 } };
    for (let x = 0; x < size; x++) {
      self.thread.x = x;
      kernel.apply(self, args).forEach((value, i) => {
        if (x < (extents[i] as number)) (into[i] as Float32Array)[x] = value;
      });
    }
  }
}

const elements = 2 ** 26;
/** What WebGPU allows with so many arrays that are read, and one more that is filled. */
export const webgpu = (arrays: number): Limits => ({
  arrays,
  results: arrays,
  together: arrays + 1,
  mixed: true,
  elements,
});
/** What WebGL2 promises. */
export const webgl2: Limits = { arrays: 15, results: 4, together: 19, mixed: false, elements, tiles: keptElements };

/** The engine, by the arrays that a kernel may read, or all limits; `passes` collects what was compiled. */
export function passEngine(most: number | Limits, passes: Pass[] = []): Engine {
  const limits = typeof most === "number" ? webgpu(most) : most;
  const alive = new Set<Held>();
  let lost: string | null = null;
  return {
    name: `passes with ${limits.arrays} arrays`,
    get lost() {
      return lost;
    },
    allocate(_, size) {
      const held = { values: new Float32Array(size) };
      alive.add(held);
      return held;
    },
    free: (buffer) => void alive.delete(buffer as Held),
    write: (buffer, values) => (buffer as Held).values.set(values),
    read(buffer, dtype) {
      const { values } = buffer as Held;
      if (dtype !== "int32") return values.slice();
      return Int32Array.from(values, (value) => Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1));
    },
    host: (dtype, size) => (dtype === "int32" ? new Int32Array(size) : new Float32Array(size)),
    compile(plan): Ready {
      const program = programOf(plan, fuse(plan), limits);
      passes.push(...program.passes);
      return { plan, program };
    },
    run(runnable, leaves, numbers, outputs) {
      const values = (buffer: object): Float32Array => (buffer as Held).values;
      runPasses((runnable as Ready).program, leaves.map(values), numbers, outputs.map(values));
    },
    overwrites: (runnable) => (runnable as Ready).plan.outputs.map(() => false),
    kernelCount: (runnable) => (runnable as Ready).program.passes.length,
    release() {},
    memory: () => ({ bytes: [...alive].reduce((sum, { values }) => sum + values.byteLength, 0), buffers: alive.size }),
    close() {
      lost = "it was closed";
      alive.clear();
    },
  };
}
