import { checkAll, rate } from "./check.js";
import { joined } from "./join.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link piecewiseConstant}. */
export interface PiecewiseConstantOptions {
  /** The steps at which the next rate begins, ascending integers >= 1, one fewer than the rates. */
  readonly at: readonly number[];
}

/**
 * One learning rate after the other, each for a stretch of steps.
 *
 * $$ \eta_t = v_{|\{a : a \le t\}|} $$
 *
 * with $v$ = `rates`, counted from 0, over the steps $a$ of `at`. A step of `at` is the first one with the next rate, as in
 * PyTorch and Optax; in Keras it is the last one with the rate before. PyTorch's `ConstantLR` with `factor` f and
 * `total_iters` n on the rate lr is `piecewiseConstant([f * lr, lr], { at: [n] })`.
 *
 * @param rates - the rates in their order, at least one, finite and >= 0
 * @param options - `at`
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { piecewiseConstant } from "@downhill/schedulers";
 *
 * const lr = piecewiseConstant([0.1, 0.05, 0.001], { at: [100, 200] });
 * [lr(0), lr(99), lr(100), lr(199), lr(200), lr(1000)]; // => [0.1, 0.1, 0.05, 0.05, 0.001, 0.001]
 * ```
 * @reference Keras's PiecewiseConstantDecay, https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/, and Optax's piecewise_constant_schedule, https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html
 */
export function piecewiseConstant(rates: readonly number[], options: PiecewiseConstantOptions): Schedule {
  checkAll("piecewiseConstant", "rates", rates, rate);
  const schedules = rates.map((each) => () => each);
  return joined("piecewiseConstant", schedules, options);
}
