// Maxima and minima of float32 and of int32, by keys: int32 whose order is the wanted one, so that one loop serves all four.
// The largest float of a row, which every softmax needs, has a faster way of its own (row-reduce.ts).
import { rowMaxima, tailMask } from "./row-reduce";

// A form, as in the opcodes of the tape: 1 max, 2 min, 4 and 5 the same for int32.
const MAX: u32 = 1;

@inline
function isInt(form: u32): bool {
  return form > 3;
}

@inline
function isLeast(form: u32): bool {
  return form == 2 || form == 5;
}

/** All ones for floats. */
@inline
function floats(form: u32): v128 {
  return i32x4.splat(isInt(form) ? 0 : -1);
}

/** All ones for minima. */
@inline
function flips(form: u32): v128 {
  return i32x4.splat(isLeast(form) ? -1 : 0);
}

/** NaN has the greatest key. */
@inline
export function key(x: v128, float: v128, flip: v128): v128 {
  const magnitude = i32x4.shr_u(float, 1);
  const ordered = v128.xor(v128.xor(x, v128.and(i32x4.shr_s(x, 31), magnitude)), flip);
  return v128.bitselect(magnitude, ordered, v128.and(f32x4.ne(x, x), float));
}

@inline
function valueOf(key: v128, float: v128, flip: v128): v128 {
  const ordered = v128.xor(key, flip);
  return v128.xor(ordered, v128.and(i32x4.shr_s(ordered, 31), i32x4.shr_u(float, 1)));
}

/** Extreme of n elements, in lane 0. */
function extreme(a: usize, n: usize, float: v128, flip: v128): v128 {
  let m = i32x4.splat(i32.MIN_VALUE);
  for (; n >= 4; n -= 4) {
    m = i32x4.max_s(m, key(v128.load(a), float, flip));
    a += 16;
  }
  if (n) m = i32x4.max_s(m, v128.bitselect(key(v128.load(a), float, flip), m, tailMask(n)));
  m = i32x4.max_s(m, v128.shuffle<i32>(m, m, 2, 3, 0, 1));
  return valueOf(i32x4.max_s(m, v128.shuffle<i32>(m, m, 1, 0, 3, 2)), float, flip);
}

/** Extremes of 4 columns of rows that lie `row` bytes apart. */
function extremes4(p: usize, end: usize, row: usize, float: v128, flip: v128): v128 {
  let m = i32x4.splat(i32.MIN_VALUE);
  for (; p < end; p += row) m = i32x4.max_s(m, key(v128.load(p), float, flip));
  return valueOf(m, float, flip);
}

/** d[i] = extreme of row i of [b, c]; NaN if the row holds one. */
export function rowExtremes(d: usize, a: usize, b: usize, c: usize, form: u32): void {
  if (form == MAX) {
    rowMaxima(d, a, b, c);
    return;
  }
  const float = floats(form), flip = flips(form);
  for (const end = d + (b << 2); d < end; d += 4) {
    v128.store_lane<i32>(d, extreme(a, c, float, flip), 0);
    a += c << 2;
  }
}

/** The accumulator at d takes in lane 0 of x; NaN stays. */
@inline
function settle(d: usize, x: v128, form: u32): void {
  const value: f64 = isInt(form) ? <f64>i32x4.extract_lane(x, 0) : <f64>f32x4.extract_lane(x, 0);
  store<f64>(d, isLeast(form) ? min<f64>(load<f64>(d), value) : max<f64>(load<f64>(d), value));
}

/** Two accumulators and the lanes 0 and 1. */
@inline
function settle2(d: usize, x: v128, form: u32): void {
  const value = isInt(form) ? f64x2.convert_low_i32x4_s(x) : f64x2.promote_low_f32x4(x);
  v128.store(d, isLeast(form) ? f64x2.min(v128.load(d), value) : f64x2.max(v128.load(d), value));
}

/** The accumulator at d takes in n elements. */
export function addExtreme(d: usize, a: usize, n: usize, form: u32): void {
  settle(d, extreme(a, n, floats(form), flips(form)), form);
}

/** Accumulator j takes in column j of [b, c]. */
export function columnExtremes(d: usize, a: usize, b: usize, c: usize, form: u32): void {
  const row = c << 2, end = a + b * row, float = floats(form), flip = flips(form);
  for (; c >= 4; c -= 4) {
    const x = extremes4(a, end, row, float, flip);
    settle2(d, x, form);
    settle2(d + 16, v128.shuffle<i64>(x, x, 1, 1), form);
    a += 16;
    d += 32;
  }
  if (c) {
    let x = extremes4(a, end, row, float, flip);
    for (; c; c--) {
      settle(d, x, form);
      x = v128.shuffle<i32>(x, x, 1, 2, 3, 0);
      d += 8;
    }
  }
}
