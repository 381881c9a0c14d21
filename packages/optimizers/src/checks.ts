import { describe, inRange } from "@downhill/tensor";

/** Throws unless `betas` are as many numbers in [0, 1) as the default has. */
export function checkBetas(fn: string, betas: readonly number[], defaults: readonly number[]): void {
  if (!Array.isArray(betas) || betas.length !== defaults.length)
    throw new TypeError(
      `${fn}: "betas" expected ${defaults.length === 2 ? "two" : "three"} numbers such as [${defaults.join(", ")}], got ${describe(betas)}`,
    );
  betas.forEach((beta: number, i) => {
    inRange(fn, `betas[${i}]`, beta, 0, 1, "high");
  });
}

/** Throws unless each of the options is a finite number of at least 0. */
export function checkNotNegative(fn: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) inRange(fn, name, value, 0, Number.POSITIVE_INFINITY);
}

/** Throws unless each of the options is true or false. */
export function checkFlags(fn: string, options: Readonly<Record<string, boolean>>): void {
  for (const [name, value] of Object.entries(options))
    if (typeof value !== "boolean")
      throw new TypeError(`${fn}: "${name}" expected true or false, got ${describe(value)}`);
}
