// Functions of 16 floats: name16(d, a) reads 64 bytes at a and writes 64 at d, which may be the same place.
// The interleaved forms are made from lanes.ts; here are the ones whose fast form holds only on an interval.
import { log1pInside16, logNormal16 } from "./lanes.gen";
import { logOnePlus, madd, minusPi, sinHalfTurn } from "./lanes";

export { erf16, exp16, expm116, pow16, sigmoid16, tanh16 } from "./lanes.gen";

// The host's own: they are rarely needed, and would be a tenth of the module.
@external("env", "sin")
declare function sin(x: f64): f64;
@external("env", "cos")
declare function cos(x: f64): f64;

const NORMAL = memory.data<u32>([0x007fffff, 0x7f800000]); // the largest subnormal, infinity
const LOG1P_INSIDE = memory.data<f32>([-1, 1.2676506002282294e30]); // 2^100

/** Whether 16 floats lie strictly between the two at `bounds`; NaN doesn't. */
@inline
function between(a: usize, bounds: usize): bool {
  const low = v128.load32_splat(bounds), high = v128.load32_splat(bounds, 4);
  const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
  const above = v128.and(v128.and(f32x4.gt(x0, low), f32x4.gt(x1, low)), v128.and(f32x4.gt(x2, low), f32x4.gt(x3, low)));
  const below = v128.and(v128.and(f32x4.lt(x0, high), f32x4.lt(x1, high)), v128.and(f32x4.lt(x2, high), f32x4.lt(x3, high)));
  return i32x4.all_true(v128.and(above, below));
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
  if (between(a, NORMAL)) logNormal16(d, a);
  else logSlow(d, a);
}

/** log(1 + x): -Infinity at -1, NaN below. */
@inline
export function log1p16(d: usize, a: usize): void {
  const inside = between(a, LOG1P_INSIDE);
  const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
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
