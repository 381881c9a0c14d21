// Reductions along the middle axis: [O, r, inner] -> [O, inner], by instructions of the tape.
import { initialize } from "./accumulate";
import { structural } from "./tape";

/** Scratch of reduceMiddle, its accumulators: `8 * inner` bytes, in whole 64s. */
export function reduceScratchBytes(inner: usize): usize {
  return (inner * 8 + 63) & ~63;
}

/** out[o, i] = sum, max or min (op 0, 1, 2; NaN wins both) of x[o, 0..r-1, i] for o in [start, end). An extreme needs r >= 1. */
export function reduceMiddle(out: usize, x: usize, r: usize, inner: usize, op: u32, int: u32, scratch: usize, start: usize, end: usize): void {
  const form = op + 3 * int, n = r * inner;
  out += start * inner << 2;
  x += start * n << 2;
  if (inner == 1) {
    structural(516 + form, 0, out, x, 0, 0, 0, end - start, r);
    return;
  }
  for (; start < end; start++) {
    initialize(scratch, inner, op);
    structural(531 + form, 0, scratch, x, n, 0, 0, r, inner);
    structural(537 + int, 0, out, scratch, inner, 0, 0, 1, inner);
    out += inner << 2;
    x += n << 2;
  }
}
