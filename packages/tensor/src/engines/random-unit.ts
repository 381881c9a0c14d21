/**
 * Random number `index` of the stream with these keys (integers below 4096), in [0, 1) with 24 bits: eight Feistel rounds
 * on two 12-bit halves. All products stay below 2^24, so float32 arithmetic gives the same bits on every engine.
 */
export function randomUnit(index: number, key0: number, key1: number, key2: number): number {
  const last = (key2 + Math.floor(index / 16777216)) & 4095;
  let left = (index >>> 12) & 4095;
  let right = index & 4095;
  for (let round = 0; round < 8; round++) {
    const key = (round % 3 === 0 ? key0 : round % 3 === 1 ? key1 : last) + round * 619;
    const mixed = ((right + key) & 4095) * ((right * 2 + 1 + key) & 4095);
    const next = (left + ((mixed >> 6) & 4095) + key) & 4095;
    left = right;
    right = next;
  }
  return (left * 4096 + right) / 16777216;
}
