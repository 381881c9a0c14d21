import { count, positive, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** The number of steps between two drops, an integer >= 1. */
  readonly every: number;
  /** What the rate is multiplied by at a drop, > 0. @defaultValue 0.1 */
  readonly gamma?: number | undefined;
}

/**
 * A learning rate that drops by a factor after every so many steps.
 *
 * $$ \eta_t = \eta_0 \, \gamma^{\lfloor t / n \rfloor} $$
 *
 * with $\gamma$ = `gamma` and $n$ = `every`.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `every`, and `gamma` (default 0.1)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { stepDecay } from "@downhill/schedulers";
 *
 * const lr = stepDecay(1, { every: 3 });
 * [lr(0), lr(2), lr(3), lr(6)]; // => [1, 1, 0.1, 0.01]
 * ```
 * @reference PyTorch's StepLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export function stepDecay(lr: number, options: StepDecayOptions): Schedule {
  return scheduleOf(
    "stepDecay",
    ["lr", lr, rate],
    options,
    { every: [count], gamma: [positive, 0.1] },
    ({ every, gamma }) =>
      (step) =>
        lr * gamma ** Math.floor(step / every),
  );
}
