import { count, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";
import { through } from "./through.js";

/** Options of {@link linear}. */
export interface LinearOptions {
  /** The number of steps from `lr` to `end`, an integer >= 1. */
  readonly steps: number;
  /** The last rate, finite and >= 0; it may be above `lr`. @defaultValue 0 */
  readonly end?: number | undefined;
}

/**
 * A learning rate that goes from one value to another along a straight line, down or up.
 *
 * $$ \eta_t = \eta_0 + (e - \eta_0) \, \frac{\min(t, n)}{n} $$
 *
 * with $e$ = `end` and $n$ = `steps`. From step `steps` on it stays at `end`. PyTorch's `LinearLR` with `start_factor` a,
 * `end_factor` b and `total_iters` n on the rate lr is `linear(a * lr, { steps: n, end: b * lr })`.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `steps`, and `end` (default 0)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { linear } from "@downhill/schedulers";
 *
 * const lr = linear(1, { steps: 4 });
 * [lr(0), lr(1), lr(2), lr(3), lr(4), lr(5)]; // => [1, 0.75, 0.5, 0.25, 0, 0]
 *
 * [0, 1, 2].map(linear(0.1, { steps: 2, end: 0.3 })); // => [0.1, 0.2, 0.3]
 * ```
 * @reference PyTorch's LinearLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export function linear(lr: number, options: LinearOptions): Schedule {
  return scheduleOf("linear", ["lr", lr, rate], options, { steps: [count], end: [rate, 0] }, ({ steps, end }) =>
    through([0, lr], [steps, end]),
  );
}
