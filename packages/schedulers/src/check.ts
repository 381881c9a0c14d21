import type { Schedule } from "./schedule.js";

/** What a value must be: its type as `typeOf` names it, words for a message, and what else holds. */
export interface Kind<Value> {
  readonly type: string;
  readonly expected: string;
  holds(value: Value): boolean;
}

type Given<Value> = Exclude<Value, undefined>;
/** Options with none left open. */
export type Settings<Options> = { readonly [Name in keyof Options]-?: Given<Options[Name]> };
/** For each option its kind and, where it may be left out, its default. */
type Rows<Options> = {
  readonly [Name in keyof Options]-?: readonly [
    kind: Kind<Given<Options[Name]>>,
    ...otherwise: undefined extends Options[Name] ? [Given<Options[Name]>] : [],
  ];
};

export const kind = <Value>(
  type: string,
  expected: string,
  holds: (value: Value) => boolean = () => true,
): Kind<Value> => ({ type, expected, holds });
const finite = (expected: string, holds: (value: number) => boolean): Kind<number> =>
  kind("number", `a finite number${expected}`, (value) => Number.isFinite(value) && holds(value));
export const anyFinite = finite("", () => true);
export const atLeast = (low: number): Kind<number> => finite(` >= ${low}`, (value) => value >= low);
export const between = (low: number, high: number): Kind<number> =>
  finite(` >= ${low} and <= ${high}`, (value) => value >= low && value <= high);
export const positive = finite(" > 0", (value) => value > 0);
export const belowOne = finite(" > 0 and < 1", (value) => value > 0 && value < 1);
export const integer = (least: number): Kind<number> =>
  kind("number", `an integer >= ${least}`, (value) => Number.isInteger(value) && value >= least);
export const oneOf = <Name extends string>(...names: Name[]): Kind<Name> =>
  kind("string", `"${names.join('" or "')}"`, (name) => names.includes(name));
/** Steps at which something changes; any number of them unless it is said. */
export const boundaries = (length?: number): Kind<readonly number[]> =>
  kind(
    "array",
    `ascending integers >= 1${length === undefined ? "" : `, ${length} of them`}`,
    (steps) =>
      steps.length === (length ?? steps.length) &&
      steps.every((step, i) => Number.isInteger(step) && step > (steps[i - 1] ?? 0)),
  );
/** A learning rate. */
export const rate = atLeast(0);
/** A number of steps that pass. */
export const count = integer(1);
/** The number of a step, or a number of steps that may be none. */
export const index = integer(0);
export const flag: Kind<boolean> = kind("boolean", "true or false");
export const schedule: Kind<Schedule> = kind("function", "a schedule");

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/** The value, if it is of its kind. */
export function check<Value>(fn: string, name: string, value: Value, { type, expected, holds }: Kind<Value>): Value {
  const got = typeOf(value);
  const message = `${fn}: "${name}" expected ${expected}, got `;
  if (got !== type) throw new TypeError(message + got);
  if (!holds(value)) throw new RangeError(message + (type === "number" ? value : JSON.stringify(value)));
  return value;
}

/** The options with their defaults, each of its kind and none that is not known. */
export function settings<Options extends object>(fn: string, options: Options, rows: Rows<Options>): Settings<Options> {
  const all: Record<string, unknown> = {};
  for (const name in options)
    if (!(name in rows))
      throw new TypeError(`${fn}: "options" expected ${Object.keys(rows).join(", ")}, got "${name}"`);
  for (const name in rows) {
    const [each, otherwise] = rows[name] as unknown as readonly [Kind<unknown>, unknown?];
    const { [name]: value = otherwise } = (options ?? {}) as Record<string, unknown>;
    all[name] = check(fn, name, value, each);
  }
  return all as Settings<Options>;
}

/** The values, if there is at least one and each is of its kind. */
export function checkAll<Value>(fn: string, name: string, values: readonly Value[], each: Kind<Value>): void {
  const some: Kind<readonly Value[]> = kind("array", "an array, not empty", ({ length }) => length > 0);
  check(fn, name, values, some).forEach((value, i) => check(fn, `${name}[${i}]`, value, each));
}

/** A schedule that refuses what is no step, and never gives what is no rate. */
export function guarded(fn: string, rateAt: Schedule): Schedule {
  return (step) => check(fn, `rate at step ${step}`, rateAt(check(fn, "step", step, index)), rate);
}

/** The schedule of a function whose first argument is checked along with its options, which `make` is given. */
export function scheduleOf<First, Options extends object>(
  fn: string,
  [name, value, first]: readonly [name: string, value: First, kind: Kind<First>],
  options: Options,
  rows: Rows<Options>,
  make: (settings: Settings<Options>) => Schedule,
): Schedule {
  check(fn, name, value, first);
  return guarded(fn, make(settings(fn, options, rows)));
}
