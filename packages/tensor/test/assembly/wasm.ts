import { expect } from "vitest";
import { instantiate } from "../../src/engines/cpu/wasm.js";

type Kernel = (...args: number[]) => number;

const linked = instantiate();
const { memory } = linked;
memory.grow(256 - memory.buffer.byteLength / 65536);
/** Every exported kernel by name. */
export const kernels = linked.kernels as unknown as Readonly<Record<string, Kernel>>;

const floats = new Float32Array(memory.buffer);
const ints = new Int32Array(memory.buffer);
// The module's own data and the fused kernels' constants lie below.
const BASE = 1 << 20;
const GUARD = 0x7eadbeef;
let top = BASE;

/** Forgets all allocations. */
export function reset(): void {
  top = BASE;
}

/** Allocates `size` bytes, 64-byte aligned, with the padding that every buffer has. */
export function allocate(size: number): number {
  const at = top;
  top = (top + size + 127) & ~63;
  if (top > memory.buffer.byteLength) throw new RangeError(`allocate: the test memory is too small for ${size} bytes`);
  return at;
}

/** A buffer holding the values; its address. */
export function put(values: ArrayLike<number>, int = false): number {
  const at = allocate(values.length * 4);
  (int ? ints : floats).set(values, at >> 2);
  return at;
}

/** A block of words (or a cell, for one value); its address. */
export function words(...values: number[]): number {
  return put(values, true);
}

export function readFloats(at: number, count: number): Float32Array {
  return floats.slice(at >> 2, (at >> 2) + count);
}

export function readInts(at: number, count: number): Int32Array {
  return ints.slice(at >> 2, (at >> 2) + count);
}

export function writeWord(at: number, value: number): void {
  ints[at >> 2] = value;
}

/** An output buffer with watched words on both sides: `check()` fails when a kernel wrote outside. */
export function output(count: number): { at: number; check(): void } {
  const at = allocate(count * 4 + 128) + 64;
  const guards = (): Int32Array[] => [
    ints.subarray((at >> 2) - 16, at >> 2),
    ints.subarray((at >> 2) + count, (at >> 2) + count + 16),
  ];
  ints.fill(GUARD, (at >> 2) - 16, (at >> 2) + count + 16);
  return {
    at,
    check() {
      for (const side of guards())
        if (side.some((word) => word !== GUARD)) expect.fail("a kernel wrote outside its output");
    },
  };
}

/** Repeatable random numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** `count` float32 values in [-1, 1). */
export function randomFloats(next: () => number, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => next() * 2 - 1);
}

/** Fails, naming `what`, unless every value is within its tolerance. */
export function expectClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: ArrayLike<number> | number,
  what: string,
): void {
  if (got.length !== want.length) expect.fail(`${what}: ${got.length} values, expected ${want.length}`);
  for (let i = 0; i < want.length; i++) {
    const bound = typeof tolerance === "number" ? tolerance : tolerance[i]!;
    if (!(Math.abs(got[i]! - want[i]!) <= bound) && !Object.is(got[i], want[i])) {
      expect.fail(`${what}: [${i}] is ${got[i]}, expected ${want[i]} within ${bound}`);
    }
  }
}
