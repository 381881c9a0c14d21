// Batched matrix product, float32. Strides in bytes, so a transposed or broadcast operand needs no copy.
//
// Matmul block, u32 words:
//   0 M (rows per batch)  1 N  2 K  3 aSlot  4 aRowStride  5 aColStride  6 aBatchStride  7 bSlot  8 bRowStride (k)
//   9 bColStride (n)  10 bBatchStride  11 cSlot  12 cRowBytes  13 packed-B slot  14 packed-A slot  15 batch * M
//   16 cIsScratch  17 viewSlot  18 packed: what the packed-B scratch holds (0 nothing, batch + 1, PREPACKED)
// A slot is the address of a u32 cell that holds a base pointer. Rows run over all batches: row = batch * M + m, and C's
// rows follow each other cRowBytes apart across batches.
// Set word 18 to 0 before a run, or to PREPACKED after packB: then several threads can share one packed B.
import { madd } from "./lanes";
import { MAX_DEPTH, MAX_ROWS, TILE_BYTES, blockDepth, multiplyBlock, packColumns, packRows, roundUp4 } from "./panels";

const PREPACKED: usize = 0xffffffff;
/** Most rows per batch for which B stays as it is, if its rows are contiguous. */
const DIRECT_ROWS: usize = 16;

/** Bytes of the packed B of one batch: `4 * K * ceil4(N)`, in whole 64s. */
export function packedBBytes(K: usize, N: usize): usize {
  return ((K * roundUp4(N) << 2) + 63) & ~63;
}

/** Bytes of the packed-A scratch: `128 + 4 * max(K, min(K, 512) * ceil4(min(M, 128)))`, in whole 64s. */
export function packedABytes(M: usize, K: usize): usize {
  const panels = min<usize>(K, MAX_DEPTH) * roundUp4(min<usize>(M, MAX_ROWS));
  return (TILE_BYTES + (max<usize>(K, panels) << 2) + 63) & ~63;
}

// Layout: blocks of the depth one after the other, inside a block panel after panel.
function packBatch(dst: usize, b: usize, bRow: usize, bCol: usize, K: usize, N: usize, panelStart: usize, panelEnd: usize): void {
  const width = roundUp4(N);
  const first: usize = panelStart << 3;
  const last = min<usize>(panelEnd << 3, N);
  const kc = blockDepth(K);
  for (let k: usize = 0; k < K; k += kc) {
    const depth = min<usize>(K - k, kc);
    packColumns(dst + (k * width + first * depth << 2), b + k * bRow + first * bCol, bRow, bCol, depth, last - first);
  }
}

/**
 * Packs panels [start, end) of B; there are ceil(N / 8) panels per batch, and one batch only when bBatchStride is 0.
 * The packed batches lie packedBBytes(K, N) apart.
 */
export function packB(block: usize, start: usize, end: usize): void {
  const N = load<usize>(block, 4), K = load<usize>(block, 8);
  const b = load<usize>(load<usize>(block, 28));
  const bRow = load<usize>(block, 32), bCol = load<usize>(block, 36), bBatch = load<usize>(block, 40);
  const dst = load<usize>(load<usize>(block, 52));
  const panels = (N + 7) >> 3;
  while (start < end) {
    const batch = start / panels;
    const first = start - batch * panels;
    const last = min<usize>(panels, first + end - start);
    packBatch(dst + batch * packedBBytes(K, N), b + batch * bBatch, bRow, bCol, K, N, first, last);
    start += last - first;
  }
}

// out[j] = sum_k v[k] * b[k, j] where the columns are contiguous. Each sum runs over k in order, in one lane.
export function vectorTimesRows(v: usize, b: usize, bRow: usize, out: usize, K: usize, N: usize): void {
  const end = v + (K << 2);
  while (N >= 32) {
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
    let q = b;
    for (let p = v; p != end; p += 4) {
      const s = v128.load32_splat(p);
      c0 = madd(s, v128.load(q), c0);
      c1 = madd(s, v128.load(q, 16), c1);
      c2 = madd(s, v128.load(q, 32), c2);
      c3 = madd(s, v128.load(q, 48), c3);
      c4 = madd(s, v128.load(q, 64), c4);
      c5 = madd(s, v128.load(q, 80), c5);
      c6 = madd(s, v128.load(q, 96), c6);
      c7 = madd(s, v128.load(q, 112), c7);
      q += bRow;
    }
    v128.store(out, c0);
    v128.store(out, c1, 16);
    v128.store(out, c2, 32);
    v128.store(out, c3, 48);
    v128.store(out, c4, 64);
    v128.store(out, c5, 80);
    v128.store(out, c6, 96);
    v128.store(out, c7, 112);
    out += 128;
    b += 128;
    N -= 32;
  }
  while (N >= 4) {
    let c0 = f32x4.splat(0);
    let q = b;
    for (let p = v; p != end; p += 4) {
      c0 = madd(v128.load32_splat(p), v128.load(q), c0);
      q += bRow;
    }
    v128.store(out, c0);
    out += 16;
    b += 16;
    N -= 4;
  }
  while (N > 0) {
    let sum: f32 = 0;
    let q = b;
    for (let p = v; p != end; p += 4) {
      sum += load<f32>(p) * load<f32>(q);
      q += bRow;
    }
    store<f32>(out, sum);
    out += 4;
    b += 4;
    N--;
  }
}

@inline
function sumLanes(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3));
}

// out[j] = sum_k v[k] * b[k, j] where k is contiguous: 4 dot products at a time, the last line repeated when fewer are left.
export function vectorTimesLines(v: usize, b: usize, bCol: usize, out: usize, K: usize, N: usize): void {
  for (let j: usize = 0; j < N; j += 4) {
    const left = N - j;
    let p0 = b;
    let p1 = left > 1 ? p0 + bCol : p0;
    let p2 = left > 2 ? p1 + bCol : p1;
    let p3 = left > 3 ? p2 + bCol : p2;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    let p = v;
    for (let k = K >> 3; k > 0; k--) {
      const x = v128.load(p), y = v128.load(p, 16);
      s0 = madd(x, v128.load(p0), s0);
      t0 = madd(y, v128.load(p0, 16), t0);
      s1 = madd(x, v128.load(p1), s1);
      t1 = madd(y, v128.load(p1, 16), t1);
      s2 = madd(x, v128.load(p2), s2);
      t2 = madd(y, v128.load(p2, 16), t2);
      s3 = madd(x, v128.load(p3), s3);
      t3 = madd(y, v128.load(p3, 16), t3);
      p += 32; p0 += 32; p1 += 32; p2 += 32; p3 += 32;
    }
    let r0 = sumLanes(f32x4.add(s0, t0)), r1 = sumLanes(f32x4.add(s1, t1));
    let r2 = sumLanes(f32x4.add(s2, t2)), r3 = sumLanes(f32x4.add(s3, t3));
    for (let k = K & 7; k > 0; k--) {
      const x = load<f32>(p);
      r0 += x * load<f32>(p0);
      r1 += x * load<f32>(p1);
      r2 += x * load<f32>(p2);
      r3 += x * load<f32>(p3);
      p += 4; p0 += 4; p1 += 4; p2 += 4; p3 += 4;
    }
    store<f32>(out, r0);
    if (left > 1) store<f32>(out, r1, 4);
    if (left > 2) store<f32>(out, r2, 8);
    if (left > 3) store<f32>(out, r3, 12);
    b += bCol << 2;
    out += 16;
  }
}

// One row of C without packing; bRow or bCol is 4.
function vectorTimesMatrix(v: usize, vStride: usize, b: usize, bRow: usize, bCol: usize, out: usize, K: usize, N: usize, scratch: usize): void {
  if (vStride != 4) {
    for (let k: usize = 0; k < K; k++) store<u32>(scratch + (k << 2), load<usize>(v + k * vStride));
    v = scratch;
  }
  if (bCol == 4) vectorTimesRows(v, b, bRow, out, K, N);
  else vectorTimesLines(v, b, bCol, out, K, N);
}

/**
 * Computes rows [rowStart, rowEnd) of C. Which method runs depends on M, N, K and the strides only, and the order of
 * every sum with it: cutting the rows differently changes no bit of the result.
 * With cIsScratch, row `rowStart` is the first of C's cell, and viewSlot receives the base that makes row numbers absolute.
 */
export function matmulRows(block: usize, rowStart: usize, rowEnd: usize): void {
  const M = load<usize>(block), N = load<usize>(block, 4), K = load<usize>(block, 8);
  const a = load<usize>(load<usize>(block, 12)), aRow = load<usize>(block, 16), aCol = load<usize>(block, 20), aBatch = load<usize>(block, 24);
  const b = load<usize>(load<usize>(block, 28)), bRow = load<usize>(block, 32), bCol = load<usize>(block, 36), bBatch = load<usize>(block, 40);
  const cRow = load<usize>(block, 48);
  let c: usize = load<usize>(load<usize>(block, 44));
  if (load<u32>(block, 64)) {
    c -= rowStart * cRow;
    store<u32>(load<usize>(block, 68), c);
  }
  const tile: usize = load<usize>(load<usize>(block, 56));
  const scratch = tile + TILE_BYTES;
  const kc = blockDepth(K);
  const width = roundUp4(N);
  while (rowStart < rowEnd) {
    const batch = rowStart / M;
    const stop = min<usize>(rowEnd, (batch + 1) * M);
    const ra = a + batch * aBatch + (rowStart - batch * M) * aRow;
    const rb = b + batch * bBatch;
    if (N == 1 && cRow == 4 && (aRow == 4 || aCol == 4)) {
      vectorTimesMatrix(rb, bRow, ra, aCol, aRow, c + rowStart * cRow, K, stop - rowStart, scratch);
    } else if (M < 4 && (bRow == 4 || bCol == 4)) {
      for (let r = rowStart; r < stop; r++) {
        vectorTimesMatrix(ra + (r - rowStart) * aRow, aCol, rb, bRow, bCol, c + r * cRow, K, N, scratch);
      }
    } else {
      const own = bBatch ? batch : 0;
      const packed = load<usize>(block, 72);
      let pb: usize = load<usize>(load<usize>(block, 52));
      // Few rows read B where it lies: packing it would cost as much as the product.
      const direct = bCol == 4 && M <= DIRECT_ROWS;
      if (packed == PREPACKED) {
        pb += own * packedBBytes(K, N);
      } else if (!direct && (packed != own + 1 || rowStart == own * M)) {
        packBatch(pb, rb, bRow, bCol, K, N, 0, (N + 7) >> 3);
        store<u32>(block, own + 1, 72);
      }
      for (let r = rowStart; r < stop; r += MAX_ROWS) {
        const rows = min<usize>(stop - r, MAX_ROWS);
        let k: usize = 0;
        do {
          const depth = min<usize>(K - k, kc);
          packRows(scratch, ra + (r - rowStart) * aRow + k * aCol, aRow, aCol, rows, depth);
          const columns = direct ? rb + k * bRow : pb + (k * width << 2);
          multiplyBlock(scratch, columns, direct ? bRow : 0, depth, c + r * cRow, cRow, rows, N, k > 0, tile);
          k += kc;
        } while (k < K);
      }
    }
    rowStart = stop;
  }
}
