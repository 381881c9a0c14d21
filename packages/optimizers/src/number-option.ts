import { describe, inRange, integer } from "@downhill/tensor";
import { checkFlag } from "./flag.js";
import type { Resolved, Rule, RuleSettings } from "./rule.js";

/** The range of an option that is a number, or a list of numbers that all have it. */
export interface NumberOption {
  /** Smallest value. @defaultValue -Infinity */
  readonly low?: number;
  /** Largest value. @defaultValue Infinity */
  readonly high?: number;
  /** Which ends are excluded; infinite ones always are. @defaultValue "none" */
  readonly open?: "none" | "low" | "high" | "both";
  /** Only integers. @defaultValue false */
  readonly integer?: boolean;
  /** Null is allowed too. @defaultValue false */
  readonly nullable?: boolean;
  /** A schedule is allowed too: `numbers` then gets its value at each step. @defaultValue false */
  readonly scheduled?: boolean;
}

/** At least 0, or a schedule of such numbers. */
export const atLeast0: NumberOption = { low: 0, scheduled: true };
/** In [0, 1), or a schedule of such numbers: how much of a running mean stays. */
export const share: NumberOption = { low: 0, high: 1, open: "high", scheduled: true };

const counts = ["no", "one", "two", "three", "four"];

/** Checks every option of a rule but `lr`, by the kind of its default and by its range. */
export function checkOptions(rule: Rule, settings: RuleSettings): void {
  const { name, defaults, ranges = {} } = rule;
  for (const [key, usual] of Object.entries(defaults)) {
    if (key === "lr") continue;
    const value: unknown = settings[key as keyof RuleSettings];
    const range = ranges[key];
    if (typeof usual === "boolean") checkFlag(name, key, value);
    else if (Array.isArray(usual)) {
      if (!Array.isArray(value) || value.length !== usual.length)
        throw new TypeError(
          `${name}: "${key}" expected ${counts[usual.length] ?? usual.length} numbers such as [${usual.map(String).join(", ")}], got ${describe(value)}`,
        );
      value.forEach((each: unknown, i) => {
        checkNumber(name, `${key}[${i}]`, each, range);
      });
    } else if (typeof usual === "number" || range !== undefined) checkNumber(name, key, value, range);
  }
  rule.check?.(settings);
}

function checkNumber(name: string, key: string, value: unknown, range: NumberOption = {}): void {
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY, open = "none" } = range;
  if (value === null && range.nullable) return;
  if (typeof value === "function") {
    if (range.scheduled) return;
    throw new TypeError(`${name}: "${key}" expected a number, got a function; this option can't be scheduled`);
  }
  if (range.integer)
    integer(
      name,
      key,
      value as number,
      Math.max(low, -Number.MAX_SAFE_INTEGER),
      Math.min(high, Number.MAX_SAFE_INTEGER),
    );
  else inRange(name, key, value as number, low, high, open);
}

/** Whether an option is a schedule, or a list with one in it. */
export function isScheduled(value: unknown): boolean {
  return typeof value === "function" || (Array.isArray(value) && value.some(isScheduled));
}

/** The settings of a step: `lr` and the numbers that schedules of other options give, checked. */
export function settingsAt(
  rule: Rule,
  settings: RuleSettings,
  scheduled: readonly string[],
  step: number,
  lr: number,
): Resolved<RuleSettings> {
  const now: Record<string, unknown> = { ...settings, lr };
  for (const key of scheduled) {
    const range = rule.ranges?.[key];
    const at = (place: string, value: unknown): unknown => {
      if (typeof value !== "function") return value;
      const number: unknown = value(step);
      try {
        checkNumber(rule.name, place, number, { ...range, scheduled: false });
      } catch (error) {
        throw new RangeError(`${(error as Error).message} from its schedule at step ${step}`);
      }
      return number;
    };
    const value = settings[key as keyof RuleSettings] as unknown;
    now[key] = Array.isArray(value) ? value.map((each, i) => at(`${key}[${i}]`, each)) : at(key, value);
  }
  return now as unknown as Resolved<RuleSettings>;
}
