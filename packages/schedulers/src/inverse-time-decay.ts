import { count, rate as finite, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link inverseTimeDecay}. */
export interface InverseTimeDecayOptions {
  /** How fast the rate falls, finite and >= 0: after `every` steps it is divided by 1 + `rate`. */
  readonly rate: number;
  /** The number of steps that `rate` is for, an integer >= 1. @defaultValue 1 */
  readonly every?: number | undefined;
}

/**
 * A learning rate that falls as one over the number of steps.
 *
 * $$ \eta_t = \frac{\eta_0}{1 + r \, t / n} $$
 *
 * with $r$ = `rate` and $n$ = `every`. Keras's `staircase` is {@link perEpoch}:
 * `perEpoch(inverseTimeDecay(lr, { rate }), { stepsPerEpoch: every })`.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `rate`, and `every` (default 1)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { inverseTimeDecay } from "@downhill/schedulers";
 *
 * const lr = inverseTimeDecay(1, { rate: 0.5, every: 10 });
 * [lr(0), lr(10), lr(20), lr(60)]; // => [1, 0.666667, 0.5, 0.25]
 * ```
 * @reference Keras's InverseTimeDecay, https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/
 */
export function inverseTimeDecay(lr: number, options: InverseTimeDecayOptions): Schedule {
  return scheduleOf(
    "inverseTimeDecay",
    ["lr", lr, finite],
    options,
    { rate: [finite], every: [count, 1] },
    ({ rate, every }) =>
      (step) =>
        lr / (1 + (rate * step) / every),
  );
}
