import type { Tensor } from "@downhill/tensor";

// Below it a base counts as this: x^y for a y below 1 has an infinite slope at 0, and factors of losses are multiplied by a loss
// that is smaller still.
const smallest = 1e-15;

/** `base ** exponent` for a base from 0 to 1 and an exponent of at least 0, with finite slopes; null stands for a factor of 1. */
export function power(base: Tensor, exponent: number): Tensor | null {
  if (exponent === 0) return null;
  if (exponent === 1) return base;
  const square = base.square();
  if (exponent === 2) return square;
  if (exponent === 3) return square.mul(base);
  return exponent === 4 ? square.square() : base.maximum(smallest).pow(exponent);
}
