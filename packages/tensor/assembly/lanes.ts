// The functions of one variable, written for four lanes. The build (scripts/build-wasm.mjs) makes `exp16(d, a)` out of
// `exp($x)`: a line that names a $-variable is written once per vector, so that four vectors run interleaved; each splat
// of a literal becomes one load from a table for all four; `let $y = f($x);` continues with the lines of f.
// Why: V8 rebuilds a constant at every use inside a loop. Loaded once for 16 elements, exp takes half the time.
// Hence one statement per line, calls of these functions only as a whole right side, and no branches.
// The rare ones stay one vector at a time, for the size of the module.
//
// "Fitted" means: minimax in the stated variable and range (least squares on 1500 Chebyshev points, reweighted by the
// error until it is level, relative to the function), coefficients rounded to float32 one by one from the lowest power
// up, the remaining ones fitted again each time. test/assembly/math.test.ts pins the bounds.

/** a * b + c: two roundings, or one where the host has relaxed SIMD (see engines/cpu/multiply-add.ts). */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, likewise. */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** y with the sign of x, for y >= 0. Keeps -0, which the sums below lose. */
@inline
export function signed($y: v128, $x: v128): v128 {
  return v128.or($y, v128.and($x, f32x4.splat(-0.0)));
}

/** n = round(x / ln 2), held in the low bits: adding 1.5 * 2^23 leaves no room for a fraction. */
@inline
export function exponent($x: v128): v128 {
  return madd($x, f32x4.splat(1.44269504), f32x4.splat(12582912));
}

/**
 * e^r - 1 with r = x - n ln 2, in two steps of which the first is exact.
 * Fitted in r on [-0.3467, 0.3467]: (e^r - 1 - r) / r^2 - 1/2, error 4e-9.
 */
@inline
export function expm1Rest($x: v128, $t: v128): v128 {
  let $n = f32x4.sub($t, f32x4.splat(12582912));
  let $r = nmadd($n, f32x4.splat(0.693145751953125), $x);
  $r = nmadd($n, f32x4.splat(1.428606765330187e-6), $r);
  let $p = madd($r, f32x4.splat(0.0013863439671695232), f32x4.splat(0.008367437869310379));
  $p = madd($p, $r, f32x4.splat(0.04166724160313606));
  $p = madd($p, $r, f32x4.splat(0.16666534543037415));
  $p = madd($p, $r, f32x4.splat(0.5));
  return madd($p, f32x4.mul($r, $r), $r);
}

/** e^x for |x| < 87, 1 ulp: n goes straight into the exponent. */
@inline
export function expNormal($x: v128): v128 {
  let $t = exponent($x);
  let $p = expm1Rest($x, $t);
  $p = f32x4.add($p, f32x4.splat(1));
  return i32x4.add($p, i32x4.shl($t, 23));
}

/**
 * e^x for all x, with the same bits (but for relaxed SIMD): 2^n in two factors gives infinity and gradual underflow without
 * a comparison.
 */
@inline
export function expAny($x: v128): v128 {
  $x = f32x4.pmin($x, f32x4.splat(89));
  $x = f32x4.pmax($x, f32x4.splat(-104));
  let $t = exponent($x);
  let $p = expm1Rest($x, $t);
  $p = f32x4.add($p, f32x4.splat(1));
  $t = i32x4.sub($t, i32x4.splat(0x4b400000));
  let $h = i32x4.shr_s($t, 1);
  $t = i32x4.sub($t, $h);
  $p = f32x4.mul($p, i32x4.add(i32x4.shl($h, 23), f32x4.splat(1)));
  return f32x4.mul($p, i32x4.add(i32x4.shl($t, 23), f32x4.splat(1)));
}

/** e^x - 1, 2 ulp. With n = h + k it is ((e^r - 1) 2^k + (2^k - 2^-h)) 2^h: nothing cancels near 0. */
@inline
export function expm1($x: v128): v128 {
  let $r = f32x4.pmin($x, f32x4.splat(89));
  $r = f32x4.pmax($r, f32x4.splat(-104));
  let $t = exponent($r);
  let $p = expm1Rest($r, $t);
  $t = i32x4.sub($t, i32x4.splat(0x4b400000));
  let $h = i32x4.shl(i32x4.shr_s($t, 1), 23);
  $t = i32x4.add(i32x4.sub(i32x4.shl($t, 23), $h), f32x4.splat(1));
  $p = madd($p, $t, f32x4.sub($t, i32x4.sub(f32x4.splat(1), $h)));
  $p = f32x4.mul($p, i32x4.add($h, f32x4.splat(1)));
  return signed($p, $x);
}

/**
 * |tanh x| = (1 - q) / (1 + q) with q = e^(-2|x|) = (e^r - 1) 2^n + 2^n, 2 ulp: relative accuracy at 0 and no branch.
 * Both parts are summed from the product, so that neither inherits the rounding of the other.
 */
@inline
export function tanh($x: v128): v128 {
  let $y = f32x4.pmax(v128.or($x, f32x4.splat(-0.0)), f32x4.splat(-9.02));
  $y = f32x4.add($y, $y);
  let $t = exponent($y);
  let $p = expm1Rest($y, $t);
  $t = i32x4.add(i32x4.shl($t, 23), f32x4.splat(1));
  $p = f32x4.mul($p, $t);
  $y = f32x4.add($p, f32x4.add($t, f32x4.splat(1)));
  $p = f32x4.add($p, f32x4.sub($t, f32x4.splat(1)));
  $p = f32x4.abs(f32x4.div($p, $y));
  return signed($p, $x);
}

/**
 * log(1 + f) + e ln 2 for 1 + f in [sqrt(1/2), sqrt(2)] and whole numbers e. With s = f / (2 + f) and h = f^2 / 2 the first
 * term is f - h + s (h + R(s^2)): f is exact and carries the result.
 * Fitted in s^2 on [0, 0.0295]: R / s^2, error 1.7e-9.
 */
@inline
export function logSum($f: v128, $e: v128): v128 {
  let $s = f32x4.div($f, f32x4.add($f, f32x4.splat(2)));
  let $z = f32x4.mul($s, $s);
  let $p = madd($z, f32x4.splat(0.29871460795402527), f32x4.splat(0.3997756838798523));
  $p = madd($p, $z, f32x4.splat(0.6666677594184875));
  let $h = f32x4.mul(f32x4.mul($f, f32x4.splat(0.5)), $f);
  $s = f32x4.mul($s, madd($p, $z, $h));
  $s = f32x4.sub(madd($e, f32x4.splat(9.058001523953862e-6), $s), $h);
  return madd($e, f32x4.splat(0.6931381225585938), f32x4.add($s, $f));
}

/** The same with e as integers. */
@inline
export function logOnePlus($f: v128, $e: v128): v128 {
  $e = f32x4.convert_i32x4_s($e);
  return logSum($f, $e);
}

/** log x of positive normal numbers, 1 ulp. x = 2^e (1 + f); 0x3f3504f3 is sqrt(1/2). */
@inline
export function logNormal($x: v128): v128 {
  let $e = i32x4.shr_s(i32x4.sub($x, i32x4.splat(0x3f3504f3)), 23);
  let $f = f32x4.sub(i32x4.sub($x, i32x4.shl($e, 23)), f32x4.splat(1));
  return logOnePlus($f, $e);
}

/** log(1 + x) inside (-1, 2^100), 2 ulp: u = 1 + x as rounded; what the rounding lost, x - (u - 1), goes into f. */
@inline
export function log1pInside($x: v128): v128 {
  let $u = f32x4.add($x, f32x4.splat(1));
  let $f = f32x4.sub($u, f32x4.splat(1));
  $f = f32x4.add(f32x4.sub(f32x4.splat(1), f32x4.sub($u, $f)), f32x4.sub($x, $f));
  let $e = i32x4.shr_s(i32x4.sub($u, i32x4.splat(0x3f3504f3)), 23);
  let $k = i32x4.shl($e, 23);
  $f = f32x4.mul($f, i32x4.sub(f32x4.splat(1), $k));
  $f = f32x4.add($f, f32x4.sub(i32x4.sub($u, $k), f32x4.splat(1)));
  $u = logOnePlus($f, $e);
  return signed($u, $x);
}

/**
 * The same for x in [0, 1], bit for bit (but for relaxed SIMD), where e is 0, or 1 from 0x3ed413cb on. f is exact but for
 * the rounding of x - 1.
 */
@inline
export function log1pUnit($x: v128): v128 {
  let $m = i32x4.gt_s($x, i32x4.splat(0x3ed413ca));
  let $h = v128.and($m, f32x4.splat(0.5));
  let $f = f32x4.sub(f32x4.mul($x, f32x4.sub(f32x4.splat(1), $h)), $h);
  $m = v128.and($m, f32x4.splat(1));
  return logSum($f, $m);
}

/** x - n pi in float64, rounded once: pi in a part of 36 bits, whose product with n is exact, and the rest. */
@inline
export function minusPi($x: v128, $n: v128): v128 {
  let $a = f64x2.promote_low_f32x4($x);
  let $b = f64x2.promote_low_f32x4($n);
  $a = f64x2.sub($a, f64x2.mul($b, f64x2.splat(3.1415926535846666)));
  $a = f64x2.sub($a, f64x2.mul($b, f64x2.splat(5.126688303189038e-12)));
  $x = v128.shuffle<i64>($x, $x, 1, 1);
  $n = v128.shuffle<i64>($n, $n, 1, 1);
  $x = f64x2.promote_low_f32x4($x);
  $b = f64x2.promote_low_f32x4($n);
  $x = f64x2.sub($x, f64x2.mul($b, f64x2.splat(3.1415926535846666)));
  $x = f64x2.sub($x, f64x2.mul($b, f64x2.splat(5.126688303189038e-12)));
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero($a), f32x4.demote_f64x2_zero($x), 0, 2);
}

/** sin r for |r| <= pi / 2. Fitted in r^2 on [0, 2.47]: (sin r - r) / r^3, error 7e-9. */
@inline
export function sinHalfTurn($r: v128): v128 {
  let $z = f32x4.mul($r, $r);
  let $p = madd($z, f32x4.splat(2.606081807243754e-6), f32x4.splat(-0.00019809773948509246));
  $p = madd($p, $z, f32x4.splat(0.008333069272339344));
  $p = madd($p, $z, f32x4.splat(-0.16666659712791443));
  return madd(f32x4.mul($r, $z), $p, $r);
}

/**
 * erf x, 2 ulp: x + x P(x^2) below 1, else 1 - 1 / Q(|x| - 1)^4; from 4 on it is 1.
 * Fitted in x^2 on [0, 1]: P = erf(x) / x - 1, error 1.5e-9; in t = |x| - 1 on [0, 2.93]: Q = erfc^(-1/4), error 8e-9 of erf.
 */
@inline
export function erf($x: v128): v128 {
  let $a = f32x4.pmin(f32x4.abs($x), f32x4.splat(4));
  let $z = f32x4.mul($a, $a);
  let $p = madd($z, f32x4.splat(7.806903158780187e-5), f32x4.splat(-0.0007997853099368513));
  $p = madd($p, $z, f32x4.splat(0.005187162198126316));
  $p = madd($p, $z, f32x4.splat(-0.026853347197175026));
  $p = madd($p, $z, f32x4.splat(0.11283578723669052));
  $p = madd($p, $z, f32x4.splat(-0.3761262595653534));
  $p = madd($p, $z, f32x4.splat(0.12837916612625122));
  $p = madd($p, $a, $a);
  $z = f32x4.sub($a, f32x4.splat(1));
  let $q = madd($z, f32x4.splat(0.0028298543766140938), f32x4.splat(-0.009539333172142506));
  $q = madd($q, $z, f32x4.splat(0.025461364537477493));
  $q = madd($q, $z, f32x4.splat(-0.007340113166719675));
  $q = madd($q, $z, f32x4.splat(0.05959007889032364));
  $q = madd($q, $z, f32x4.splat(0.12296465039253235));
  $q = madd($q, $z, f32x4.splat(0.3141299784183502));
  $q = madd($q, $z, f32x4.splat(0.6801912188529968));
  $q = madd($q, $z, f32x4.splat(1.0475943088531494));
  $q = madd($q, $z, f32x4.splat(1.5878825187683105));
  $q = f32x4.mul($q, $q);
  $q = f32x4.div(f32x4.splat(1), f32x4.mul($q, $q));
  $q = f32x4.sub(f32x4.splat(1), $q);
  $p = v128.bitselect($p, $q, f32x4.lt($a, f32x4.splat(1)));
  return signed($p, $x);
}

/**
 * y log2 x for x >= 0 in float64, x = 2^e m with m in [sqrt(1/2), sqrt(2)); 0x95f619980c433 moves sqrt(1/2) to 1.
 * Fitted in s^2 on [0, 0.0295], s = (m - 1) / (m + 1): log2(m) / s, error 4e-12.
 */
@inline
export function timesLog2($x: v128, $y: v128): v128 {
  let $e = i64x2.shr_u(i64x2.add($x, i64x2.splat(0x95f619980c433)), 52);
  let $m = i64x2.add(i64x2.sub($x, i64x2.shl($e, 52)), f64x2.splat(1));
  let $s = f64x2.div(f64x2.sub($m, f64x2.splat(1)), f64x2.add($m, f64x2.splat(1)));
  let $z = f64x2.mul($s, $s);
  let $p = f64x2.add(f64x2.mul($z, f64x2.splat(0.3407300216065682)), f64x2.splat(0.4116727236317202));
  $p = f64x2.add(f64x2.mul($p, $z), f64x2.splat(0.5770835848880733));
  $p = f64x2.add(f64x2.mul($p, $z), f64x2.splat(0.9617966733421882));
  $p = f64x2.add(f64x2.mul($p, $z), f64x2.splat(2.885390081790086));
  $e = f64x2.sub(v128.or($e, f64x2.splat(4503599627370496)), f64x2.splat(4503599627371519));
  $p = f64x2.add(f64x2.mul($p, $s), $e);
  $p = v128.bitselect($p, $x, f64x2.lt($x, f64x2.splat(Infinity)));
  $p = v128.bitselect(f64x2.splat(-Infinity), $p, f64x2.eq($x, f64x2.splat(0)));
  return f64x2.mul($p, $y);
}

/** 2^v in float64 for what float32 can hold; beyond that anything that rounds to 0 or infinity. Fitted on [-1/2, 1/2], error 4e-11. */
@inline
export function exp2Wide($v: v128): v128 {
  $v = f64x2.pmax(f64x2.pmin($v, f64x2.splat(1000)), f64x2.splat(-1000));
  let $t = f64x2.add($v, f64x2.splat(6755399441055744));
  let $r = f64x2.sub($v, f64x2.sub($t, f64x2.splat(6755399441055744)));
  let $p = f64x2.add(f64x2.mul($r, f64x2.splat(1.5201913149222313e-5)), f64x2.splat(0.00015469291101966387));
  $p = f64x2.add(f64x2.mul($p, $r), f64x2.splat(0.001333392260102374));
  $p = f64x2.add(f64x2.mul($p, $r), f64x2.splat(0.009618027253838334));
  $p = f64x2.add(f64x2.mul($p, $r), f64x2.splat(0.05550410353400585));
  $p = f64x2.add(f64x2.mul($p, $r), f64x2.splat(0.24022651198155742));
  $p = f64x2.add(f64x2.mul($p, $r), f64x2.splat(0.6931471807284619));
  $p = f64x2.add(f64x2.mul($p, $r), f64x2.splat(0.9999999999616821));
  return i64x2.add($p, i64x2.shl($t, 52));
}

/**
 * x^y, 1 ulp, with the special cases of JavaScript's Math.pow: 2^(y log2 |x|) in float64, negative where x is and y is odd,
 * NaN where x is negative and finite and y has a fraction, 1 where y is 0.
 */
@inline
export function pow($x: v128, $y: v128): v128 {
  let $a = f64x2.promote_low_f32x4(f32x4.abs($x));
  let $b = f64x2.promote_low_f32x4($y);
  $a = timesLog2($a, $b);
  let $p = exp2Wide($a);
  $a = f64x2.promote_low_f32x4(f32x4.abs(v128.shuffle<i64>($x, $x, 1, 1)));
  $b = f64x2.promote_low_f32x4(v128.shuffle<i64>($y, $y, 1, 1));
  $a = timesLog2($a, $b);
  $a = exp2Wide($a);
  $p = v128.shuffle<i64>(f32x4.demote_f64x2_zero($p), f32x4.demote_f64x2_zero($a), 0, 2);
  $b = f32x4.mul($y, f32x4.splat(0.5));
  $a = f32x4.ne($y, f32x4.nearest($y));
  $b = v128.andnot(f32x4.ne($b, f32x4.nearest($b)), $a);
  $p = v128.xor($p, v128.and($b, v128.and($x, f32x4.splat(-0.0))));
  $a = v128.and($a, v128.and(f32x4.lt($x, f32x4.splat(0)), f32x4.gt($x, f32x4.splat(-Infinity))));
  $p = v128.or($p, $a);
  return v128.bitselect(f32x4.splat(1), $p, f32x4.eq($y, f32x4.splat(0)));
}
