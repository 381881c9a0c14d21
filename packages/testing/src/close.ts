import type { Tolerance } from "./engines.js";

/** Numbers in arrays of any depth and kind. */
export type Numbers = number | ArrayLike<Numbers>;

/**
 * Throws unless `actual` is `expected` in shape and, but for the tolerance, in every number. NaN equals NaN; infinities must be
 * the same.
 */
export function close(actual: Numbers, expected: Numbers, tolerance: Tolerance = {}): void {
  const { relative = 1e-6, absolute = 0 } = tolerance;
  const visit = (a: Numbers, e: Numbers, path: readonly number[]): void => {
    const place = path.length === 0 ? "" : ` at [${path.join("][")}]`;
    if (typeof e === "number") {
      if (typeof a !== "number")
        throw new Error(`expected the number ${e}${place}, got an array of length ${a.length}`);
      if (Object.is(a, e) || (Number.isFinite(e) && Math.abs(a - e) <= absolute + relative * Math.abs(e))) return;
      throw new Error(
        `expected ${e}${place}, got ${a}, off by ${Math.abs(a - e)} (relative ${relative}, absolute ${absolute})`,
      );
    }
    if (typeof a === "number" || a.length !== e.length)
      throw new Error(
        `expected length ${e.length}${place}, got ${typeof a === "number" ? "a number" : `length ${a.length}`}`,
      );
    for (let i = 0; i < e.length; i++) visit(a[i] as Numbers, e[i] as Numbers, [...path, i]);
  };
  visit(actual, expected, []);
}

/** All numbers in one array, in order. */
export function flat(values: Numbers): number[] {
  return typeof values === "number" ? [values] : Array.from(values).flatMap(flat);
}
