// Fused kernels. A loop runs its instructions over blocks of a rows x cols space; each instruction is a small vector
// loop over one block, and values that live between instructions stay in blocks of scratch memory.
//
// Loop, u32 words:
//   0 rows  1 cols  2 blockRows  3 colChunk  4 bytes of the prologue  5 prologue  6 bytes of the body  7 body
//   8 chunkRows (0: no chunks)  9 matmul block (0: none)
//   10 bytes of accumulators that a part leaves behind (0: none)  11 slot of the accumulators  12 slot of the parts'
//   copies, one after the other  13 rows of a part  14 bytes of the epilogue (run after the last row)  15 epilogue
//   colChunk < cols only with blockRows = 1. A loop with word 10 is run part by part: [i * word 13, (i + 1) * word 13).
// Instruction, 24 u32 words; a generated one has as many as it needs:
//   0 opcode  1 extent of one block: 0 all its elements, 1 its rows, 2 16 elements  2 aux  3 aux2
//   4..23 the operands d, a, b, c, e: slot (address of a u32 cell with the base)  row stride  column stride  step
//   (strides in bytes, per absolute row and column; step 64, or 0 for 64 bytes that hold one value 16 times)
// Elements are 32 bits wide. Opcodes below 512 and 540 to 543 are elementwise (see scripts/elementwise-loops.mjs): they work
// on whole 64 bytes and may write up to 15 elements past the block. So may 545, a segment: the function at place aux of the
// table, made by engines/cpu/segment-code.ts; aux2 are the bytes of the instruction, and words 4.. its operands. All others
// read and write no more than they say, but may read up to 15 elements past an operand.
import { elementwise } from "./elementwise.gen";
import { expandColumn, expandRow, pick, place, splat } from "./block-move";
import { columnIntSums, columnSums, combine, flush, flushInts, initialize, spill } from "./accumulate";
import { addExtreme, columnExtremes, rowExtremes } from "./extremes";
import { rowIntSums, rowSums, sumFloats, sumInts } from "./row-reduce";
import { matmulRows } from "./gemm";
import { operand } from "./operand";
import { uniform } from "./uniform";

/** Word of a matmul block that says what its packed B holds, and the value that must be left alone. */
const PACKED: usize = 18 * 4;
const PREPACKED: u32 = 0xffffffff;

/**
 * Runs rows [rowStart, rowEnd) of a loop, the prologue first. The result depends on the cut of the rows only through the
 * order in which blocks reach the accumulators.
 */
export function runLoop(loop: usize, rowStart: u32, rowEnd: u32): void {
  const cols = load<u32>(loop, 4), blockRows = load<u32>(loop, 8), colChunk = load<u32>(loop, 12);
  const bytes = load<u32>(loop, 24), body = load<usize>(loop, 28);
  const matmul = load<usize>(loop, 36);
  const chunkRows = matmul ? load<u32>(loop, 32) : 0;
  const kept = load<u32>(loop, 40), part = kept ? rowStart / load<u32>(loop, 52) : 0;
  runBlock(load<usize>(loop, 20), load<u32>(loop, 16), 0, 0, blockRows, colChunk);
  if (matmul && load<u32>(matmul, PACKED) != PREPACKED) store<u32>(matmul, 0, PACKED);
  while (rowStart < rowEnd) {
    const stop = chunkRows ? min<u32>(rowStart + chunkRows, rowEnd) : rowEnd;
    if (matmul) matmulRows(matmul, rowStart, stop);
    for (; rowStart < stop; rowStart += blockRows) {
      const rows = min<u32>(blockRows, stop - rowStart);
      for (let col: u32 = 0; col < cols; col += colChunk) {
        runBlock(body, bytes, rowStart, col, rows, min<u32>(colChunk, cols - col));
      }
    }
    rowStart = stop;
  }
  runBlock(load<usize>(loop, 60), load<u32>(loop, 56), rowEnd, 0, 1, cols);
  if (kept) memory.copy(load<usize>(load<usize>(loop, 48)) + part * kept, load<usize>(load<usize>(loop, 44)), kept);
}

function runBlock(q: usize, bytes: u32, row: usize, col: usize, b: usize, c: usize): void {
  for (const end = q + bytes; q < end; q += 96) {
    const opcode = load<u32>(q), extent = load<u32>(q, 4);
    const n = extent == 0 ? b * c : extent == 1 ? b : 16;
    if (opcode == 545) {
      call_indirect<void>(load<u32>(q, 8), q + 16, <u32>n, <u32>row, <u32>col);
      q += load<usize>(q, 12) - 96;
    } else if (opcode < 512 || opcode - 540 < 4) elementwise(opcode, q, ((n + 15) & ~15) << 2, row, col);
    else structural(opcode, q, operand(q + 16, row, col), operand(q + 32, row, col), n, row, col, b, c);
  }
}

/** One instruction other than an elementwise one, its first two operands read already; sums and extremes need no more of it. */
export function structural(opcode: u32, q: usize, d: usize, a: usize, n: usize, row: usize, col: usize, b: usize, c: usize): void {
  // Changes nothing, but V8 sees 32 bits: parameters it widens again at every use, 7% of a column sum.
  d &= ~3;
  a &= ~3;
  switch (opcode) {
    case 512: { memory.copy(d, a, n << 2); break; }
    case 513: { splat(d, a); break; }
    case 514: { expandRow(d, a, b, c); break; }
    case 515: { expandColumn(d, a, b, c); break; }
    case 516: { rowSums(d, a, b, c); break; }
    case 519: { rowIntSums(d, a, b, c); break; }
    case 517: case 518: case 520: case 521: { rowExtremes(d, a, b, c, opcode - 516); break; }
    case 522: { pick(d, a, operand(q + 48, row, col), b, c, row, load<u32>(q, 8)); break; }
    case 523: { place(d, a, operand(q + 48, row, col), b, c, row, load<u32>(q, 8)); break; }
    case 524: { initialize(d, load<usize>(q, 8), load<u32>(q, 12)); break; }
    case 525: { store<f64>(d, load<f64>(d) + sumFloats(a, n)); break; }
    case 528: { store<f64>(d, load<f64>(d) + <f64>sumInts(a, n)); break; }
    case 526: case 527: case 529: case 530: { addExtreme(d, a, n, opcode - 525); break; }
    case 531: { columnSums(d, a, b, c); break; }
    case 534: { columnIntSums(d, a, b, c); break; }
    case 532: case 533: case 535: case 536: { columnExtremes(d, a, b, c, opcode - 531); break; }
    case 537: { flush(d, a, n); break; }
    case 538: { flushInts(d, a, n); break; }
    case 539: {
      const first = row * load<usize>(q, 8) + (load<u32>(q, 4) == 0 ? col : 0);
      uniform(d, n, first, a, operand(q + 48, row, col), operand(q + 64, row, col));
      break;
    }
    case 544: { combine(d, a, load<usize>(q, 8), load<u32>(q, 12)); break; }
    case 546: { if ((row + 1 & load<u32>(q, 8)) == 0) spill(d, a, n); break; }
    default: unreachable();
  }
}
