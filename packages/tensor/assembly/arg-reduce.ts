// Position of the maximum or minimum along the middle axis: [O, r, inner] -> int32 [O, inner]. The first of equal values
// wins; the first NaN wins over every number.

// True where `value` is better, or the first NaN: "not at most" holds for both.
@inline
function wins(int: bool, least: bool, value: v128, best: v128): v128 {
  if (int) return least ? i32x4.lt_s(value, best) : i32x4.gt_s(value, best);
  return v128.andnot(f32x4.eq(best, best), least ? f32x4.ge(value, best) : f32x4.le(value, best));
}

// Best of `rows` vectors of 4 columns, `step` bytes apart; returns the positions 0..rows-1.
@inline
function scan4(int: bool, least: bool, x: usize, step: usize, rows: usize): v128 {
  let best = v128.load(x), at = i32x4.splat(0);
  for (let k: usize = 1; k < rows; k++) {
    x += step;
    const value = v128.load(x);
    const mask = wins(int, least, value, best);
    best = v128.bitselect(value, best, mask);
    at = v128.bitselect(i32x4.splat(<i32>k), at, mask);
  }
  return at;
}

@inline
function beats<T extends number>(least: bool, value: T, best: T): bool {
  return bool(i32(best == best) & i32(least ? !(value >= best) : !(value <= best)));
}

// One row of `n` contiguous elements: lane l looks at the elements l, l + 4, ...; then the lanes are compared.
@inline
function scanRow<T extends number>(int: bool, least: bool, x: usize, n: usize): usize {
  let best = load<T>(x);
  let at: usize = 0;
  let done: usize = 1;
  if (n >= 16) {
    const lanes = scan4(int, least, x, 16, n >> 2);
    done = n & ~3;
    at = i32x4.extract_lane(lanes, 0) << 2;
    best = load<T>(x + (at << 2));
    for (let lane: usize = 1; lane < 4; lane++) {
      const place = lane == 1 ? i32x4.extract_lane(lanes, 1) : lane == 2 ? i32x4.extract_lane(lanes, 2) : i32x4.extract_lane(lanes, 3);
      const other = (<usize>place << 2) + lane;
      const value = load<T>(x + (other << 2));
      if (beats<T>(least, value, best) || (other < at && !beats<T>(least, best, value))) {
        best = value;
        at = other;
      }
    }
  }
  for (; done < n; done++) {
    const value = load<T>(x + (done << 2));
    const better = beats<T>(least, value, best);
    best = select<T>(value, best, better);
    at = select<usize>(done, at, better);
  }
  return at;
}

@inline
function argAll<T extends number>(int: bool, least: bool, out: usize, x: usize, r: usize, inner: usize, start: usize, end: usize): void {
  const row = inner << 2;
  for (let o = start; o < end; o++) {
    const from = x + o * r * row, to = out + o * row;
    if (inner == 1) {
      store<usize>(to, scanRow<T>(int, least, from, r));
      continue;
    }
    for (let i: usize = 0; i < row; i += 16) {
      const at = scan4(int, least, from + i, row, r);
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

/** out[o, i] (int32) = the position of the maximum (or of the minimum, when `least`) of x[o, 0..r-1, i]; r >= 1. */
export function argReduce(out: usize, x: usize, r: usize, inner: usize, least: bool, int: bool, start: usize, end: usize): void {
  if (int) {
    if (least) argAll<i32>(true, true, out, x, r, inner, start, end);
    else argAll<i32>(true, false, out, x, r, inner, start, end);
  } else {
    if (least) argAll<f32>(false, true, out, x, r, inner, start, end);
    else argAll<f32>(false, false, out, x, r, inner, start, end);
  }
}
