import type { Tensor } from "@downhill/tensor";

// Below it a base counts as this: x^y for a y below 1 has an infinite slope at 0, and factors of losses are multiplied by a loss
// that is smaller still.
const smallest = 1e-15;

/** `base ** exponent` for a base from 0 to 1 and an exponent of at least 0, with finite slopes; null stands for a factor of 1. */
export function power(base: Tensor, exponent: number): Tensor | null {
  if (exponent === 0) return null;
  if (exponent === 1) return base;
  return exponent === 2 ? base.square() : base.maximum(smallest).pow(exponent);
}
