function number(fn: string, name: string, value: number, expected: string, holds: boolean): void {
  if (typeof value !== "number") throw new TypeError(`${fn}: "${name}" expected ${expected}, got ${typeof value}`);
  if (!holds) throw new RangeError(`${fn}: "${name}" expected ${expected}, got ${value}`);
}

/** A learning rate: finite, not negative. */
export function checkRate(fn: string, name: string, value: number): void {
  number(fn, name, value, "a finite number >= 0", Number.isFinite(value) && value >= 0);
}

/** A factor to multiply a rate by: finite, above zero. */
export function checkFactor(fn: string, name: string, value: number): void {
  number(fn, name, value, "a finite number > 0", Number.isFinite(value) && value > 0);
}

/** A number of steps, or the number of a step: an integer, `least` or more. */
export function checkSteps(fn: string, name: string, value: number, least: 0 | 1): void {
  number(fn, name, value, `an integer >= ${least}`, Number.isSafeInteger(value) && value >= least);
}
