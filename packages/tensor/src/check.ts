import { show } from "./shape.js";

/** Anything that has a shape. */
export interface Shaped {
  /** Extent of every axis. */
  readonly shape: readonly number[];
}

/**
 * What an error says it got: numbers and strings as they are, other things by their kind.
 *
 * @param value - anything
 * @example
 * import { describe } from "@downhill/tensor";
 * describe([1, 2]); // => "an array of length 2"
 */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (typeof value === "function") return "a function";
  const kind = (value as object).constructor?.name;
  return kind ? `a ${kind}` : "an object";
}

/**
 * Throws unless all tensors have the same shape: losses never broadcast.
 *
 * @param fn - name of the calling function, for the error
 * @param tensors - the tensors by argument name; the first one sets the shape
 * @throws RangeError that names the argument, both shapes and, for `[n, 1]` against `[n]`, the fix
 * @example
 * import { sameShape, tensor } from "@downhill/tensor";
 * sameShape("myLoss", { prediction: tensor([1, 2]), target: tensor([3, 4]) });
 */
export function sameShape(fn: string, tensors: Readonly<Record<string, Shaped>>): void {
  const [first, ...others] = Object.entries(tensors);
  if (first === undefined) return;
  for (const [name, { shape }] of others) {
    const [expectedName, { shape: expected }] = first;
    if (shape.length === expected.length && shape.every((extent, i) => extent === expected[i])) continue;
    throw new RangeError(
      `${fn}: "${name}" expected the shape of "${expectedName}" ${show(expected)}, got ${show(shape)}${fix(expectedName, expected, name, shape)}`,
    );
  }
}

function fix(expectedName: string, expected: readonly number[], name: string, shape: readonly number[]): string {
  const longer = expected.length > shape.length;
  const [long, short] = longer ? [expected, shape] : [shape, expected];
  if (long.length !== short.length + 1 || long.at(-1) !== 1 || !short.every((extent, i) => extent === long[i]))
    return "";
  return `; drop the last axis of "${longer ? expectedName : name}" with .squeeze(-1)`;
}

/**
 * Throws unless `value` is a number from `low` to `high`.
 *
 * @param fn - name of the calling function, for the error
 * @param name - name of the argument
 * @param value - the argument
 * @param low - smallest allowed value
 * @param high - largest allowed value
 * @param open - which ends are excluded
 * @throws TypeError when it is no number, RangeError when it is NaN or outside
 * @example
 * import { inRange } from "@downhill/tensor";
 * inRange("huber", "delta", 1, 0, Infinity, "low");
 */
export function inRange(
  fn: string,
  name: string,
  value: number,
  low: number,
  high: number,
  open: "none" | "low" | "high" | "both" = "none",
): void {
  if (typeof value !== "number") throw new TypeError(`${fn}: "${name}" expected a number, got ${describe(value)}`);
  const openLow = open === "low" || open === "both" || low === Number.NEGATIVE_INFINITY;
  const openHigh = open === "high" || open === "both" || high === Number.POSITIVE_INFINITY;
  if ((openLow ? value > low : value >= low) && (openHigh ? value < high : value <= high)) return;
  const range =
    high === Number.POSITIVE_INFINITY
      ? low === Number.NEGATIVE_INFINITY
        ? "a finite number"
        : `a finite number ${openLow ? "above" : "of at least"} ${low}`
      : `a number in ${openLow ? "(" : "["}${low}, ${high}${openHigh ? ")" : "]"}`;
  throw new RangeError(`${fn}: "${name}" expected ${range}, got ${value}`);
}

/**
 * Throws unless `value` is an integer from `low` to `high`.
 *
 * @param fn - name of the calling function, for the error
 * @param name - name of the argument
 * @param value - the argument
 * @param low - smallest allowed value
 * @param high - largest allowed value
 * @throws TypeError when it is no number, RangeError when it is no integer or outside
 * @example
 * import { integer } from "@downhill/tensor";
 * integer("topK", "k", 3, 1, 10);
 */
export function integer(
  fn: string,
  name: string,
  value: number,
  low: number,
  high: number = Number.MAX_SAFE_INTEGER,
): void {
  if (typeof value !== "number") throw new TypeError(`${fn}: "${name}" expected an integer, got ${describe(value)}`);
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const least = low === -Number.MAX_SAFE_INTEGER ? "" : ` of at least ${low}`;
  const range = high === Number.MAX_SAFE_INTEGER ? least : ` from ${low} to ${high}`;
  throw new RangeError(`${fn}: "${name}" expected an integer${range}, got ${value}`);
}

/**
 * The axis counted from the front; negative ones count from the back.
 *
 * @param fn - name of the calling function, for the error
 * @param axis - the axis, from `-rank` to `rank - 1`
 * @param rank - number of axes
 * @throws RangeError when there is no such axis
 * @example
 * import { axisIndex } from "@downhill/tensor";
 * axisIndex("sum", -1, 3); // => 2
 */
export function axisIndex(fn: string, axis: number, rank: number): number {
  integer(fn, "axis", axis, -Number.MAX_SAFE_INTEGER);
  const index = axis < 0 ? axis + rank : axis;
  if (index >= 0 && index < rank) return index;
  if (rank === 0) throw new RangeError(`${fn}: "axis" expected no axis for a scalar, got ${axis}`);
  throw new RangeError(`${fn}: "axis" expected an integer from ${-rank} to ${rank - 1}, got ${axis}`);
}

/** The axes counted from the front, sorted, without repeats; all of them when none are given. */
export function axesOf(fn: string, axis: number | readonly number[] | undefined, rank: number): number[] {
  if (typeof axis === "number") return [axisIndex(fn, axis, rank)];
  if (axis === undefined) {
    const all = [];
    for (let i = 0; i < rank; i++) all.push(i);
    return all;
  }
  if (!Array.isArray(axis))
    throw new TypeError(`${fn}: "axis" expected an integer or an array of integers, got ${describe(axis)}`);
  const axes = axis.map((each: number) => axisIndex(fn, each, rank));
  const unique = [...new Set(axes)].sort((a, b) => a - b);
  if (unique.length !== axes.length)
    throw new RangeError(`${fn}: "axis" expected different axes, got [${axes.join(", ")}]`);
  return unique;
}

/** Throws unless `shape` is a list of extents. */
export function checkShape(fn: string, shape: readonly number[]): void {
  if (!Array.isArray(shape))
    throw new TypeError(`${fn}: "shape" expected an array of integers, got ${describe(shape)}`);
  let size = 1;
  for (const extent of shape) {
    if (typeof extent !== "number") throw new TypeError(`${fn}: "shape" expected integers, got ${describe(extent)}`);
    if (!Number.isInteger(extent) || extent < 0)
      throw new RangeError(`${fn}: "shape" expected integers of at least 0, got ${extent}`);
    size *= extent;
  }
  if (size > 2 ** 30)
    throw new RangeError(`${fn}: "shape" expected at most 2^30 elements, got ${show(shape)} with ${size}`);
}
