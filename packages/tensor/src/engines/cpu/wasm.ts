import { cpuWasm } from "../../generated/cpu-wasm.js";
import { bytesOf } from "./bytes-of.js";
import { hasMultiplyAdd, withMultiplyAdd } from "./multiply-add.js";

/** What assembly/index.ts exports; addresses and counts are unsigned 32-bit integers. */
export interface Kernels {
  readonly __heap_base: WebAssembly.Global;
  /** Address of four words about an index out of range: code (0: none), index, position, limit. */
  readonly fault: WebAssembly.Global;
  runLoop(loop: number, rowStart: number, rowEnd: number): void;
  packB(block: number, panelStart: number, panelEnd: number): void;
  packedABytes(m: number, k: number): number;
  packedBBytes(k: number, n: number): number;
  conv2d(block: number, imageStart: number, imageEnd: number): void;
  conv2dInputGrad(block: number, imageStart: number, imageEnd: number): void;
  conv2dWeightGrad(block: number, channelStart: number, channelEnd: number): void;
  convScratchBytes(block: number): number;
  maxPoolIndex2d(block: number, planeStart: number, planeEnd: number): void;
  avgPool2d(block: number, planeStart: number, planeEnd: number): void;
  avgPool2dGrad(block: number, planeStart: number, planeEnd: number): void;
  stridedCopy(dst: number, src: number, block: number, start: number, end: number): void;
  fill(dst: number, bits: number, count: number): void;
  gather(out: number, x: number, index: number, block: number, start: number, end: number): void;
  scatterAdd(out: number, g: number, index: number, block: number, int: number, start: number, end: number): void;
  argsort(
    out: number,
    x: number,
    scratch: number,
    n: number,
    descending: number,
    int: number,
    start: number,
    end: number,
  ): void;
  argsortScratchBytes(n: number): number;
  cumsum(
    out: number,
    x: number,
    r: number,
    inner: number,
    reverse: number,
    int: number,
    start: number,
    end: number,
  ): void;
  reduceMiddle(
    out: number,
    x: number,
    r: number,
    inner: number,
    op: number,
    int: number,
    scratch: number,
    start: number,
    end: number,
  ): void;
  reduceScratchBytes(inner: number): number;
  argReduce(
    out: number,
    x: number,
    r: number,
    inner: number,
    least: number,
    int: number,
    start: number,
    end: number,
  ): void;
}

/** Pages of 64 KiB that a memory starts with and may have: the module asks for this maximum. */
const firstPages = 32;
export const mostPages = 65536;

export { bytesOf };

let bytes: Uint8Array<ArrayBuffer> | undefined;
const compiled: { own?: WebAssembly.Module; shared?: WebAssembly.Module } = {};

/** The kernels, the memory they work in, and the table of the functions that they call by number. */
export interface Linked {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table;
}

/** The kernels over a memory of their own. */
export function instantiate(): Linked {
  compiled.own ??= new WebAssembly.Module(kernelBytes());
  return link(compiled.own, new WebAssembly.Memory({ initial: firstPages, maximum: mostPages }));
}

function kernelBytes(): Uint8Array<ArrayBuffer> {
  if (bytes === undefined) {
    const plain = bytesOf(cpuWasm);
    bytes = hasMultiplyAdd() ? withMultiplyAdd(plain) : plain;
  }
  return bytes;
}

/** The kernels over this memory. */
export function link(module: WebAssembly.Module, memory: WebAssembly.Memory): Linked {
  const table = new WebAssembly.Table({ initial: 1, element: "anyfunc" });
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, sin: Math.sin, cos: Math.cos } });
  return { kernels: exports as unknown as Kernels, memory, table };
}

/** The same kernels for a memory that threads share. */
export function sharedModule(): WebAssembly.Module {
  compiled.shared ??= new WebAssembly.Module(forSharedMemory(kernelBytes()));
  return compiled.shared;
}

/**
 * A module for a memory that threads share. Ours hold no atomic instruction (threads meet in JavaScript), so the binaries
 * differ in one byte: the flags of the imported memory.
 */
export function forSharedMemory(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = module.slice();
  // "env", "memory", a memory; what follows are its flags.
  const memoryImport = [3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2];
  const at = bytes.findIndex((_, i) => memoryImport.every((byte, k) => bytes[i + k] === byte)) + memoryImport.length;
  bytes[at] = 3;
  return bytes;
}
