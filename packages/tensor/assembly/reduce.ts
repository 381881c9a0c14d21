// Reductions along the middle axis: [O, r, inner] -> [O, inner]. op: 0 sum, 1 max, 2 min (NaN wins both).
// float32 sums: at most 64 terms are added in float32 and the partial sums in float64, so the error does not grow with r:
// about 1e-9 of the sum of magnitudes for mixed values, 1e-6 for equal ones. int32 sums wrap around.

const SUM: i32 = 0;
const MAX: i32 = 1;
/** Rows added in float32 before the sum is carried on in float64. */
const BLOCK: usize = 64;

/** Scratch of reduceMiddle: `8 * ceil4(inner)` bytes, in whole 64s. */
export function reduceScratchBytes(inner: usize): usize {
  return (((inner + 3) & ~3) * 8 + 63) & ~63;
}

@inline
function combine(op: i32, int: bool, a: v128, b: v128): v128 {
  if (int) return op == SUM ? i32x4.add(a, b) : op == MAX ? i32x4.max_s(a, b) : i32x4.min_s(a, b);
  return op == SUM ? f32x4.add(a, b) : op == MAX ? f32x4.max(a, b) : f32x4.min(a, b);
}

@inline
function identity(op: i32, int: bool): u32 {
  if (op == SUM) return 0;
  if (int) return op == MAX ? 0x80000000 : 0x7fffffff;
  return op == MAX ? 0xff800000 : 0x7f800000;
}

// The lower or the upper two floats as doubles.
@inline
function widen(x: v128, upper: bool): v128 {
  return f64x2.promote_low_f32x4(upper ? v128.shuffle<i64>(x, x, 1, 1) : x);
}

@inline
function storePart(dst: usize, value: v128, lanes: usize): void {
  if (lanes >= 4) {
    v128.store(dst, value);
    return;
  }
  v128.store32_lane(dst, value, 0);
  if (lanes > 1) v128.store32_lane(dst + 4, value, 1);
  if (lanes > 2) v128.store32_lane(dst + 8, value, 2);
}

// Puts the result of one block of rows for 4 columns where it belongs; `wide` collects in float64.
@inline
function settle(op: i32, int: bool, wide: bool, value: v128, out: usize, sums: usize, lanes: usize, first: bool): void {
  if (wide) {
    let low = widen(value, false), high = widen(value, true);
    if (!first) {
      low = f64x2.add(v128.load(sums), low);
      high = f64x2.add(v128.load(sums, 16), high);
    }
    v128.store(sums, low);
    v128.store(sums, high, 16);
  } else {
    storePart(out, first ? value : combine(op, int, v128.load(out), value), lanes);
  }
}

@inline
function reduceColumns(op: i32, int: bool, wide: bool, out: usize, x: usize, r: usize, inner: usize, sums: usize): void {
  const row = inner << 2;
  for (let k: usize = 0; k < r; k += BLOCK) {
    const rows = min<usize>(r - k, BLOCK);
    let c: usize = 0;
    for (; c + 16 <= inner; c += 16) {
      let p = x + (c << 2);
      let s0 = v128.load(p), s1 = v128.load(p, 16), s2 = v128.load(p, 32), s3 = v128.load(p, 48);
      for (let i: usize = 1; i < rows; i++) {
        p += row;
        s0 = combine(op, int, s0, v128.load(p));
        s1 = combine(op, int, s1, v128.load(p, 16));
        s2 = combine(op, int, s2, v128.load(p, 32));
        s3 = combine(op, int, s3, v128.load(p, 48));
      }
      const to = out + (c << 2), sum = sums + (c << 3);
      settle(op, int, wide, s0, to, sum, 4, k == 0);
      settle(op, int, wide, s1, to + 16, sum + 32, 4, k == 0);
      settle(op, int, wide, s2, to + 32, sum + 64, 4, k == 0);
      settle(op, int, wide, s3, to + 48, sum + 96, 4, k == 0);
    }
    for (; c < inner; c += 4) {
      let p = x + (c << 2);
      let s = v128.load(p);
      for (let i: usize = 1; i < rows; i++) {
        p += row;
        s = combine(op, int, s, v128.load(p));
      }
      settle(op, int, wide, s, out + (c << 2), sums + (c << 3), inner - c, k == 0);
    }
    x += rows * row;
  }
  if (wide) {
    for (let c: usize = 0; c < inner; c++) store<f32>(out + (c << 2), <f32>load<f64>(sums + (c << 3)));
  }
}

@inline
function addLanes(x: v128): f64 {
  const pair = f64x2.add(widen(x, false), widen(x, true));
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

// Sum of `n` contiguous floats: blocks of 1024 in 16 lanes, 64 per lane.
function sumFloats(x: usize, n: usize): f64 {
  let total: f64 = 0;
  while (n >= 16) {
    const some = min<usize>(n & ~15, 1024);
    const end = x + (some << 2);
    let s0 = v128.load(x), s1 = v128.load(x, 16), s2 = v128.load(x, 32), s3 = v128.load(x, 48);
    for (x += 64; x < end; x += 64) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
    }
    total += addLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    n -= some;
  }
  for (; n > 0; n--, x += 4) total += load<f32>(x);
  return total;
}

// The same for the operations that need no wider sum; returns the 32-bit pattern.
@inline
function reduceRow(op: i32, int: bool, x: usize, n: usize): u32 {
  let s0 = i32x4.splat(identity(op, int)), s1 = s0;
  for (; n >= 8; n -= 8) {
    s0 = combine(op, int, s0, v128.load(x));
    s1 = combine(op, int, s1, v128.load(x, 16));
    x += 32;
  }
  s0 = combine(op, int, s0, s1);
  s0 = combine(op, int, s0, v128.shuffle<i32>(s0, s0, 2, 3, 0, 1));
  s0 = combine(op, int, s0, v128.shuffle<i32>(s0, s0, 1, 0, 3, 2));
  for (; n > 0; n--, x += 4) s0 = combine(op, int, s0, v128.load32_splat(x));
  return i32x4.extract_lane(s0, 0);
}

@inline
function reduceAll(op: i32, int: bool, out: usize, x: usize, r: usize, inner: usize, scratch: usize, start: usize, end: usize): void {
  for (let o = start; o < end; o++) {
    const from = x + (o * r * inner << 2), to = out + (o * inner << 2);
    if (r == 0) {
      for (let i: usize = 0; i < inner; i++) store<u32>(to + (i << 2), identity(op, int));
    } else if (inner == 1) {
      if (op == SUM && !int) store<f32>(to, <f32>sumFloats(from, r));
      else store<u32>(to, reduceRow(op, int, from, r));
    } else if (op == SUM && !int && r > BLOCK) {
      reduceColumns(op, int, true, to, from, r, inner, scratch);
    } else {
      reduceColumns(op, int, false, to, from, r, inner, scratch);
    }
  }
}

/**
 * out[o, i] = sum, max or min of x[o, 0..r-1, i] for o in [start, end). With r = 0: 0, the lowest or the highest value.
 */
export function reduceMiddle(out: usize, x: usize, r: usize, inner: usize, op: i32, int: bool, scratch: usize, start: usize, end: usize): void {
  if (int) {
    if (op == SUM) reduceAll(SUM, true, out, x, r, inner, scratch, start, end);
    else if (op == MAX) reduceAll(MAX, true, out, x, r, inner, scratch, start, end);
    else reduceAll(2, true, out, x, r, inner, scratch, start, end);
  } else {
    if (op == SUM) reduceAll(SUM, false, out, x, r, inner, scratch, start, end);
    else if (op == MAX) reduceAll(MAX, false, out, x, r, inner, scratch, start, end);
    else reduceAll(2, false, out, x, r, inner, scratch, start, end);
  }
}
