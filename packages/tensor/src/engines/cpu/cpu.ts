import type { DType, HostArray } from "../../dtype.js";
import { paddedBytes } from "../../plan/memory.js";
import type { Plan } from "../../plan/plan.js";
import type { Buffer, Engine, Runnable } from "../engine.js";
import { outOfRange } from "../faults.js";
import type { Program } from "./compile.js";
import { compile } from "./compile.js";
import { Heap } from "./heap.js";
import type { RunContext } from "./own-kernel.js";
import { faultCode } from "./surroundings.js";
import type { Kernels } from "./wasm.js";
import { instantiate } from "./wasm.js";

interface Held {
  readonly address: number;
  readonly bytes: number;
}

/** The engine that runs by default: WebAssembly SIMD kernels, fused groups as programs of a tape. */
export function cpuEngine(): Engine {
  return new CpuEngine();
}

class CpuEngine implements Engine {
  readonly name = "cpu";
  lost: string | null = null;
  private readonly kernels: Kernels;
  private readonly heap: Heap;
  private readonly fault: number;
  private readonly context: RunContext;
  private running: Program | null = null;
  private numbers: readonly number[] = [];
  private buffers = 0;
  private readonly programs = new Set<Program>();
  /** Intermediate results and scratch memory, shared by all plans. */
  private workspace: Held = { address: 0, bytes: 0 };

  constructor() {
    const { kernels, memory } = instantiate();
    this.kernels = kernels;
    this.heap = new Heap(memory, kernels.__heap_base.value as number);
    this.fault = (kernels.fault.value as number) >> 2;
    const { heap } = this;
    this.context = {
      kernels,
      at: (cell) => heap.words[((this.running as Program).address >> 2) + cell] as number,
      word: (word) => (this.running as Program).address + word * 4,
      bits: (address) => heap.words[address >> 2] as number,
      number: (node) => this.numbers[node.number] as number,
    };
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
    const program = compile(plan, this.heap, this.kernels);
    this.programs.add(program);
    return program;
  }

  run(runnable: Runnable, leaves: readonly Buffer[], numbers: readonly number[], outputs: readonly Buffer[]): void {
    const program = runnable as Program;
    this.place(program);
    const { words, integers, floats } = this.heap;
    const base = program.address >> 2;
    for (let i = 0; i < leaves.length; i++) words[base + program.leaves + i] = (leaves[i] as Held).address;
    for (let i = 0; i < outputs.length; i++) words[base + program.outputs + i] = (outputs[i] as Held).address;
    for (let i = 0; i < numbers.length; i++) {
      const start = base + program.numbers + i * 16;
      (program.numberTypes[i] === "int32" ? integers : floats).fill(numbers[i] as number, start, start + 16);
    }
    this.running = program;
    this.numbers = numbers;
    try {
      for (const step of program.steps) {
        if ("header" in step) this.kernels.runLoop(program.address + step.header * 4, 0, step.rows);
        else step.run(this.context);
      }
    } catch (error) {
      // A trap leaves the memory in an unknown state.
      this.lost = `a kernel failed: ${error instanceof Error ? error.message : error}`;
      throw error;
    } finally {
      this.running = null;
    }
    if (words[this.fault] !== 0) this.reportFault(words);
  }

  overwrites(runnable: Runnable): readonly boolean[] {
    return (runnable as Program).overwrites;
  }

  kernelCount(runnable: Runnable): number {
    return (runnable as Program).kernels.length;
  }

  release(runnable: Runnable): void {
    const program = runnable as Program;
    this.programs.delete(program);
    this.heap.release(program.address, program.bytes);
  }

  memory(): { bytes: number; buffers: number } {
    return { bytes: this.heap.usedBytes, buffers: this.buffers };
  }

  close(): void {
    this.lost = "it was closed";
  }

  /** Makes the workspace large enough and points the program's cells into it. */
  private place(program: Program): void {
    if (program.workspaceBytes > this.workspace.bytes) {
      if (this.workspace.bytes > 0) this.heap.release(this.workspace.address, this.workspace.bytes);
      this.workspace = { address: 0, bytes: 0 };
      this.workspace = { address: this.heap.allocate(program.workspaceBytes), bytes: program.workspaceBytes };
    }
    const { address } = this.workspace;
    if (program.workspaceAddress === address) return;
    const base = program.address >> 2;
    for (const { cell, offset } of program.workspace) this.heap.words[base + cell] = address + offset;
    program.workspaceAddress = address;
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
