import { count, flag, positive, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** What the rate is multiplied by over `every` steps, > 0. */
  readonly gamma: number;
  /** The number of steps that one `gamma` takes, an integer >= 1. @defaultValue 1 */
  readonly every?: number | undefined;
  /** Fall all at once after `every` steps, as {@link stepDecay} does, and not smoothly. @defaultValue false */
  readonly staircase?: boolean | undefined;
}

/**
 * A learning rate that shrinks by the same factor at every step.
 *
 * $$ \eta_t = \eta_0 \, \gamma^{\,t / n} $$
 *
 * with $\gamma$ = `gamma` and $n$ = `every`; with `staircase` the exponent is $\lfloor t / n \rfloor$. A `gamma` above 1 makes
 * the rate grow, as the search for a good rate does.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `gamma`, `every` (default 1) and `staircase` (default false)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0,
 * or the rate no longer finite
 * @example
 * ```ts
 * import { exponentialDecay } from "@downhill/schedulers";
 *
 * const lr = exponentialDecay(1, { gamma: 0.9 });
 * [lr(0), lr(1), lr(2), lr(3)]; // => [1, 0.9, 0.81, 0.729]
 *
 * exponentialDecay(1, { gamma: 0.5, every: 100 })(50); // => 0.707107
 * exponentialDecay(1, { gamma: 0.5, every: 100, staircase: true })(50); // => 1
 * ```
 * @reference PyTorch's ExponentialLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html; `every` and `staircase` as in Optax's exponential_decay, https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html
 */
export function exponentialDecay(lr: number, options: ExponentialDecayOptions): Schedule {
  return scheduleOf(
    "exponentialDecay",
    ["lr", lr, rate],
    options,
    { gamma: [positive], every: [count, 1], staircase: [flag, false] },
    ({ gamma, every, staircase }) =>
      (step) =>
        lr * gamma ** (staircase ? Math.floor(step / every) : step / every),
  );
}
