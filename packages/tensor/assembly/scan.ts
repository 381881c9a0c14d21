// Cumulative sums along the middle axis of [O, r, inner].

// One column; `step` is negative for a sum from the end.
function scanFloat(out: usize, x: usize, step: usize, r: usize): void {
  let sum: f64 = 0;
  for (; r > 0; r--) {
    sum += load<f32>(x);
    store<f32>(out, <f32>sum);
    x += step;
    out += step;
  }
}

function scanFloat4(out: usize, x: usize, step: usize, r: usize): void {
  let low = f64x2.splat(0), high = low;
  for (; r > 0; r--) {
    const four = v128.load(x);
    low = f64x2.add(low, f64x2.promote_low_f32x4(four));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 1)));
    v128.store(out, v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
    x += step;
    out += step;
  }
}

function scanInt(out: usize, x: usize, step: usize, r: usize): void {
  let sum = 0;
  for (; r > 0; r--) {
    sum += load<i32>(x);
    store<i32>(out, sum);
    x += step;
    out += step;
  }
}

function scanInt4(out: usize, x: usize, step: usize, r: usize): void {
  let sum = i32x4.splat(0);
  for (; r > 0; r--) {
    sum = i32x4.add(sum, v128.load(x));
    v128.store(out, sum);
    x += step;
    out += step;
  }
}

/**
 * out[o, k, i] = the sum of x[o, 0..k, i], or of x[o, k..r-1, i] when `reverse`, for o in [start, end). float32 sums are
 * carried in float64 and rounded once per element; int32 wraps around. `out` may be `x`.
 */
export function cumsum(out: usize, x: usize, r: usize, inner: usize, reverse: bool, int: bool, start: usize, end: usize): void {
  if (r == 0) return;
  const row = inner << 2;
  const step: usize = reverse ? 0 - row : row;
  const first = reverse ? (r - 1) * row : 0;
  for (let o = start; o < end; o++) {
    const from = x + o * r * row + first, to = out + o * r * row + first;
    let i: usize = 0;
    for (; i + 16 <= row; i += 16) {
      if (int) scanInt4(to + i, from + i, step, r);
      else scanFloat4(to + i, from + i, step, r);
    }
    for (; i < row; i += 4) {
      if (int) scanInt(to + i, from + i, step, r);
      else scanFloat(to + i, from + i, step, r);
    }
  }
}
