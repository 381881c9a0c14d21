import { checkFactor, checkRate, checkSteps } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** The number of steps between two drops, an integer >= 1. */
  readonly every: number;
  /** What the rate is multiplied by at a drop, > 0. @defaultValue 0.1 */
  readonly factor?: number;
}

/**
 * A learning rate that drops by a factor after every so many steps.
 *
 * $$ \eta_t = \eta_0 \, \gamma^{\lfloor t / n \rfloor} $$
 *
 * with $\gamma$ = `factor` and $n$ = `every`.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `every`, and `factor` (default 0.1)
 * @returns the schedule
 * @throws RangeError when an argument is out of its range; the schedule, when its step is not an integer >= 0
 * @example
 * ```ts
 * import { stepDecay } from "@downhill/schedulers";
 *
 * const lr = stepDecay(1, { every: 3 });
 * [lr(0), lr(2), lr(3), lr(6)]; // => [1, 1, 0.1, 0.01]
 * ```
 * @reference PyTorch's StepLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export function stepDecay(lr: number, { every, factor = 0.1 }: StepDecayOptions): Schedule {
  checkRate("stepDecay", "lr", lr);
  checkSteps("stepDecay", "every", every, 1);
  checkFactor("stepDecay", "factor", factor);
  return (step) => {
    checkSteps("stepDecay", "step", step, 0);
    return lr * factor ** Math.floor(step / every);
  };
}
