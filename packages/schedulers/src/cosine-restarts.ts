import { atLeast, between, count, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";
import { blend, shapes } from "./through.js";

/** Options of {@link cosineRestarts}. */
export interface CosineRestartsOptions {
  /** The number of steps of the first period, an integer >= 1. */
  readonly period: number;
  /** How many times as long as the one before each further period is, a finite number >= 1. @defaultValue 1 */
  readonly periodMultiplier?: number | undefined;
  /** What the rate falls to in each period, from 0 to `lr`. @defaultValue 0 */
  readonly end?: number | undefined;
}

/**
 * A learning rate that falls along half a cosine wave, jumps back and falls again: warm restarts.
 *
 * $$ \eta_t = e + \tfrac{1}{2} (\eta_0 - e) \left(1 + \cos \frac{\pi \, u}{n_i}\right), \qquad n_i = n \, m^i $$
 *
 * where $u$ steps have passed since the last restart, the $i$-th; $n$ = `period`, $m$ = `periodMultiplier`, $e$ = `end`. The
 * first step after a period has the rate `lr` again, so `end` itself is never reached. The default of `periodMultiplier` is
 * PyTorch's; Keras has 2. It goes on for ever.
 *
 * @param lr - the rate of the first step and of every restart, finite and >= 0
 * @param options - `period`, `periodMultiplier` (default 1) and `end` (default 0)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { cosineRestarts } from "@downhill/schedulers";
 *
 * const lr = cosineRestarts(1, { period: 2, periodMultiplier: 2 });
 * [0, 1, 2, 3, 4, 5, 6].map(lr); // => [1, 0.5, 1, 0.8536, 0.5, 0.1464, 1]
 * ```
 * @reference Loshchilov & Hutter (2016), SGDR: Stochastic Gradient Descent with Warm Restarts, https://arxiv.org/abs/1608.03983; PyTorch's CosineAnnealingWarmRestarts, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 */
export function cosineRestarts(lr: number, options: CosineRestartsOptions): Schedule {
  return scheduleOf(
    "cosineRestarts",
    ["lr", lr, rate],
    options,
    { period: [count], periodMultiplier: [atLeast(1), 1], end: [between(0, lr), 0] },
    ({ period, periodMultiplier, end }) =>
      (step) => {
        let length = period;
        let since = periodMultiplier === 1 ? step % period : step;
        while (since >= length) {
          since -= length;
          length *= periodMultiplier;
        }
        return blend(lr, end, shapes.cosine(since / length));
      },
  );
}
