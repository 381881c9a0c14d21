import { between, check, guarded, index, schedule as kind, settings } from "./check.js";
import type { Schedule } from "./schedule.js";
import { blend } from "./through.js";

/** Options of {@link warmup}. */
export interface WarmupOptions {
  /** The number of steps before the schedule begins, an integer >= 0. */
  readonly steps: number;
  /** The rate of the first step, from 0 to the first one of the schedule. @defaultValue 0 */
  readonly from?: number | undefined;
}

/**
 * A climb along a straight line in front of a schedule.
 *
 * $$ \eta_t = \begin{cases} f + (s(0) - f) \, t / w & t < w \\ s(t - w) & t \ge w \end{cases} $$
 *
 * with $s$ = `schedule`, $w$ = `steps` and $f$ = `from`. The schedule is moved, not cut: it counts its steps from the end of
 * the warm-up, as in Optax and in PyTorch's `SequentialLR`, so step `steps` has its first rate and no step has more than
 * its highest. For a training of $n$ steps give the schedule $n - w$ of them. With `from: 0` the first step has the rate 0
 * and moves nothing, as in transformers; PyTorch's `LinearLR` begins at a third.
 *
 * @param schedule - what follows the warm-up. Its first rate is read anew at each step
 * @param options - `steps`, and `from` (default 0)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { cosineDecay, warmup } from "@downhill/schedulers";
 *
 * const lr = warmup(cosineDecay(1, { steps: 4 }), { steps: 2 });
 * [0, 1, 2, 3, 4, 5, 6, 7].map(lr); // => [0, 0.5, 1, 0.8536, 0.5, 0.1464, 0, 0]
 *
 * [0, 1, 2, 3].map(warmup(cosineDecay(1, { steps: 4 }), { steps: 2, from: 0.8 })); // => [0.8, 0.9, 1, 0.8536]
 * ```
 * @reference Goyal et al. (2017), Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, section 2.2, https://arxiv.org/abs/1706.02677
 */
export function warmup(schedule: Schedule, options: WarmupOptions): Schedule {
  check("warmup", "schedule", schedule, kind);
  const { steps, from } = settings("warmup", options, { steps: [index], from: [between(0, schedule(0)), 0] });
  return guarded("warmup", (step) =>
    step < steps ? blend(from, schedule(0), 1 - step / steps) : schedule(step - steps),
  );
}
