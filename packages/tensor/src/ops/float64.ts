/** The nearest integer, halves to the even one. */
export function roundEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

/** erf in float64: the series of Abramowitz & Stegun 7.1.6 below 3, the continued fraction 7.1.14 above. */
export function erf64(x: number): number {
  const z = Math.abs(x);
  if (Number.isNaN(x)) return Number.NaN;
  if (z >= 6) return Math.sign(x);
  let value: number;
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 200 && term > sum * 1e-17; n++) {
      term *= (2 * z * z) / (2 * n + 1);
      sum += term;
    }
    value = (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
  } else {
    let tail = 0;
    for (let n = 60; n > 0; n--) tail = n / 2 / (z + tail);
    value = 1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + tail);
  }
  return x < 0 ? -value : value;
}
