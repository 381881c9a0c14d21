import { checkAll, guarded, schedule } from "./check.js";
import type { Schedule } from "./schedule.js";

/**
 * Schedules multiplied with each other: one gives the rate, the others scale it.
 *
 * $$ \eta_t = \prod_i s_i(t) $$
 *
 * As PyTorch's `ChainedScheduler`, with the rate in one of the schedules and 1 as the rate of the others.
 *
 * @param schedules - the schedules, at least one
 * @returns the schedule
 * @throws TypeError when `schedules` is no array of functions, RangeError when it is empty; the schedule,
 * RangeError when its step is not an integer >= 0, or the product no finite number >= 0
 * @example
 * ```ts
 * import { exponentialDecay, piecewiseConstant, product } from "@downhill/schedulers";
 *
 * const lr = product([exponentialDecay(1, { gamma: 0.9 }), piecewiseConstant([0.1, 1], { at: [2] })]);
 * [0, 1, 2, 3].map(lr); // => [0.1, 0.09, 0.81, 0.729]
 * ```
 * @reference PyTorch's ChainedScheduler, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export function product(schedules: readonly Schedule[]): Schedule {
  checkAll("product", "schedules", schedules, schedule);
  return guarded("product", (step) => schedules.reduce((rate, each) => rate * each(step), 1));
}
