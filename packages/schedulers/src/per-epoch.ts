import { count, schedule as kind, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link perEpoch}. */
export interface PerEpochOptions {
  /** The number of steps of an epoch, an integer >= 1: batches, the last one included if it is smaller. */
  readonly stepsPerEpoch: number;
}

/**
 * A schedule that counts epochs, for optimizers that count steps: the rate changes between epochs only.
 *
 * $$ \eta_t = s(\lfloor t / n \rfloor) $$
 *
 * with $s$ = `schedule` and $n$ = `stepsPerEpoch`. Schedules of PyTorch recipes usually count epochs.
 *
 * @param schedule - the rate of an epoch, counted from 0
 * @param options - `stepsPerEpoch`
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { perEpoch, stepDecay } from "@downhill/schedulers";
 *
 * const lr = perEpoch(stepDecay(0.1, { every: 30 }), { stepsPerEpoch: 500 });
 * [lr(0), lr(14_999), lr(15_000)]; // => [0.1, 0.1, 0.01]
 * ```
 * @reference PyTorch's schedulers, stepped once after each epoch, https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export function perEpoch(schedule: Schedule, options: PerEpochOptions): Schedule {
  return scheduleOf(
    "perEpoch",
    ["schedule", schedule, kind],
    options,
    { stepsPerEpoch: [count] },
    ({ stepsPerEpoch }) =>
      (step) =>
        schedule(Math.floor(step / stepsPerEpoch)),
  );
}
