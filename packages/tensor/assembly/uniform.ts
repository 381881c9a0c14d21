// Random numbers in [0, 1) from a counter: 8 Feistel rounds on two halves of 12 bits, the same bits on every engine
// (src/engines/random-unit.ts says it in plain arithmetic).

const CONSTANTS = memory.data<u32>([
  0, 1, 2, 3, // lanes
  4095, 4095, 4095, 4095,
  4, 4, 4, 4,
  0x33800000, 0x33800000, 0x33800000, 0x33800000, // 2^-24
], 16);

/**
 * One round; what exceeds 12 bits before the last mask does no harm. Grouped for a short chain behind `right`. The upper
 * 16-bit halves are 0, so the dot product is the product, at half the latency of i32x4.mul on Intel.
 */
@inline
function mix(left: v128, right: v128, key: v128, low: v128): v128 {
  const even = v128.and(i32x4.add(right, key), low);
  const odd = v128.and(i32x4.add(i32x4.add(right, right), i32x4.sub(key, i32x4.splat(-1))), low);
  return v128.and(i32x4.add(i32x4.shr_u(i32x4.dot_i16x8_s(even, odd), 6), i32x4.add(left, key)), low);
}

@inline
function keyOf(at: usize, round: i32): v128 {
  return i32x4.splat(<i32>load<f32>(at) + 619 * round);
}

/** d[i] = number first + i of the stream of three keys, each a float below 4096; writes whole 64 bytes. */
export function uniform(d: usize, n: usize, first: usize, at0: usize, at1: usize, at2: usize): void {
  const index = i32x4.add(i32x4.splat(<i32>first), v128.load(CONSTANTS));
  rounds(
    d, d + (((n + 15) & ~15) << 2), index, keyOf(at0, 0), keyOf(at1, 1), keyOf(at0, 3), keyOf(at1, 4), keyOf(at0, 6), keyOf(at1, 7),
    keyOf(at2, 0), i32x4.splat(619 * 2), i32x4.splat(619 * 5),
  );
}

// A function of its own: as parameters the keys are vectors; inlined, V8 computes them again in every turn.
export function rounds(
  d: usize, end: usize, index: v128, k0: v128, k1: v128, k3: v128, k4: v128, k6: v128, k7: v128, base: v128, step2: v128, step5: v128,
): void {
  const low = v128.load(CONSTANTS, 16), four = v128.load(CONSTANTS, 32), unit = v128.load(CONSTANTS, 48);
  for (; d < end; d += 16) {
    const last = v128.and(i32x4.add(base, i32x4.shr_u(index, 24)), low);
    let x = v128.and(i32x4.shr_u(index, 12), low), y = v128.and(index, low);
    x = mix(x, y, k0, low);
    y = mix(y, x, k1, low);
    x = mix(x, y, i32x4.add(last, step2), low);
    y = mix(y, x, k3, low);
    x = mix(x, y, k4, low);
    y = mix(y, x, i32x4.add(last, step5), low);
    x = mix(x, y, k6, low);
    y = mix(y, x, k7, low);
    v128.store(d, f32x4.mul(f32x4.convert_i32x4_s(v128.or(i32x4.shl(x, 12), y)), unit));
    index = i32x4.add(index, four);
  }
}
