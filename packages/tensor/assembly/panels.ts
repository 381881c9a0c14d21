// Packed panels and the 4x8 micro-kernel shared by gemm.ts and conv.ts.
//
// A is packed as panels of 4 rows, each [depth][4]; B as panels of 8 columns, each [depth][8], except that a last panel
// of at most 4 columns is [depth][4]. Rows and columns that do not exist hold copies of ones that do (or whatever
// follows them in memory): they only reach results that are thrown away.

import { madd } from "./lanes";

/** Longest run of the contracted axis kept in one panel: 512 x 8 floats of B and 512 x 4 of A fit in a 32 KB L1. */
export const MAX_DEPTH: usize = 512;
/** Rows of A multiplied at a time: 128 x 512 floats stay in L2. */
export const MAX_ROWS: usize = 128;
/** Bytes of the small tile that edge results pass through. */
export const TILE_BYTES: usize = 128;

/** Depth of one block when an axis of `total` is cut into equal parts of at most MAX_DEPTH. */
export function blockDepth(total: usize): usize {
  const parts = (total + MAX_DEPTH - 1) / MAX_DEPTH;
  return parts < 2 ? total : (total + parts - 1) / parts;
}

@inline
export function roundUp4(n: usize): usize {
  return (n + 3) & ~3;
}

// Reads 4 contiguous elements of each of 4 lines and writes them as 4 columns, `step` bytes apart.
@inline
export function transpose4(dst: usize, step: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const a = v128.load(p0), b = v128.load(p1), c = v128.load(p2), d = v128.load(p3);
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(dst + step, v128.shuffle<i64>(ab0, cd0, 1, 3));
  dst += step << 1;
  v128.store(dst, v128.shuffle<i64>(ab1, cd1, 0, 2));
  v128.store(dst + step, v128.shuffle<i64>(ab1, cd1, 1, 3));
}

/**
 * Writes 4 lines (rows of A or columns of B) as [depth] groups of 4, `step` bytes apart. `lines` (1..4) of them exist,
 * the last is repeated for the others. Strides in bytes.
 */
export function packLines(dst: usize, step: usize, src: usize, lineStride: usize, depthStride: usize, lines: usize, depth: usize): void {
  if (lineStride == 4) {
    for (let k: usize = 0; k < depth; k++) {
      v128.store(dst, v128.load(src));
      dst += step;
      src += depthStride;
    }
    return;
  }
  let p0 = src;
  let p1 = lines > 1 ? p0 + lineStride : p0;
  let p2 = lines > 2 ? p1 + lineStride : p1;
  let p3 = lines > 3 ? p2 + lineStride : p2;
  let k: usize = 0;
  if (depthStride == 4) {
    for (; k + 4 <= depth; k += 4) {
      transpose4(dst, step, p0, p1, p2, p3);
      dst += step << 2;
      p0 += 16; p1 += 16; p2 += 16; p3 += 16;
    }
  }
  for (; k < depth; k++) {
    store<u32>(dst, load<u32>(p0), 0);
    store<u32>(dst, load<u32>(p1), 4);
    store<u32>(dst, load<u32>(p2), 8);
    store<u32>(dst, load<u32>(p3), 12);
    dst += step;
    p0 += depthStride; p1 += depthStride; p2 += depthStride; p3 += depthStride;
  }
}

/** Packs `rows` x `depth` of A into panels of 4 rows. */
export function packRows(dst: usize, src: usize, rowStride: usize, depthStride: usize, rows: usize, depth: usize): void {
  for (let r: usize = 0; r < rows; r += 4) {
    packLines(dst, 16, src, rowStride, depthStride, min<usize>(rows - r, 4), depth);
    dst += depth << 4;
    src += rowStride << 2;
  }
}

/** Packs `depth` x `cols` of B into panels of 8 columns (the last of 4 when at most 4 are left). */
export function packColumns(dst: usize, src: usize, depthStride: usize, colStride: usize, depth: usize, cols: usize): void {
  for (let j: usize = 0; j < cols; j += 8) {
    const left = cols - j;
    const step: usize = left > 4 ? 32 : 16;
    packLines(dst, step, src, colStride, depthStride, min<usize>(left, 4), depth);
    if (left > 4) packLines(dst + 16, step, src + (colStride << 2), colStride, depthStride, min<usize>(left - 4, 4), depth);
    dst += depth * step;
    src += colStride << 3;
  }
}

function copyTile(tile: usize, c: usize, cRow: usize, rows: i32, cols: usize, add: bool): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < cols; j++) {
      const at = c + (j << 2);
      const value = load<f32>(tile + (j << 2));
      store<f32>(at, add ? load<f32>(at) + value : value);
    }
    tile += 32;
    c += cRow;
  }
}

// One panel of 8 columns times all row panels. The micro-kernel is written out here, not called: it is 12% faster
// inlined, and because each call of this function is short the optimised code takes over at once. The loop over the
// depth is not unrolled: more live values would spill.
function multiplyPanel8(a: usize, b: usize, bRow: usize, depth: usize, c: usize, cRow: usize, rows: i32, cols: usize, add: bool, tile: usize): void {
  const step = depth << 4;
  for (; rows > 0; rows -= 4) {
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    const end = a + step;
    let p = b;
    while (a != end) {
      const b0 = v128.load(p), b1 = v128.load(p, 16);
      let s = v128.load32_splat(a);
      c00 = madd(s, b0, c00);
      c01 = madd(s, b1, c01);
      s = v128.load32_splat(a, 4);
      c10 = madd(s, b0, c10);
      c11 = madd(s, b1, c11);
      s = v128.load32_splat(a, 8);
      c20 = madd(s, b0, c20);
      c21 = madd(s, b1, c21);
      s = v128.load32_splat(a, 12);
      c30 = madd(s, b0, c30);
      c31 = madd(s, b1, c31);
      a += 16;
      p += bRow;
    }
    const whole = rows >= 4 && cols == 8;
    const d0 = whole ? c : tile;
    const row: usize = whole ? cRow : 32;
    const d1 = d0 + row, d2 = d1 + row, d3 = d2 + row;
    if (whole && add) {
      c00 = f32x4.add(v128.load(d0), c00);
      c01 = f32x4.add(v128.load(d0, 16), c01);
      c10 = f32x4.add(v128.load(d1), c10);
      c11 = f32x4.add(v128.load(d1, 16), c11);
      c20 = f32x4.add(v128.load(d2), c20);
      c21 = f32x4.add(v128.load(d2, 16), c21);
      c30 = f32x4.add(v128.load(d3), c30);
      c31 = f32x4.add(v128.load(d3, 16), c31);
    }
    v128.store(d0, c00);
    v128.store(d0, c01, 16);
    v128.store(d1, c10);
    v128.store(d1, c11, 16);
    v128.store(d2, c20);
    v128.store(d2, c21, 16);
    v128.store(d3, c30);
    v128.store(d3, c31, 16);
    if (!whole) copyTile(tile, c, cRow, min(rows, 4), cols, add);
    c += cRow << 2;
  }
}

// The same for a last panel of at most 4 columns.
function multiplyPanel4(a: usize, b: usize, bRow: usize, depth: usize, c: usize, cRow: usize, rows: i32, cols: usize, add: bool, tile: usize): void {
  const step = depth << 4;
  for (; rows > 0; rows -= 4) {
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
    const end = a + step;
    let p = b;
    while (a != end) {
      const b0 = v128.load(p);
      c0 = madd(v128.load32_splat(a), b0, c0);
      c1 = madd(v128.load32_splat(a, 4), b0, c1);
      c2 = madd(v128.load32_splat(a, 8), b0, c2);
      c3 = madd(v128.load32_splat(a, 12), b0, c3);
      a += 16;
      p += bRow;
    }
    v128.store(tile, c0);
    v128.store(tile, c1, 32);
    v128.store(tile, c2, 64);
    v128.store(tile, c3, 96);
    copyTile(tile, c, cRow, min(rows, 4), cols, add);
    c += cRow << 2;
  }
}

/**
 * C (rows x cols, row stride `cRow` bytes) = or += packed A times B; writes nothing outside C but `tile`. B is packed, or
 * its rows lie `bRow` bytes apart; then up to 7 elements are read past its end.
 */
export function multiplyBlock(a: usize, b: usize, bRow: usize, depth: usize, c: usize, cRow: usize, rows: usize, cols: usize, add: bool, tile: usize): void {
  for (let r: usize = 0; r < rows; r += MAX_ROWS) {
    const some = min<usize>(rows - r, MAX_ROWS);
    const ra = a + (r * depth << 2);
    let rc = c + r * cRow;
    let pb = b;
    for (let j: usize = 0; j < cols; j += 8) {
      const left = cols - j;
      if (left > 4) multiplyPanel8(ra, pb, bRow ? bRow : 32, depth, rc, cRow, <i32>some, min<usize>(left, 8), add, tile);
      else multiplyPanel4(ra, pb, bRow ? bRow : 16, depth, rc, cRow, <i32>some, left, add, tile);
      pb += bRow ? 32 : depth << 5;
      rc += 32;
    }
  }
}
