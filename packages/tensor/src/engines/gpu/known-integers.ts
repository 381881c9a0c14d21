import { outOfRange } from "../faults.js";
import type { IndexCheck } from "./gpu-program.js";

/** float32 holds every integer up to this. */
const largest = 2 ** 24;

/** Integers that JavaScript gave to a device. */
export interface KnownIntegers {
  readonly values: ArrayLike<number>;
  readonly lowest: number;
  readonly highest: number;
}

/** Refuses integers that a device can't hold. */
export function knownIntegers(values: ArrayLike<number>, engine: string): KnownIntegers {
  let [lowest, highest] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < lowest) lowest = value;
    else if (value > highest) highest = value;
    if (value < -largest || value > largest)
      throw new RangeError(
        `evaluate: the engine "${engine}" expected int32 values from ${-largest} to ${largest}, which float32 holds exactly, got ${value} at position ${i}; use the engine "cpu"`,
      );
  }
  return { values, lowest, highest };
}

/** Refuses indices that are known to be out of range. */
export function checkRange({ op, limit }: IndexCheck, known: KnownIntegers | null): void {
  if (known === null || (known.lowest >= 0 && known.highest < limit)) return;
  for (let i = 0; i < known.values.length; i++) {
    const value = known.values[i] as number;
    if (value < 0 || value >= limit) throw outOfRange(op, value, i, limit);
  }
}
