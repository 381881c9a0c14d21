// Reductions along the middle axis: [O, r, inner] -> [O, inner], by the parts that the tape uses.
import { columnIntSums, columnSums, flush, flushInts, initialize } from "./accumulate";
import { columnExtremes, rowExtremes } from "./extremes";
import { rowIntSums, rowSums } from "./row-reduce";

/** Scratch of reduceMiddle, its accumulators: `8 * inner` bytes, in whole 64s. */
export function reduceScratchBytes(inner: usize): usize {
  return (inner * 8 + 63) & ~63;
}

/** out[o, i] = sum, max or min (op 0, 1, 2; NaN wins both) of x[o, 0..r-1, i] for o in [start, end). An extreme needs r >= 1. */
export function reduceMiddle(out: usize, x: usize, r: usize, inner: usize, op: u32, int: bool, scratch: usize, start: usize, end: usize): void {
  const form = int ? op + 3 : op;
  out += start * inner << 2;
  x += start * r * inner << 2;
  if (inner == 1) {
    if (op) rowExtremes(out, x, end - start, r, form);
    else if (int) rowIntSums(out, x, end - start, r);
    else rowSums(out, x, end - start, r);
    return;
  }
  for (; start < end; start++) {
    initialize(scratch, inner, op);
    if (op) columnExtremes(scratch, x, r, inner, form);
    else if (int) columnIntSums(scratch, x, r, inner);
    else columnSums(scratch, x, r, inner);
    if (int) flushInts(out, scratch, inner);
    else flush(out, scratch, inner);
    out += inner << 2;
    x += r * inner << 2;
  }
}
