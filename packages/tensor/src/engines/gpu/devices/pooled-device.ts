import { Shelf } from "../shelf.js";
import type { Device, DeviceArray, KernelSource, Use } from "./device.js";
import type { KernelCache } from "./kernel-cache.js";
import type { Pool, Slot } from "./pool.js";
import { checkArguments, checkFills, checkSize, PooledArray } from "./pooled-array.js";

const names = { webgpu: "WebGPU", webgl2: "WebGL2" };

/** Readings that may be on their way at once: losses, what guards a step, looks at how far the device is; and the shelf. */
export const usualReadings: readonly number[] = [...Array<number>(12).fill(1), Shelf.elements];

/** One run of a kernel. */
export interface Run<T> {
  readonly source: KernelSource;
  readonly outputs: readonly Slot<T>[];
  /** Threads. */
  readonly size: number;
  readonly inputs: readonly Slot<T>[];
  /** Elements of the inputs. */
  readonly extents: readonly number[];
  readonly scalars: readonly number[];
}

/** What devices have in common: arrays in memory `T` from a pool, kernels that are compiled once to a `Program`. */
export abstract class PooledDevice<T, Program> implements Device {
  abstract readonly kind: Device["kind"];
  abstract readonly adapter: string;
  abstract readonly limits: Device["limits"];
  abstract readonly lost: string | null;
  readonly counts: Device["counts"] = { compiles: 0, dispatches: 0, submits: 0, objects: 0 };
  protected abstract readonly programs: KernelCache<Program>;
  /** What passes has memory of its own: a program then finds the same in every run, whatever else comes and goes. */
  protected abstract readonly pools: Readonly<Record<Use, Pool<T>>>;
  private closed = false;

  allocate(size: number, use: Use = "lasting"): DeviceArray {
    this.alive("allocate");
    checkSize("allocate", "size", size, this.limits.elements);
    return new PooledArray(this.pools[use], size);
  }

  free(array: DeviceArray): void {
    (array as PooledArray<T>).free();
  }

  write(array: DeviceArray, values: Float32Array): void {
    this.alive("write");
    checkFills(values, array);
    this.upload(this.held("write", "array", array).memory, values);
  }

  copy(from: DeviceArray, fromAt: number, to: DeviceArray, toAt: number, size: number): void {
    this.alive("copy");
    checkSize("copy", "size", size, 4);
    for (const [name, array, at] of [
      ["from", from, fromAt],
      ["to", to, toAt],
    ] as const)
      if (at % 4 !== 0 || at < 0 || at + size > array.size)
        throw new RangeError(
          `copy: "${name}At" expected a multiple of 4 with ${size} elements of ${array.size} behind it, got ${at}`,
        );
    const [source, target] = [this.held("copy", "from", from), this.held("copy", "to", to)];
    if (size > 0) this.move(source.memory, fromAt, target.memory, toAt, size);
  }

  async read(array: DeviceArray, size: number): Promise<Float32Array> {
    this.alive("read");
    checkSize("read", "size", size, array.size);
    const { memory } = this.held("read", "array", array);
    if (size === 0) return new Float32Array(0);
    try {
      return await this.download(memory, size);
    } finally {
      this.alive("read");
    }
  }

  async build(source: KernelSource): Promise<void> {
    this.alive("build");
    await this.programs.build(source);
  }

  run(...[source, outputs, size, inputs, scalars]: Parameters<Device["run"]>): void {
    this.alive("run");
    const program = this.programs.get(source);
    checkArguments(source, outputs, size, inputs, scalars);
    const read = inputs.map((input) => this.held("run", "inputs", input));
    const filled = outputs.map((output) => this.held("run", "outputs", output));
    if (size === 0) return;
    const extents = inputs.map((input) => input.size);
    this.start(program, { source, outputs: filled, size, inputs: read, extents, scalars });
    this.counts.dispatches++;
  }

  memory(): { bytes: number; buffers: number } {
    if (this.closed) return { bytes: 0, buffers: 0 };
    return this.reserved();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.shut();
  }

  protected abstract upload(memory: T, values: Float32Array): void;
  protected abstract move(from: T, fromAt: number, to: T, toAt: number, size: number): void;
  protected abstract download(memory: T, size: number): Promise<Float32Array>;
  protected abstract start(program: Program, run: Run<T>): void;
  /** What is alive, the pools included. */
  protected abstract reserved(): { bytes: number; buffers: number };
  protected abstract shut(): void;

  protected alive(fn: string): void {
    if (this.lost !== null) throw new Error(`${fn}: the ${names[this.kind]} device is gone (${this.lost})`);
  }

  private held(fn: string, name: string, array: DeviceArray): Slot<T> {
    return (array as PooledArray<T>).held(fn, name, Object.values(this.pools));
  }
}

/** Bytes of all pools, and how many pieces of memory. */
export function inAll(...pools: readonly Pick<Pool<unknown>, "alive">[]): { bytes: number; buffers: number } {
  let [bytes, buffers] = [0, 0];
  for (const { alive } of pools) {
    bytes += alive.elements * 4;
    buffers += alive.slots;
  }
  return { bytes, buffers };
}
