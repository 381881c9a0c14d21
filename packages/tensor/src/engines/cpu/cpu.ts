import { instantiate } from "./wasm.js";

// The WebAssembly comes first: see index.ts.

import type { DType, HostArray } from "../../dtype.js";
import type { Kernel } from "../../plan/fuse.js";
import { fuse } from "../../plan/fuse.js";
import { paddedBytes } from "../../plan/memory.js";
import type { Plan } from "../../plan/plan.js";
import type { Buffer, Engine, Runnable, Threads } from "../engine.js";
import { outOfRange } from "../faults.js";
import type { Image, Program } from "./compile.js";
import { compile } from "./compile.js";
import { Crew } from "./crew.js";
import type { GeneratedModule } from "./generator.js";
import { Generator, install } from "./generator.js";
import { limits } from "./grid.js";
import { Heap } from "./heap.js";
import { Placement } from "./placement.js";
import type { LoopStep, Place, RangeKernel, RunContext, Work } from "./step.js";
import { faultCode } from "./surroundings.js";
import { wantedThreads } from "./thread-count.js";
import type { Linked } from "./wasm.js";
import { obstacle } from "./workers.js";

/** What {@link Engine.compile} gives. */
interface Compiled {
  readonly plan: Plan;
  readonly kernels: readonly Kernel[];
  program: Program;
  /** Nanoseconds lost so far because it has no functions. */
  lost: number;
}

interface Held {
  readonly address: number;
  readonly bytes: number;
}

/** The engine that runs by default: WebAssembly SIMD kernels, fused groups as programs of a tape. */
export function cpuEngine(threads: number | null = null): Engine {
  return new CpuEngine(threads ?? wantedThreads());
}

class CpuEngine implements Engine {
  readonly name = "cpu";
  private broken: string | null = null;
  private linked: Linked;
  private readonly generator = new Generator();
  private readonly heap: Heap;
  private readonly placement: Placement;
  private readonly fault: number;
  private readonly context: RunContext;
  private running: Program | null = null;
  private numbers: readonly number[] = [];
  private buffers = 0;
  /** The workers; null until there was enough work for them. */
  private crew: Crew | null = null;
  /** Threads that take part in this run. */
  private active = 1;
  /** Nanoseconds of work so far that workers could have shared. */
  private shareable = 0;
  private refused: string | null = obstacle();
  private readonly places: Place[] = [];

  constructor(private wanted: number) {
    this.linked = instantiate();
    const { kernels, memory } = this.linked;
    this.heap = new Heap(memory, kernels.__heap_base.value as number);
    this.placement = new Placement(this.heap);
    this.fault = (kernels.fault.value as number) >> 2;
    const engine = this;
    this.context = {
      get kernels() {
        return engine.linked.kernels;
      },
      get scratch() {
        return engine.placement.scratch(0);
      },
      at: (cell) => this.heap.words[(this.addressFor(0) >> 2) + cell] as number,
      word: (word) => this.addressFor(0) + word * 4,
      bits: (address) => this.heap.words[address >> 2] as number,
      number: (node) => this.numbers[node.number] as number,
      share: (work) => this.share(work),
    };
  }

  get lost(): string | null {
    return this.broken ?? this.crew?.lost ?? null;
  }

  allocate(_dtype: DType, size: number): Buffer {
    const bytes = paddedBytes(size);
    const held: Held = { address: this.heap.allocate(bytes), bytes };
    this.buffers++;
    return held;
  }

  free(buffer: Buffer): void {
    const { address, bytes } = buffer as Held;
    this.heap.release(address, bytes);
    this.buffers--;
  }

  write(buffer: Buffer, values: HostArray): void {
    const at = (buffer as Held).address >> 2;
    if (values instanceof Int32Array) this.heap.integers.set(values, at);
    else this.heap.floats.set(values, at);
  }

  read(buffer: Buffer, dtype: DType, size: number): HostArray {
    const at = (buffer as Held).address >> 2;
    return dtype === "int32" ? this.heap.integers.slice(at, at + size) : this.heap.floats.slice(at, at + size);
  }

  host(dtype: DType, size: number): HostArray {
    return dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
  }

  compile(plan: Plan): Runnable {
    const kernels = fuse(plan);
    return { plan, kernels, program: compile(plan, kernels, this.heap, this.linked.kernels, null), lost: 0 };
  }

  run(runnable: Runnable, leaves: readonly Buffer[], numbers: readonly number[], outputs: readonly Buffer[]): void {
    const program = this.programOf(runnable as Compiled);
    this.active = this.wanted > 1 && program.shareable > 0 ? this.threadsFor(program) : 1;
    this.placement.place(program, this.crew !== null && program.shareable > 0 ? this.wanted : 1);
    const { words, integers, floats } = this.heap;
    const { address } = program.images[0] as Image;
    const base = address >> 2;
    for (let i = 0; i < leaves.length; i++) words[base + program.leaves + i] = (leaves[i] as Held).address;
    for (let i = 0; i < outputs.length; i++) words[base + program.outputs + i] = (outputs[i] as Held).address;
    for (let i = 0; i < numbers.length; i++) {
      const start = base + program.numbers + i * 16;
      (program.numberTypes[i] === "int32" ? integers : floats).fill(numbers[i] as number, start, start + 16);
    }
    this.running = program;
    this.numbers = numbers;
    const start = this.crew === null ? 0 : performance.now();
    try {
      for (const step of program.steps) {
        if (!("header" in step)) step.run(this.context);
        else if (step.partRows >= step.rows) this.linked.kernels.runLoop(address + step.header * 4, 0, step.rows);
        else this.runParts(step);
      }
    } catch (error) {
      // A trap leaves the memory in an unknown state.
      this.broken = `a kernel failed: ${error instanceof Error ? error.message : error}`;
      this.crew?.close();
      throw error;
    } finally {
      this.running = null;
    }
    if (this.crew !== null) program.pace.record(this.active > 1, performance.now() - start);
    if (words[this.fault] !== 0) this.reportFault(words);
  }

  overwrites(runnable: Runnable): readonly boolean[] {
    return (runnable as Compiled).program.overwrites;
  }

  kernelCount(runnable: Runnable): number {
    return (runnable as Compiled).kernels.length;
  }

  release(runnable: Runnable): void {
    this.placement.release((runnable as Compiled).program);
  }

  memory(): { bytes: number; buffers: number } {
    return { bytes: this.heap.usedBytes, buffers: this.buffers };
  }

  close(): void {
    this.broken = "it was closed";
    this.crew?.close();
  }

  threads(): Threads {
    if (this.wanted === 1) return { count: 1, reason: "one thread is the setting or all there is" };
    const reason = this.refused ?? this.crew?.absent ?? null;
    return reason === null ? { count: this.wanted, reason } : { count: 1, reason };
  }

  setThreads(count: number): void {
    if (count === this.wanted) return;
    this.wanted = count;
    this.crew?.close();
    this.crew = null;
  }

  /** The program of a plan, with generated functions as soon as these pay. */
  private programOf(compiled: Compiled): Program {
    const { plan, kernels, program } = compiled;
    compiled.lost += program.saving;
    if (program.saving === 0 || compiled.lost < limits.generate) return program;
    const { generator } = this;
    const faster = compile(plan, kernels, this.heap, this.linked.kernels, generator);
    const module = generator.finish();
    try {
      if (module !== null) this.publish(module);
    } catch {
      // Only speed is lost.
      generator.refused = true;
      compiled.lost = Number.NEGATIVE_INFINITY;
      this.placement.release(faster);
      return program;
    }
    this.placement.release(program);
    compiled.program = faster;
    return faster;
  }

  private publish(module: GeneratedModule): void {
    install(module, this.linked);
    this.crew?.publish(module);
  }

  private addressFor(thread: number): number {
    return ((this.running as Program).images[thread] as Image).address;
  }

  /** How many threads a run is offered to. Workers start when there has been enough work for them. */
  private threadsFor({ shareable, pace }: Program): number {
    if (this.crew === null) {
      this.shareable += shareable;
      if (this.shareable < limits.start || this.refused !== null) return 1;
      try {
        this.crew = new Crew(this.heap, this.wanted);
        this.linked = this.crew.linked;
        for (const module of this.generator.modules) this.publish(module);
      } catch (error) {
        this.refused = `memory can't be shared: ${error instanceof Error ? error.message : error}`;
        return 1;
      }
    }
    if (!pace.choose() && limits.measure) return 1;
    return this.crew.summon(shareable >= limits.wake) ? this.wanted : 1;
  }

  private runParts({ header, rows, partRows, nanoseconds }: LoopStep): void {
    const args = ({ word }: Place): number[] => [word(header)];
    if (this.active > 1) this.onThreads("runLoop", args, rows, partRows, nanoseconds);
    else this.inOrder("runLoop", args(this.context), rows, partRows);
  }

  private share({ kernel, count, nanoseconds, pieces = 4, args }: Work): void {
    const parts = Math.min(count, this.active * pieces, Math.floor(nanoseconds / limits.part));
    if (this.active === 1 || parts < 2) this.inOrder(kernel, args(this.context), count, count);
    else this.onThreads(kernel, args, count, Math.ceil(count / parts), nanoseconds);
  }

  private inOrder(kernel: RangeKernel, args: readonly number[], count: number, length: number): void {
    const call = this.linked.kernels[kernel] as (...args: readonly number[]) => void;
    for (let start = 0; start < count; start += length) call(...args, start, Math.min(count, start + length));
  }

  private onThreads(
    kernel: RangeKernel,
    args: (place: Place) => readonly number[],
    count: number,
    length: number,
    nanoseconds: number,
  ): void {
    const crew = this.crew as Crew;
    // Some may have fallen asleep while the main thread worked alone.
    crew.summon(nanoseconds >= limits.wake);
    const { words } = this.heap;
    for (let thread = 1; thread < this.active; thread++) crew.prepare(thread, args(this.placeOf(thread)));
    const own = args(this.context);
    const before = words[this.fault];
    crew.run(kernel, own, count, length);
    if (before !== 0 || words[this.fault] === 0) return;
    // Several threads may have written at once: in order, the first fault is the same for any number of threads.
    words[this.fault] = 0;
    this.inOrder(kernel, own, count, length);
  }

  private placeOf(thread: number): Place {
    const { placement } = this;
    this.places[thread] ??= {
      at: this.context.at,
      word: (word) => this.addressFor(thread) + word * 4,
      get scratch() {
        return placement.scratch(thread);
      },
    };
    return this.places[thread] as Place;
  }

  private reportFault(words: Uint32Array): void {
    const code = words[this.fault];
    const index = (words[this.fault + 1] as number) | 0;
    const position = words[this.fault + 2] as number;
    const limit = words[this.fault + 3] as number;
    words[this.fault] = 0;
    const name = Object.entries(faultCode).find(([, value]) => value === code)?.[0] ?? "index";
    throw outOfRange(name, index, position, limit);
  }
}
