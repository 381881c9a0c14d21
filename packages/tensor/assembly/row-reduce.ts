// Sums along contiguous runs of 32-bit elements, and the largest float of each row.
// Float sums run in float32 lanes over at most 1024 elements, then in float64. pmax drops NaN, so "is a NaN" masks are
// kept beside the maxima; a mask is itself a NaN, and is put in at the end. f32x4.max is twice as slow.

/** The first r of 16 lanes are those of four vectors loaded from TAIL + 64 - 4 r on. */
const TAIL = memory.data<i32>([
  -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);

/** Longest run of which four rows are reduced side by side. */
const SHORT: usize = 64;

@inline
export function tailMask(count: usize): v128 {
  return v128.load(TAIL + 64 - (count << 2));
}

@inline
function nan(x: v128): v128 {
  return f32x4.ne(x, x);
}

@inline
function sumOfLanes(x: v128): f64 {
  const s = f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1)));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

/** Sum of n floats: lane i of a line goes into lane i, as in a generated segment. */
export function sumFloats(a: usize, n: usize): f64 {
  let total: f64 = 0;
  while (n) {
    const length = min<usize>(n, 1024);
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    const end = a + ((length & ~15) << 2);
    for (; a < end; a += 64) {
      s0 = f32x4.add(s0, v128.load(a));
      s1 = f32x4.add(s1, v128.load(a, 16));
      s2 = f32x4.add(s2, v128.load(a, 32));
      s3 = f32x4.add(s3, v128.load(a, 48));
    }
    if (length & 15) {
      const mask = TAIL + 64 - ((length & 15) << 2);
      s0 = f32x4.add(s0, v128.and(v128.load(a), v128.load(mask)));
      s1 = f32x4.add(s1, v128.and(v128.load(a, 16), v128.load(mask, 16)));
      s2 = f32x4.add(s2, v128.and(v128.load(a, 32), v128.load(mask, 32)));
      s3 = f32x4.add(s3, v128.and(v128.load(a, 48), v128.load(mask, 48)));
    }
    total += sumOfLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    n -= length;
  }
  return total;
}

/** Sum of n int32, exact. */
export function sumInts(a: usize, n: usize): i64 {
  let s = i64x2.splat(0), t = s;
  const end = a + ((n & ~3) << 2);
  for (; a < end; a += 16) {
    const x = v128.load(a);
    s = i64x2.add(s, i64x2.extend_low_i32x4_s(x));
    t = i64x2.add(t, i64x2.extend_high_i32x4_s(x));
  }
  s = i64x2.add(s, t);
  let total = i64x2.extract_lane(s, 0) + i64x2.extract_lane(s, 1);
  for (let rest = n & 3; rest; rest--) {
    total += <i64>load<i32>(a);
    a += 4;
  }
  return total;
}

/** The largest of n floats, NaN if there is one; in lane 0. */
function largest(a: usize, n: usize): v128 {
  let m0 = f32x4.splat(-Infinity), m1 = m0, m2 = m0, m3 = m0, bad = i32x4.splat(0);
  const end = a + ((n & ~15) << 2);
  for (; a < end; a += 64) {
    const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
    m0 = f32x4.pmax(m0, x0);
    m1 = f32x4.pmax(m1, x1);
    m2 = f32x4.pmax(m2, x2);
    m3 = f32x4.pmax(m3, x3);
    bad = v128.or(bad, v128.or(v128.or(nan(x0), nan(x1)), v128.or(nan(x2), nan(x3))));
  }
  let rest = n & 15;
  for (; rest >= 4; rest -= 4) {
    const x = v128.load(a);
    m0 = f32x4.pmax(m0, x);
    bad = v128.or(bad, nan(x));
    a += 16;
  }
  if (rest) {
    const x = v128.bitselect(v128.load(a), m1, tailMask(rest));
    m1 = f32x4.pmax(m1, x);
    bad = v128.or(bad, nan(x));
  }
  m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
  m0 = f32x4.pmax(m0, v128.shuffle<i32>(m0, m0, 2, 3, 0, 1));
  m0 = f32x4.pmax(m0, v128.shuffle<i32>(m0, m0, 1, 0, 3, 2));
  bad = v128.or(bad, v128.shuffle<i32>(bad, bad, 2, 3, 0, 1));
  return v128.or(m0, v128.or(bad, v128.shuffle<i32>(bad, bad, 1, 0, 3, 2)));
}

/** d[i] = sum of row i of [b, c], float32. */
export function rowSums(d: usize, a: usize, b: usize, c: usize): void {
  const row = c << 2, full = row & ~15, tail = c & 3, mask = tailMask(tail);
  const end = d + (b << 2);
  if (c <= SHORT) {
    for (; d + 16 <= end; d += 16) {
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      const a1 = a + row, a2 = a1 + row, a3 = a2 + row;
      let j: usize = 0;
      for (; j < full; j += 16) {
        s0 = f32x4.add(s0, v128.load(a + j));
        s1 = f32x4.add(s1, v128.load(a1 + j));
        s2 = f32x4.add(s2, v128.load(a2 + j));
        s3 = f32x4.add(s3, v128.load(a3 + j));
      }
      if (tail) {
        s0 = f32x4.add(s0, v128.and(v128.load(a + j), mask));
        s1 = f32x4.add(s1, v128.and(v128.load(a1 + j), mask));
        s2 = f32x4.add(s2, v128.and(v128.load(a2 + j), mask));
        s3 = f32x4.add(s3, v128.and(v128.load(a3 + j), mask));
      }
      const low = f32x4.add(v128.shuffle<i32>(s0, s1, 0, 1, 4, 5), v128.shuffle<i32>(s0, s1, 2, 3, 6, 7));
      const high = f32x4.add(v128.shuffle<i32>(s2, s3, 0, 1, 4, 5), v128.shuffle<i32>(s2, s3, 2, 3, 6, 7));
      v128.store(d, f32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7)));
      a = a3 + row;
    }
  }
  for (; d < end; d += 4) {
    store<f32>(d, <f32>sumFloats(a, c));
    a += row;
  }
}

/** The same for int32; sums wrap. */
export function rowIntSums(d: usize, a: usize, b: usize, c: usize): void {
  for (const end = d + (b << 2); d < end; d += 4) {
    store<i32>(d, <i32>sumInts(a, c));
    a += c << 2;
  }
}

/** d[i] = the largest float in row i of [b, c]; NaN if the row holds one. */
export function rowMaxima(d: usize, a: usize, b: usize, c: usize): void {
  const row = c << 2, full = row & ~15, mask = tailMask(c & 3);
  const end = d + (b << 2);
  if (c <= SHORT) {
    for (; d + 16 <= end; d += 16) {
      let m0 = f32x4.splat(-Infinity), m1 = m0, m2 = m0, m3 = m0;
      let n0 = i32x4.splat(0), n1 = n0, n2 = n0, n3 = n0;
      const a1 = a + row, a2 = a1 + row, a3 = a2 + row;
      for (let j: usize = 0; j < row; j += 16) {
        let x0 = v128.load(a + j), x1 = v128.load(a1 + j), x2 = v128.load(a2 + j), x3 = v128.load(a3 + j);
        if (j == full) {
          x0 = v128.bitselect(x0, m0, mask);
          x1 = v128.bitselect(x1, m1, mask);
          x2 = v128.bitselect(x2, m2, mask);
          x3 = v128.bitselect(x3, m3, mask);
        }
        m0 = f32x4.pmax(m0, x0);
        m1 = f32x4.pmax(m1, x1);
        m2 = f32x4.pmax(m2, x2);
        m3 = f32x4.pmax(m3, x3);
        n0 = v128.or(n0, nan(x0));
        n1 = v128.or(n1, nan(x1));
        n2 = v128.or(n2, nan(x2));
        n3 = v128.or(n3, nan(x3));
      }
      const low = f32x4.pmax(v128.shuffle<i32>(m0, m1, 0, 1, 4, 5), v128.shuffle<i32>(m0, m1, 2, 3, 6, 7));
      const high = f32x4.pmax(v128.shuffle<i32>(m2, m3, 0, 1, 4, 5), v128.shuffle<i32>(m2, m3, 2, 3, 6, 7));
      const m = f32x4.pmax(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
      const lowBad = v128.or(v128.shuffle<i32>(n0, n1, 0, 1, 4, 5), v128.shuffle<i32>(n0, n1, 2, 3, 6, 7));
      const highBad = v128.or(v128.shuffle<i32>(n2, n3, 0, 1, 4, 5), v128.shuffle<i32>(n2, n3, 2, 3, 6, 7));
      v128.store(d, v128.or(m, v128.or(v128.shuffle<i32>(lowBad, highBad, 0, 2, 4, 6), v128.shuffle<i32>(lowBad, highBad, 1, 3, 5, 7))));
      a = a3 + row;
    }
  }
  for (; d < end; d += 4) {
    v128.store_lane<i32>(d, largest(a, c), 0);
    a += row;
  }
}
