// Accumulators: float64 values that live from block to block. T is the type of the source, f32 or i32.
import { extreme, sumFloats, sumInts } from "./row-reduce";

/** Sets `count` accumulators to 0, -Infinity or Infinity (kind 0, 1, 2). */
export function initialize(d: usize, count: usize, kind: u32): void {
  const value: f64 = kind == 0 ? 0 : kind == 1 ? -Infinity : Infinity;
  for (const end = d + (count << 3); d < end; d += 8) store<f64>(d, value);
}

/** d = d and the accumulators at a, taken together: sums, maxima or minima (kind 0, 1, 2). */
export function combine(d: usize, a: usize, count: usize, kind: u32): void {
  for (const end = d + (count << 3); d < end; d += 8) {
    const x = load<f64>(d), y = load<f64>(a);
    store<f64>(d, kind == 0 ? x + y : kind == 1 ? max<f64>(x, y) : min<f64>(x, y));
    a += 8;
  }
}

/** d += a, n float32 sums that begin anew. */
export function spill(d: usize, a: usize, n: usize): void {
  for (const end = a + (n << 2); a < end; a += 16) {
    const x = v128.load(a);
    v128.store(d, f64x2.add(v128.load(d), low<f32>(x)));
    v128.store(d, f64x2.add(v128.load(d, 16), high<f32>(x)), 16);
    v128.store(a, f32x4.splat(0));
    d += 32;
  }
}

/** Writes n accumulators as float32, or as int32 modulo 2^32. */
@inline
export function flush<T>(d: usize, a: usize, n: usize): void {
  for (const end = d + (n << 2); d < end; d += 4) {
    if (isFloat<T>()) store<f32>(d, <f32>load<f64>(a));
    else store<i32>(d, <i32><i64>load<f64>(a));
    a += 8;
  }
}

/** d += the sum of n elements. */
@inline
export function addSum<T>(d: usize, a: usize, n: usize): void {
  store<f64>(d, load<f64>(d) + (isFloat<T>() ? sumFloats(a, n) : <f64>sumInts(a, n)));
}

/** d = the extreme of d and n elements; NaN stays. */
@inline
export function addExtreme<T>(d: usize, a: usize, n: usize, largest: bool): void {
  const m = extreme<T>(a, n, largest);
  const x: f64 = isFloat<T>() ? <f64>f32x4.extract_lane(m, 0) : <f64>i32x4.extract_lane(m, 0);
  store<f64>(d, largest ? max<f64>(load<f64>(d), x) : min<f64>(load<f64>(d), x));
}

@inline
function low<T>(x: v128): v128 {
  return isFloat<T>() ? f64x2.promote_low_f32x4(x) : f64x2.convert_low_i32x4_s(x);
}

@inline
function high<T>(x: v128): v128 {
  return low<T>(v128.shuffle<i64>(x, x, 1, 1));
}

@inline
function scalar<T>(a: usize): f64 {
  return isFloat<T>() ? <f64>load<f32>(a) : <f64>load<i32>(a);
}

/** d[j] += sum over the rows of [b, c]; float32 over at most 64 rows, then float64; int32 sums are exact. */
@inline
export function columnSums<T>(d: usize, a: usize, b: usize, c: usize): void {
  const row = c << 2;
  while (b) {
    const rows = min<usize>(b, 64);
    const next = a + rows * row;
    let to = d, p = a, left = c;
    for (; left >= 4; left -= 4) {
      addColumns<T>(to, p, next, row);
      to += 32;
      p += 16;
    }
    if (left) addTail<T>(to, p, next, row, left);
    a = next;
    b -= rows;
  }
}

// Two chains: an addition takes longer than the load of the next row.
@inline
function floatColumns(p: usize, end: usize, row: usize): v128 {
  let s = f32x4.splat(0), t = s;
  for (const last = end - row; p < last; p += row << 1) {
    s = f32x4.add(s, v128.load(p));
    t = f32x4.add(t, v128.load(p + row));
  }
  return p < end ? f32x4.add(f32x4.add(s, v128.load(p)), t) : f32x4.add(s, t);
}

@inline
function addColumns<T>(d: usize, p: usize, end: usize, row: usize): void {
  let s0 = v128.load(d), s1 = v128.load(d, 16);
  if (isFloat<T>()) {
    const s = floatColumns(p, end, row);
    s0 = f64x2.add(s0, low<T>(s));
    s1 = f64x2.add(s1, high<T>(s));
  } else {
    for (; p < end; p += row) {
      const x = v128.load(p);
      s0 = f64x2.add(s0, low<T>(x));
      s1 = f64x2.add(s1, high<T>(x));
    }
  }
  v128.store(d, s0);
  v128.store(d, s1, 16);
}

/** The last one to three columns. */
@inline
function addTail<T>(d: usize, p: usize, end: usize, row: usize, count: usize): void {
  if (isFloat<T>()) {
    const s = floatColumns(p, end, row);
    store<f64>(d, load<f64>(d) + <f64>f32x4.extract_lane(s, 0));
    if (count > 1) store<f64>(d, load<f64>(d, 8) + <f64>f32x4.extract_lane(s, 1), 8);
    if (count > 2) store<f64>(d, load<f64>(d, 16) + <f64>f32x4.extract_lane(s, 2), 16);
  } else {
    for (; p < end; p += row) {
      for (let j: usize = 0; j < count; j++) {
        store<f64>(d + (j << 3), load<f64>(d + (j << 3)) + <f64>load<i32>(p + (j << 2)));
      }
    }
  }
}

/** d[j] = extreme of d[j] and column j of [b, c]; NaN stays. */
@inline
export function columnExtremes<T>(d: usize, a: usize, b: usize, c: usize, largest: bool): void {
  const row = c << 2, end = a + b * row;
  let j: usize = 0;
  for (; j + 16 <= row; j += 16) {
    let m0 = v128.load(d), m1 = v128.load(d, 16);
    for (let p = a + j; p < end; p += row) {
      const x = v128.load(p), x0 = low<T>(x), x1 = high<T>(x);
      m0 = largest ? f64x2.max(m0, x0) : f64x2.min(m0, x0);
      m1 = largest ? f64x2.max(m1, x1) : f64x2.min(m1, x1);
    }
    v128.store(d, m0);
    v128.store(d, m1, 16);
    d += 32;
  }
  for (; j < row; j += 4) {
    let m = load<f64>(d);
    for (let p = a + j; p < end; p += row) m = largest ? max<f64>(m, scalar<T>(p)) : min<f64>(m, scalar<T>(p));
    store<f64>(d, m);
    d += 8;
  }
}
