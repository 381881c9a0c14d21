import type { Statements } from "./text-block.js";

/** A number as kernel text: with a dot, so that gpu.js takes it for a float. */
export function floatText(value: number, at: Statements): string {
  if (Number.isNaN(value)) return nan(at);
  // float32 decides: what it can't hold is infinite, and no literal is.
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return value > 0 ? infinity(at) : at.keep(`-${infinity(at)}`);
  return dotted(value);
}

/** Overflows on the device: a literal would arrive as the largest finite number. */
const overflow = "Math.exp(t+1000.0)";

/** A number as float32 in an expression of a kernel that has `t`, the number of the thread. */
export function inlineText(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return `(${overflow}-${overflow})`;
  if (!Number.isFinite(single)) return single > 0 ? overflow : `(-${overflow})`;
  return dotted(single);
}

function dotted(value: number): string {
  // JavaScript writes -0 as 0.
  if (Object.is(value, -0)) return "(-0.0)";
  const digits = String(value);
  const text = /[.e]/.test(digits) ? digits : `${digits}.0`;
  return value < 0 ? `(${text})` : text;
}

/** Infinity: overflow at run time, because compilers refuse to divide by a literal 0. */
export function infinity(at: Statements): string {
  const index = at.keep("this.thread.x");
  return at.keep(`Math.exp(${index}+1000.0)`);
}

/** NaN, made at run time like {@link infinity}. */
export function nan(at: Statements): string {
  const index = at.keep("this.thread.x");
  const zero = at.keep(`${index}-${index}`);
  return at.keep(`${zero}/${zero}`);
}

/** Whether a local is a number: `x === x` is always true on WebGPU. */
export const isNumberText = (x: string): string => `(${x}>=0.0||${x}<0.0)`;
