import type { Schedule } from "./schedule.js";

/** What a value must be. */
export interface Kind<Value> {
  /** Its type, as `typeOf` names it. */
  readonly type: string;
  readonly expected: string;
  holds(value: Value): boolean;
}

type Given<Value> = Exclude<Value, undefined>;
/** Options with none left open. */
export type Settings<Options> = { readonly [Name in keyof Options]-?: Given<Options[Name]> };
type Kinds<Options> = { readonly [Name in keyof Options]-?: Kind<Given<Options[Name]>> };
type Defaults<Options> = {
  readonly [Name in keyof Options as undefined extends Options[Name] ? Name : never]-?: Given<Options[Name]>;
};

const number = (expected: string, holds: (value: number) => boolean): Kind<number> => ({
  type: "number",
  expected,
  holds,
});
export const atLeast = (least: number): Kind<number> =>
  number(`a finite number >= ${least}`, (value) => value >= least && value < Number.POSITIVE_INFINITY);
export const between = (low: number, high: number): Kind<number> =>
  number(`a number in [${low}, ${high}]`, (value) => value >= low && value <= high);
export const integer = (least: number): Kind<number> =>
  number(`an integer >= ${least}`, (value) => Number.isSafeInteger(value) && value >= least);
/** A learning rate. */
export const rate = atLeast(0);
export const positive = number("a finite number > 0", (value) => value > 0 && value < Number.POSITIVE_INFINITY);
/** A number of steps that pass. */
export const count = integer(1);
/** The number of a step, or a number of steps that may be none. */
export const index = integer(0);
export const flag: Kind<boolean> = { type: "boolean", expected: "true or false", holds: () => true };
export const schedule: Kind<Schedule> = {
  type: "function",
  expected: "a schedule such as constant(0.1)",
  holds: () => true,
};
export const oneOf = <Name extends string>(...names: Name[]): Kind<Name> => ({
  type: "string",
  expected: names.map((name) => JSON.stringify(name)).join(" or "),
  holds: (name) => names.includes(name),
});
/** Steps at which something changes. */
export const boundaries: Kind<readonly number[]> = {
  type: "array",
  expected: "ascending integers >= 1",
  holds: (steps) => steps.every((step, i) => Number.isSafeInteger(step) && step > (steps[i - 1] ?? 0)),
};
export const list = <Value>(each: Kind<Value>): Kind<readonly Value[]> => ({
  type: "array",
  expected: `an array, not empty, of ${each.expected} each`,
  holds: (values) => values.length > 0 && values.every((value) => typeOf(value) === each.type && each.holds(value)),
});

export function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/** The value, if it is of its kind. */
export function check<Value>(fn: string, name: string, value: Value, { type, expected, holds }: Kind<Value>): Value {
  const wrong = typeOf(value) !== type;
  if (!wrong && holds(value)) return value;
  const got = wrong ? typeOf(value) : type === "number" ? value : JSON.stringify(value);
  throw new (wrong ? TypeError : RangeError)(`${fn}: "${name}" expected ${expected}, got ${got}`);
}

/** The options with their defaults, each of its kind and none that is not known. */
export function settings<Options extends object>(
  fn: string,
  options: Options,
  kinds: Kinds<Options>,
  defaults: Defaults<Options> & Partial<Settings<Options>>,
): Settings<Options> {
  const names = Object.keys(kinds) as (keyof Options & string)[];
  const expected = `an object with ${names.join(", ")}`;
  check(fn, "options", options, { type: "object", expected, holds: () => true });
  for (const name of Object.keys(options))
    if (!names.includes(name as keyof Options & string))
      throw new TypeError(`${fn}: "options" expected ${expected}, got ${JSON.stringify(name)}`);
  const all: Partial<Settings<Options>> = { ...defaults };
  for (const name of names) {
    if (options[name] !== undefined) all[name] = options[name] as Given<Options[typeof name]>;
    check(fn, name, all[name] as Given<Options[typeof name]>, kinds[name]);
  }
  return all as Settings<Options>;
}

/** A schedule that refuses what is no step, and never gives what is no rate. */
export function scheduleOf(fn: string, rateAt: Schedule): Schedule {
  return (step) => check(fn, `rate at step ${step}`, rateAt(check(fn, "step", step, index)), rate);
}
