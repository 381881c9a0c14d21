// Random numbers in [0, 1) from a counter: 8 Feistel rounds on two halves of 12 bits, the same bits on every engine
// (src/engines/random-unit.ts says it in plain arithmetic).

const CONSTANTS = memory.data<u32>([
  0, 1, 2, 3, // lanes
  4095, 4095, 4095, 4095,
  1, 1, 1, 1,
  619, 619, 619, 619,
  0x33800000, 0x33800000, 0x33800000, 0x33800000, // 2^-24
], 16);

/** d[i] = number first + i of the stream of three keys, each a float below 4096; writes whole 64 bytes. */
export function uniform(d: usize, n: usize, first: usize, key0: usize, key1: usize, key2: usize): void {
  const low = v128.load(CONSTANTS, 16), one = v128.load(CONSTANTS, 32), step = v128.load(CONSTANTS, 48), unit = v128.load(CONSTANTS, 64);
  const k0 = i32x4.trunc_sat_f32x4_s(v128.load32_splat(key0));
  const k1 = i32x4.trunc_sat_f32x4_s(v128.load32_splat(key1));
  const k2 = i32x4.trunc_sat_f32x4_s(v128.load32_splat(key2));
  let index = i32x4.add(i32x4.splat(<i32>first), v128.load(CONSTANTS));
  const four = i32x4.shl(one, 2);
  for (const end = d + (((n + 15) & ~15) << 2); d < end; d += 16) {
    const last = v128.and(i32x4.add(k2, i32x4.shr_u(index, 24)), low);
    let left = v128.and(i32x4.shr_u(index, 12), low), right = v128.and(index, low), offset = i32x4.splat(0);
    for (let round = 0; round < 8; round++) {
      const key = i32x4.add(round % 3 == 0 ? k0 : round % 3 == 1 ? k1 : last, offset);
      const sum = i32x4.add(right, key);
      const mixed = i32x4.mul(v128.and(sum, low), v128.and(i32x4.add(i32x4.add(sum, right), one), low));
      const next = v128.and(i32x4.add(i32x4.add(left, v128.and(i32x4.shr_u(mixed, 6), low)), key), low);
      left = right;
      right = next;
      offset = i32x4.add(offset, step);
    }
    v128.store(d, f32x4.mul(f32x4.convert_i32x4_s(v128.or(i32x4.shl(left, 12), right)), unit));
    index = i32x4.add(index, four);
  }
}
