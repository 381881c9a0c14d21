// Data movement of 32-bit elements: permute, flip, expand, slice, concat and pad are one strided copy.
//
// Move block, u32 words: 0 rank (0..8)  1-8 dims  9-16 destination strides  17-24 source strides (bytes, may be negative or,
// for the source, 0). `dst` and `src` point at the element with index 0 on every axis, so a slice or a flip is an offset
// there. Merging axes that lie next to each other in memory on both sides makes the inner loops longer; the caller does it.
import { transpose4 } from "./panels";

/** dst[0..count) = the 32-bit pattern `bits`. */
export function fill(dst: usize, bits: u32, count: usize): void {
  const end = dst + (count << 2);
  const four = i32x4.splat(bits);
  for (; dst + 16 <= end; dst += 16) v128.store(dst, four);
  for (; dst < end; dst += 4) store<u32>(dst, bits);
}

function copyLine(dst: usize, dstStride: usize, src: usize, srcStride: usize, count: usize): void {
  if (dstStride == 4) {
    if (srcStride == 4) {
      // The call of memory.copy costs more than a few moves.
      if (count > 16) memory.copy(dst, src, count << 2);
      else for (; count > 0; count--, dst += 4, src += 4) store<u32>(dst, load<u32>(src));
      return;
    }
    if (srcStride == 0) {
      fill(dst, load<u32>(src), count);
      return;
    }
    if (srcStride == <usize>-4) {
      for (; count >= 4; count -= 4) {
        v128.store(dst, v128.shuffle<i32>(v128.load(src - 12), v128.load(src - 12), 3, 2, 1, 0));
        dst += 16;
        src -= 16;
      }
    }
  }
  for (; count > 0; count--) {
    store<u32>(dst, load<u32>(src));
    dst += dstStride;
    src += srcStride;
  }
}

function transposeTile(dst: usize, dstRow: usize, src: usize, srcCol: usize, rows: usize, cols: usize): void {
  let r: usize = 0;
  for (; r + 4 <= rows; r += 4) {
    let to = dst, from = src, c: usize = 0;
    for (; c + 4 <= cols; c += 4) {
      transpose4(to, dstRow, from, from + srcCol, from + 2 * srcCol, from + 3 * srcCol);
      to += 16;
      from += srcCol << 2;
    }
    for (; c < cols; c++) {
      copyLine(to, dstRow, from, 4, 4);
      to += 4;
      from += srcCol;
    }
    dst += dstRow << 2;
    src += 16;
  }
  for (; r < rows; r++) {
    copyLine(dst, 4, src, srcCol, cols);
    dst += dstRow;
    src += 4;
  }
}

// A transposition: the source is contiguous along rows, the destination along columns. Tiles of 16 rows use every cache line
// of the source in one go, and 64 columns keep those lines in cache when the stride is a large power of two.
function transposePlane(dst: usize, dstRow: usize, src: usize, srcCol: usize, rows: usize, cols: usize): void {
  for (let r: usize = 0; r < rows; r += 16) {
    for (let c: usize = 0; c < cols; c += 64) {
      const to = dst + r * dstRow + (c << 2), from = src + (r << 2) + c * srcCol;
      transposeTile(to, dstRow, from, srcCol, min<usize>(rows - r, 16), min<usize>(cols - c, 64));
    }
  }
}

// Axes from `axis` on, the first cut to `count`.
function copyAxes(dst: usize, src: usize, block: usize, axis: usize, count: usize): void {
  const word = block + (axis << 2);
  const left = load<usize>(block) - axis;
  const dstStride = load<usize>(word, 36), srcStride = load<usize>(word, 68);
  if (left == 1) {
    copyLine(dst, dstStride, src, srcStride, count);
    return;
  }
  const next = load<usize>(word, 8);
  if (left == 2) {
    const dstInner = load<usize>(word, 40), srcInner = load<usize>(word, 72);
    if (dstInner == 4 && srcStride == 4 && srcInner != 0 && count >= 4 && next >= 4) {
      transposePlane(dst, dstStride, src, srcInner, count, next);
      return;
    }
    for (; count > 0; count--) {
      copyLine(dst, dstInner, src, srcInner, next);
      dst += dstStride;
      src += srcStride;
    }
    return;
  }
  for (; count > 0; count--) {
    copyAxes(dst, src, block, axis + 1, next);
    dst += dstStride;
    src += srcStride;
  }
}

/** Copies the elements whose first index is in [start, end); for rank 0 the one element. */
export function stridedCopy(dst: usize, src: usize, block: usize, start: usize, end: usize): void {
  if (load<usize>(block) == 0) {
    store<u32>(dst, load<u32>(src));
    return;
  }
  copyAxes(dst + start * load<usize>(block, 36), src + start * load<usize>(block, 68), block, 0, end - start);
}
