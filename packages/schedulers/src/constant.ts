import { check, guarded, rate } from "./check.js";
import type { Schedule } from "./schedule.js";

/**
 * The same learning rate at every step.
 *
 * $$ \eta_t = \eta $$
 *
 * @param lr - the rate, finite and >= 0
 * @returns the schedule
 * @throws TypeError when `lr` is no number, RangeError when it is negative or not finite; the schedule, RangeError when its
 * step is not an integer >= 0
 * @example
 * ```ts
 * import { constant } from "@downhill/schedulers";
 *
 * const lr = constant(0.1);
 * lr(0); // => 0.1
 * lr(10_000); // => 0.1
 * ```
 * @reference Optax's constant_schedule, https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html
 */
export function constant(lr: number): Schedule {
  check("constant", "lr", lr, rate);
  return guarded("constant", () => lr);
}
