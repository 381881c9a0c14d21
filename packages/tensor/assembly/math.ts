// Functions of 16 floats: name16(d, a) reads 64 bytes at a and writes 64 at d, which may be the same place.
// The interleaved forms are made from lanes.ts; here are the ones whose fast form holds only on an interval.
import { expAny16, expNormal16, log1pInside16, log1pUnit16, logNormal16 } from "./lanes.gen";
import { logOnePlus, madd, minusPi, sinHalfTurn } from "./lanes";

export { erf16, expm116, pow16, tanh16 } from "./lanes.gen";

// The host's own: they are rarely needed, and would be a tenth of the module.
@external("env", "sin")
declare function sin(x: f64): f64;
@external("env", "cos")
declare function cos(x: f64): f64;

/** Whether the bits of 16 elements, as unsigned numbers, all lie below a limit. */
@inline
function below(x0: v128, x1: v128, x2: v128, x3: v128, limit: u32): bool {
  const most = i32x4.max_u(i32x4.max_u(x0, x1), i32x4.max_u(x2, x3));
  return i32x4.all_true(i32x4.lt_u(most, i32x4.splat(limit)));
}

/** Whether all are positive, normal and below the number whose bits are `limit`; NaN isn't. */
@inline
function normal(x0: v128, x1: v128, x2: v128, x3: v128, limit: u32): bool {
  const least = i32x4.splat(0x00800000);
  return below(i32x4.sub(x0, least), i32x4.sub(x1, least), i32x4.sub(x2, least), i32x4.sub(x3, least), limit - 0x00800000);
}

function expSlow(d: usize, a: usize): void {
  expAny16(d, a);
}

/** e^x. */
@inline
export function exp16(d: usize, a: usize): void {
  const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
  // Without the sign: |x| < 87.
  if (below(i32x4.shl(x0, 1), i32x4.shl(x1, 1), i32x4.shl(x2, 1), i32x4.shl(x3, 1), 0x855c0000)) expNormal16(d, a);
  else expSlow(d, a);
}

/** 1 / (1 + e^-x), 2.5 ulp: e / (1 + e) or 1 / (1 + e) with e = e^-|x|, so that both tails are right. */
export function sigmoid16(d: usize, a: usize): void {
  const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
  const sign = f32x4.splat(-0.0), one = f32x4.splat(1);
  v128.store(d, v128.or(x0, sign));
  v128.store(d, v128.or(x1, sign), 16);
  v128.store(d, v128.or(x2, sign), 32);
  v128.store(d, v128.or(x3, sign), 48);
  exp16(d, d);
  sigmoidOf(d, x0, one);
  sigmoidOf(d + 16, x1, one);
  sigmoidOf(d + 32, x2, one);
  sigmoidOf(d + 48, x3, one);
}

@inline
function sigmoidOf(d: usize, x: v128, one: v128): void {
  const e = v128.load(d);
  v128.store(d, f32x4.div(v128.bitselect(e, one, i32x4.shr_s(x, 31)), f32x4.add(e, one)));
}

function logAny(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.1754943508222875e-38));
  const y = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  const e = i32x4.shr_s(i32x4.sub(y, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(y, i32x4.shl(e, 23)), f32x4.splat(1));
  const r = logOnePlus(f, i32x4.sub(e, v128.and(tiny, i32x4.splat(23))));
  const outside = v128.bitselect(f32x4.splat(-Infinity), v128.or(x, f32x4.lt(x, f32x4.splat(0))), f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(r, outside, v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.lt(x, f32x4.splat(Infinity))));
}

// The functions below are for blocks that hold a subnormal, zero, negative, huge, infinite or NaN entry.
function logSlow(d: usize, a: usize): void {
  for (let i: usize = 0; i < 64; i += 16) v128.store(d + i, logAny(v128.load(a + i)));
}

/** Puts right what log1pInside made of the entries of x outside its interval. */
function log1pOutside(d: usize, x: v128): void {
  const inside = v128.and(f32x4.gt(x, f32x4.splat(-1)), f32x4.lt(x, f32x4.splat(1.2676506002282294e30)));
  v128.store(d, v128.bitselect(v128.load(d), logAny(f32x4.add(x, f32x4.splat(1))), inside));
}

/**
 * sin x, or cos x, inside (-1e5, 1e5), 2.2 ulp: (-1)^n sin(|x| - n pi) with the sign of x, and (-1)^n sin(x - (n - 1/2) pi).
 * Beyond it is the host's.
 */
function angles(d: usize, a: usize, cosine: bool): void {
  const half = cosine ? f32x4.splat(0.5) : f32x4.splat(0), odd = cosine ? f32x4.splat(0) : f32x4.splat(-0.0);
  for (let i: usize = 0; i < 64; i += 16) {
    let x = v128.load(a + i);
    const y = v128.andnot(x, odd);
    const t = f32x4.add(madd(y, f32x4.splat(0.318309886), half), f32x4.splat(12582912));
    const n = f32x4.sub(f32x4.sub(t, f32x4.splat(12582912)), half);
    v128.store(d + i, v128.xor(sinHalfTurn(minusPi(y, n)), v128.xor(v128.and(x, odd), i32x4.shl(t, 31))));
    for (let lane: usize = 0; lane < 4; lane++) {
      const angle = f32x4.extract_lane(x, 0);
      x = v128.shuffle<i32>(x, x, 1, 2, 3, 0);
      if (!(abs(angle) < 1e5)) store<f32>(d + i + (lane << 2), <f32>(cosine ? cos(angle) : sin(angle)));
    }
  }
}

/** Natural logarithm: -Infinity at 0, NaN below. */
@inline
export function log16(d: usize, a: usize): void {
  const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
  if (normal(x0, x1, x2, x3, 0x7f800000)) logNormal16(d, a);
  else logSlow(d, a);
}

/** log(1 + x): -Infinity at -1, NaN below. */
@inline
export function log1p16(d: usize, a: usize): void {
  const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
  if (below(x0, x1, x2, x3, 0x3f800001)) {
    log1pUnit16(d, a);
    return;
  }
  const one = f32x4.splat(1);
  // Above -1 and below 2^100.
  const inside = normal(f32x4.add(x0, one), f32x4.add(x1, one), f32x4.add(x2, one), f32x4.add(x3, one), 0x71800000);
  log1pInside16(d, a);
  if (inside) return;
  log1pOutside(d, x0);
  log1pOutside(d + 16, x1);
  log1pOutside(d + 32, x2);
  log1pOutside(d + 48, x3);
}

/** Sine of radians; NaN at infinity. */
export function sin16(d: usize, a: usize): void {
  angles(d, a, false);
}

/** Cosine of radians; NaN at infinity. */
export function cos16(d: usize, a: usize): void {
  angles(d, a, true);
}
