import type { DType, HostArray } from "../../dtype.js";
import type { Kernel } from "../../plan/fuse.js";
import { fuse } from "../../plan/fuse.js";
import type { Plan } from "../../plan/plan.js";
import type { AsyncEngine } from "../async-engine.js";
import type { Buffer, Runnable } from "../engine.js";
import { DeviceLostError } from "./device-lost.js";
import type { Device, DeviceArray } from "./devices/device.js";
import type { GpuBuffer } from "./gpu-arrays.js";
import { GpuArrays } from "./gpu-arrays.js";
import type { GpuProgram } from "./gpu-program.js";
import { gpuProgram, sourcesOf } from "./gpu-program.js";
import { JobQueue, openGate } from "./job-queue.js";
import { checkRange, knownIntegers } from "./known-integers.js";
import type { PassProgram, Place } from "./pass.js";

/** Writes a plan, cut into kernels, as passes. */
export type ProgramOf = (plan: Plan, kernels: readonly Kernel[], limits: Device["limits"]) => PassProgram;

/** Runs between two looks at how far the device has come. */
const stride = 64;

/** An engine over a device: takes work in order, starts it when its kernels are compiled, answers by promises. */
export class GpuEngine implements AsyncEngine {
  readonly name: Device["kind"];
  private reason: string | null = null;
  /** A number that is read to learn that what came before is done. */
  private readonly probe: DeviceArray;
  private readonly arrays: GpuArrays;
  private readonly queue = new JobQueue((cause) => this.fail(cause));
  private prefetched: ReadonlyMap<Buffer, HostArray> | null = null;
  private taken = 0;
  private done = 0;
  private looked = 0;
  private waiters: { readonly count: number; resolve(): void; reject(error: Error): void }[] = [];

  constructor(
    private readonly device: Device,
    private readonly programOf: ProgramOf,
  ) {
    this.name = device.kind;
    this.probe = device.allocate(1);
    device.write(this.probe, new Float32Array(1));
    this.arrays = new GpuArrays(device, (array, size) => this.fetch(array, size, this.taken));
  }

  get lost(): string | null {
    return this.reason ?? this.device.lost;
  }
  get adapter(): string {
    return this.device.adapter;
  }
  get counts(): Readonly<Device["counts"]> {
    return { ...this.device.counts };
  }
  get waiting(): number {
    return this.taken - this.done;
  }

  allocate(_dtype: DType, size: number): Buffer {
    const { elements } = this.device.limits;
    if (size > elements)
      throw new RangeError(
        `evaluate: the engine "${this.name}" expected tensors of at most ${elements} elements here, got ${size}; use the engine "cpu"`,
      );
    return { size, array: null, place: -1, owners: 1, host: null, uses: 0, known: null } satisfies GpuBuffer;
  }

  hold(buffer: Buffer): void {
    (buffer as GpuBuffer).owners++;
    this.arrays.expect(buffer as GpuBuffer);
  }

  free(buffer: Buffer): void {
    const held = buffer as GpuBuffer;
    if (--held.owners > 0 || this.lost !== null) return;
    this.queue.push(openGate, () => this.arrays.free(held));
  }

  write(buffer: Buffer, values: HostArray): void {
    const held = buffer as GpuBuffer;
    held.known = values instanceof Int32Array ? knownIntegers(values, this.name) : null;
    if (values.length === 0) return;
    const floats = values instanceof Float32Array ? values : Float32Array.from(values);
    this.queue.push(openGate, () => this.arrays.write(held, floats));
  }

  /** Only what was prefetched: everything else takes its time. */
  read(buffer: Buffer): HostArray {
    const values = this.prefetched?.get(buffer);
    if (values === undefined)
      throw new Error(
        `useEngine: the engine "${this.name}" reads asynchronously; call await leaveGpu() of "@downhill/tensor/gpu" instead`,
      );
    return values;
  }

  prefetch(values: ReadonlyMap<Buffer, HostArray>): void {
    this.prefetched = values;
  }

  readLater(buffer: Buffer, dtype: DType, size: number): Promise<HostArray> {
    if (size === 0) return Promise.resolve(this.host(dtype, 0));
    return new Promise((resolve, reject) => {
      if (this.lost !== null) {
        reject(this.error());
        return;
      }
      const { taken } = this;
      const start = (): void => {
        this.valuesOf(buffer as GpuBuffer, size, taken).then(
          (floats) => resolve(dtype === "int32" ? Int32Array.from(floats) : floats),
          () => reject(this.error()),
        );
      };
      this.queue.push(openGate, start, reject);
    });
  }

  room(waiting: number): Promise<void> {
    if (this.lost !== null) return Promise.reject(this.error());
    const count = this.taken - waiting;
    if (this.done >= count) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiters.push({ count, resolve, reject });
      // The next look may come too late: it comes with a run, and that may wait for this.
      if (this.looked < count) this.look();
    });
  }

  host(dtype: DType, size: number): HostArray {
    return dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
  }

  compile(plan: Plan): Runnable {
    const program = gpuProgram(plan, this.programOf(plan, fuse(plan), this.device.limits));
    const builds = sourcesOf(program).map((source) => this.device.build(source));
    program.built.open = builds.length === 0;
    Promise.all(builds).then(
      () => {
        program.built.open = true;
        this.queue.pump();
      },
      (error) => this.fail(error),
    );
    return program;
  }

  run(runnable: Runnable, leaves: readonly Buffer[], numbers: readonly number[], outputs: readonly Buffer[]): void {
    const program = runnable as GpuProgram;
    for (const check of program.checks) checkRange(check, (leaves[check.leaf] as GpuBuffer).known);
    for (const output of outputs as GpuBuffer[]) output.known = null;
    this.taken++;
    this.queue.push(program.built, () => this.issue(program, leaves as GpuBuffer[], numbers, outputs as GpuBuffer[]));
    if (this.taken % stride === 0) this.look();
  }

  overwrites(): readonly boolean[] {
    return [];
  }

  kernelCount(runnable: Runnable): number {
    return (runnable as GpuProgram).passes.length;
  }

  /** The device keeps the kernels: other programs may share them. */
  release(): void {}

  memory(): { bytes: number; buffers: number } {
    return { bytes: this.device.memory().bytes, buffers: this.arrays.alive };
  }

  close(): void {
    this.fail(new Error("it was closed"));
    this.device.close();
  }

  private async valuesOf(buffer: GpuBuffer, size: number, taken: number): Promise<Float32Array> {
    if (buffer.place < 0) return this.fetch(this.arrays.of(buffer), size, taken);
    buffer.owners++;
    try {
      return await this.arrays.onShelf(buffer);
    } finally {
      this.free(buffer);
    }
  }

  private issue(
    { passes, temporaries, inTiles, freed }: GpuProgram,
    leaves: readonly GpuBuffer[],
    numbers: readonly number[],
    outputs: readonly GpuBuffer[],
  ): void {
    const { device } = this;
    const live: (DeviceArray | undefined)[] = [];
    this.arrays.prepare(leaves, outputs);
    const at = ({ kind, index }: Place): DeviceArray => {
      if (kind !== "temporary") return this.arrays.of((kind === "leaf" ? leaves : outputs)[index] as GpuBuffer);
      live[index] ??= device.allocate(temporaries[index] as number, inTiles?.has(index) ? "tiles" : "passing");
      return live[index];
    };
    passes.forEach(({ source, outputs: filled, size, inputs, scalars }, i) => {
      const values = scalars.map((scalar) => numbers[scalar] as number);
      device.run(source, filled.map(at), size, inputs.map(at), values);
      for (const index of freed[i] as readonly number[]) {
        device.free(live[index] as DeviceArray);
        live[index] = undefined;
      }
    });
  }

  /** Finds out when the work so far is done: a number that is read after it says so. */
  private look(): void {
    const { taken } = this;
    this.looked = taken;
    const start = (): void => {
      // A failed read fails the engine.
      this.fetch(this.probe, 1, taken).catch(() => {});
    };
    this.queue.push(openGate, start);
  }

  /** Reads from the device; then all runs up to number `taken` are done. */
  private async fetch(array: DeviceArray, size: number, taken: number): Promise<Float32Array> {
    try {
      const values = await this.device.read(array, size);
      this.finish(taken);
      return values;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  private finish(taken: number): void {
    this.done = Math.max(this.done, taken);
    this.waiters = this.waiters.filter(({ count, resolve }) => {
      if (this.done < count) return true;
      resolve();
      return false;
    });
  }

  /** The engine is unusable from now on; whoever waits hears why. */
  private fail(cause: unknown): DeviceLostError {
    this.reason ??= this.device.lost ?? (cause instanceof Error ? cause.message : String(cause));
    const error = this.error();
    this.queue.drop(error);
    for (const { reject } of this.waiters) reject(error);
    this.waiters = [];
    return error;
  }

  private error(): DeviceLostError {
    return new DeviceLostError(this.name, this.lost ?? "for no known reason");
  }
}
