// The most multiply-adds that WebAssembly's 128-bit vectors do in one thread.
import { multiplyAddLoop } from "./wasm-loop.mjs";

// Twelve independent chains hide the latency of both operations; with two constants they fill 14 of 16 registers.
const [chains, repeats, count] = [12, 4, 100_000];
const flops = chains * repeats * count * 4 * 2;
/** Milliseconds until the optimizing compiler has surely replaced the first code of a loop. */
const warmUp = 100;
/** Calls in one reading; the fastest counts. */
const calls = 3;

function loop(relaxed) {
  const bytes = multiplyAddLoop({ chains, repeats, relaxed });
  if (!WebAssembly.validate(bytes)) return null;
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const GFlops = () => {
    const start = performance.now();
    const result = run(count, 0.999999, 0.001);
    const time = performance.now() - start;
    if (!Number.isFinite(result)) throw new Error(`peak loop: a finite number expected, got ${result}`);
    return flops / time / 1e6;
  };
  const end = performance.now() + warmUp;
  while (performance.now() < end) GFlops();
  return () => Math.max(...Array.from({ length: calls }, GFlops));
}

/**
 * A function that measures, in GFLOP/s, multiplication and addition as two instructions, and as the one of relaxed SIMD:
 * { multiplyAndAdd, relaxedMultiplyAdd }; the latter is null where the runtime does not know it.
 */
export function peakLoops() {
  const [multiplyAndAdd, relaxedMultiplyAdd] = [loop(false), loop(true)];
  return () => ({ multiplyAndAdd: multiplyAndAdd(), relaxedMultiplyAdd: relaxedMultiplyAdd?.() ?? null });
}
