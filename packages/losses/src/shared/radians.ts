import { describe } from "@downhill/tensor";

/** Throws unless an option is an angle in radians below `high` (named as in `π/2`); degrees are far too large and named as such. */
export function checkRadians(fn: string, name: string, value: number, high: number, named: string): void {
  if (typeof value !== "number") throw new TypeError(`${fn}: "${name}" expected a number, got ${describe(value)}`);
  if (value > 0 && value < high) return;
  const fix = value > 2 && value < 360 ? `; ${value} degrees are ${((value * Math.PI) / 180).toFixed(4)}` : "";
  throw new RangeError(`${fn}: "${name}" expected radians in (0, ${named}), got ${value}${fix}`);
}
