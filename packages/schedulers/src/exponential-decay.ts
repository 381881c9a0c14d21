import { checkFactor, checkRate, checkSteps } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** What the rate is multiplied by over `every` steps, > 0. */
  readonly factor: number;
  /** The number of steps that one `factor` takes, an integer >= 1. @defaultValue 1 */
  readonly every?: number;
}

/**
 * A learning rate that shrinks by the same factor at every step.
 *
 * $$ \eta_t = \eta_0 \, \gamma^{\,t / n} $$
 *
 * with $\gamma$ = `factor` and $n$ = `every`. The smooth form of {@link stepDecay}.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `factor`, and `every` (default 1)
 * @returns the schedule
 * @throws RangeError when an argument is out of its range; the schedule, when its step is not an integer >= 0
 * @example
 * ```ts
 * import { exponentialDecay } from "@downhill/schedulers";
 *
 * const lr = exponentialDecay(1, { factor: 0.9 });
 * [lr(0), lr(1), lr(2), lr(3)]; // => [1, 0.9, 0.81, 0.729]
 *
 * exponentialDecay(1, { factor: 0.5, every: 100 })(50); // => 0.707107
 * ```
 * @reference PyTorch's ExponentialLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export function exponentialDecay(lr: number, { factor, every = 1 }: ExponentialDecayOptions): Schedule {
  checkRate("exponentialDecay", "lr", lr);
  checkFactor("exponentialDecay", "factor", factor);
  checkSteps("exponentialDecay", "every", every, 1);
  return (step) => {
    checkSteps("exponentialDecay", "step", step, 0);
    return lr * factor ** (step / every);
  };
}
