import { boundaries, positive, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link multiStepDecay}. */
export interface MultiStepDecayOptions {
  /** The steps at which the rate drops, ascending integers >= 1. */
  readonly milestones: readonly number[];
  /** What the rate is multiplied by at a drop, > 0. @defaultValue 0.1 */
  readonly gamma?: number | undefined;
}

/**
 * A learning rate that drops by a factor at each milestone.
 *
 * $$ \eta_t = \eta_0 \, \gamma^{\,|\{m : m \le t\}|} $$
 *
 * over the `milestones` $m$, with $\gamma$ = `gamma`. The step of a milestone is the first one with the lower rate. PyTorch
 * sorts the milestones and counts repeated ones; here both are an error, since one of them is usually a mistake.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `milestones`, and `gamma` (default 0.1)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { multiStepDecay } from "@downhill/schedulers";
 *
 * const lr = multiStepDecay(1, { milestones: [2, 5] });
 * [lr(0), lr(1), lr(2), lr(4), lr(5), lr(100)]; // => [1, 1, 0.1, 0.1, 0.01, 0.01]
 * ```
 * @reference PyTorch's MultiStepLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export function multiStepDecay(lr: number, options: MultiStepDecayOptions): Schedule {
  return scheduleOf(
    "multiStepDecay",
    ["lr", lr, rate],
    options,
    { milestones: [boundaries()], gamma: [positive, 0.1] },
    ({ milestones, gamma }) =>
      (step) =>
        lr * gamma ** milestones.filter((milestone) => milestone <= step).length,
  );
}
