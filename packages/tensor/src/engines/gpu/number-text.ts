/** Overflows on the device: a literal would arrive as the largest finite number. */
const infinity = "Math.exp(t+1000.0)";

/** A number as float32 in the text of a kernel that has `t`. */
export function floatText(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return `(${infinity}-${infinity})`;
  if (single === Number.POSITIVE_INFINITY) return infinity;
  if (single === Number.NEGATIVE_INFINITY) return `(-${infinity})`;
  const digits = String(single);
  const text = /[.e]/.test(digits) ? digits : `${digits}.0`;
  return single < 0 ? `(${text})` : text;
}
