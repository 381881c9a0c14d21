import { boundaries, checkAll, guarded, schedule, settings } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link join}. */
export interface JoinOptions {
  /** The steps at which the next schedule begins, ascending integers >= 1, one fewer than the schedules. */
  readonly at: readonly number[];
}

/**
 * One schedule after the other, each counting its steps from its own beginning.
 *
 * $$ \eta_t = s_i(t - a_i) \quad\text{for}\quad a_i \le t < a_{i+1} $$
 *
 * for the schedules $s_0, s_1, \dots$ with $a_0 = 0$ and $a_1, a_2, \dots$ = `at`. The step at which a schedule begins is its
 * step 0, as in PyTorch's `SequentialLR` and Optax's `join_schedules`. The last schedule goes on for ever.
 *
 * @param schedules - the schedules in their order, at least one
 * @param options - `at`
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0,
 * or a schedule gives no finite number >= 0
 * @example
 * ```ts
 * import { constant, cosineDecay, join } from "@downhill/schedulers";
 *
 * const lr = join([constant(1), cosineDecay(1, { steps: 4 })], { at: [1000] });
 * [lr(0), lr(999), lr(1000), lr(1002), lr(1004), lr(9999)]; // => [1, 1, 1, 0.5, 0, 0]
 * ```
 * @reference PyTorch's SequentialLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 */
export function join(schedules: readonly Schedule[], options: JoinOptions): Schedule {
  checkAll("join", "schedules", schedules, schedule);
  return joined("join", schedules, options);
}

/** The schedules in turn; errors are those of `fn`. */
export function joined(fn: string, schedules: readonly Schedule[], options: JoinOptions): Schedule {
  const { at } = settings(fn, options, { at: [boundaries(schedules.length - 1)] });
  return guarded(fn, (step) => {
    const part = at.filter((start) => start <= step).length;
    return (schedules[part] as Schedule)(step - (at[part - 1] ?? 0));
  });
}
