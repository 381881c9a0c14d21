// Position of the maximum or minimum along the middle axis: [O, r, inner] -> int32 [O, inner]. The first of equal values
// wins; the first NaN wins over every number.
import { key } from "./extremes";

/** Keys in which -0 and 0, both floats, are equal. */
@inline
function keyAt(p: usize, float: v128, flip: v128): v128 {
  const x = v128.load(p);
  return key(v128.andnot(x, v128.and(f32x4.eq(x, f32x4.splat(0)), float)), float, flip);
}

/** Positions of the best of `rows` vectors of 4 columns, `step` bytes apart. */
function best4(x: usize, step: usize, rows: usize, float: v128, flip: v128): v128 {
  let best = keyAt(x, float, flip), at = i32x4.splat(0);
  for (let k: usize = 1; k < rows; k++) {
    x += step;
    const value = keyAt(x, float, flip), wins = i32x4.gt_s(value, best);
    best = i32x4.max_s(value, best);
    at = v128.bitselect(i32x4.splat(<i32>k), at, wins);
  }
  return at;
}

/** Position of the best of n contiguous elements: lane l looks at the elements l, l + 4, ...; then the lanes are compared. */
function bestOf(x: usize, n: usize, float: v128, flip: v128): i32 {
  const end = i32x4.splat(<i32>n), four = i32x4.splat(4);
  let best = i32x4.splat(i32.MIN_VALUE), at = i32x4(0, 1, 2, 3), place = at;
  for (let k: usize = 0; k < n; k += 4) {
    const value = keyAt(x + (k << 2), float, flip), wins = v128.and(i32x4.gt_s(value, best), i32x4.lt_s(place, end));
    best = v128.bitselect(value, best, wins);
    at = v128.bitselect(place, at, wins);
    place = i32x4.add(place, four);
  }
  const best2 = v128.shuffle<i32>(best, best, 2, 3, 0, 1), at2 = v128.shuffle<i32>(at, at, 2, 3, 0, 1);
  let wins = beats(best2, at2, best, at);
  best = v128.bitselect(best2, best, wins);
  at = v128.bitselect(at2, at, wins);
  const at1 = v128.shuffle<i32>(at, at, 1, 0, 3, 2);
  wins = beats(v128.shuffle<i32>(best, best, 1, 0, 3, 2), at1, best, at);
  return i32x4.extract_lane(v128.bitselect(at1, at, wins), 0);
}

/** Where the first key is larger, or as large and earlier. */
@inline
function beats(key: v128, at: v128, best: v128, bestAt: v128): v128 {
  return v128.or(i32x4.gt_s(key, best), v128.and(i32x4.eq(key, best), i32x4.lt_s(at, bestAt)));
}

/** out[o, i] (int32) = the position of the maximum (or of the minimum, when `least`) of x[o, 0..r-1, i]; r >= 1. */
export function argReduce(out: usize, x: usize, r: usize, inner: usize, least: bool, int: bool, start: usize, end: usize): void {
  const row = inner << 2, float = i32x4.splat(int ? 0 : -1), flip = i32x4.splat(least ? -1 : 0);
  for (let o = start; o < end; o++) {
    const from = x + o * r * row, to = out + o * row;
    if (inner == 1) {
      store<i32>(to, bestOf(from, r, float, flip));
      continue;
    }
    for (let i: usize = 0; i < row; i += 16) {
      const at = best4(from + i, row, r, float, flip);
      if (i + 16 <= row) {
        v128.store(to + i, at);
      } else {
        v128.store32_lane(to + i, at, 0);
        if (i + 4 < row) v128.store32_lane(to + i + 4, at, 1);
        if (i + 8 < row) v128.store32_lane(to + i + 8, at, 2);
      }
    }
  }
}
