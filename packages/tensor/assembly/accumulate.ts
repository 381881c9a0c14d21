// Accumulators: float64 values that live from block to block. Their extremes are in extremes.ts.

/** Sets `count` accumulators to 0, -Infinity or Infinity (kind 0, 1, 2). */
export function initialize(d: usize, count: usize, kind: u32): void {
  const value: f64 = kind == 0 ? 0 : kind == 1 ? -Infinity : Infinity;
  for (const end = d + (count << 3); d < end; d += 8) store<f64>(d, value);
}

/** d = d and the accumulators at a, taken together: sums, maxima or minima (kind 0, 1, 2). */
export function combine(d: usize, a: usize, count: usize, kind: u32): void {
  const end = d + (count << 3);
  if (kind == 0) {
    for (; d < end; d += 8) {
      store<f64>(d, load<f64>(d) + load<f64>(a));
      a += 8;
    }
  }
  for (; d < end; d += 8) {
    const x = load<f64>(d), y = load<f64>(a);
    store<f64>(d, kind == 1 ? max<f64>(x, y) : min<f64>(x, y));
    a += 8;
  }
}

@inline
function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

@inline
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

/** d += a, n float32 sums that begin anew. */
export function spill(d: usize, a: usize, n: usize): void {
  for (const end = a + (n << 2); a < end; a += 16) {
    const x = v128.load(a);
    v128.store(d, f64x2.add(v128.load(d), low(x)));
    v128.store(d, f64x2.add(v128.load(d, 16), high(x)), 16);
    v128.store(a, f32x4.splat(0));
    d += 32;
  }
}

/** Writes n accumulators as float32. */
export function flush(d: usize, a: usize, n: usize): void {
  for (const end = d + (n << 2); d < end; d += 4) {
    store<f32>(d, <f32>load<f64>(a));
    a += 8;
  }
}

/** Writes n accumulators as int32, modulo 2^32. */
export function flushInts(d: usize, a: usize, n: usize): void {
  for (const end = d + (n << 2); d < end; d += 4) {
    store<i32>(d, <i32><i64>load<f64>(a));
    a += 8;
  }
}

/** d[j] += sum over the rows of [b, c]; float32 over at most 64 rows, then float64. */
@inline
export function columnSums(d: usize, a: usize, b: usize, c: usize): void {
  const row = c << 2;
  while (b) {
    const rows = min<usize>(b, 64);
    const next = a + rows * row;
    let to = d, p = a, left = c;
    for (; left >= 4; left -= 4) {
      const s0 = v128.load(to), s1 = v128.load(to, 16), s = floatColumns(p, next, row);
      v128.store(to, f64x2.add(s0, low(s)));
      v128.store(to, f64x2.add(s1, high(s)), 16);
      to += 32;
      p += 16;
    }
    if (left) {
      let s = floatColumns(p, next, row);
      for (; left; left--) {
        store<f64>(to, load<f64>(to) + <f64>f32x4.extract_lane(s, 0));
        s = v128.shuffle<i32>(s, s, 1, 2, 3, 0);
        to += 8;
      }
    }
    a = next;
    b -= rows;
  }
}

/** The same for int32, exact. */
export function columnIntSums(d: usize, a: usize, b: usize, c: usize): void {
  for (; b; b--) {
    for (let j: usize = 0; j < c; j++) {
      store<f64>(d + (j << 3), load<f64>(d + (j << 3)) + <f64>load<i32>(a));
      a += 4;
    }
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
