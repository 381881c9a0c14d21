import { between, index, oneOf, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";
import { shapes, through } from "./through.js";

/** Options of {@link warmupStableDecay}. */
export interface WarmupStableDecayOptions {
  /** The number of steps from `from` up to the peak, an integer >= 0. */
  readonly warmupSteps: number;
  /** The number of steps at the peak, an integer >= 0. */
  readonly stableSteps: number;
  /** The number of steps from the peak down to `end`, an integer >= 0. */
  readonly decaySteps: number;
  /** The way down: the first is steepest at first, "cosine" in the middle. @defaultValue "1-sqrt" */
  readonly shape?: "1-sqrt" | "linear" | "cosine" | undefined;
  /** The rate of the first step, from 0 to the peak. @defaultValue 0 */
  readonly from?: number | undefined;
  /** The last rate, from 0 to the peak. @defaultValue 0 */
  readonly end?: number | undefined;
}

/**
 * A learning rate that climbs along a straight line, stays, and falls at the end of the training only, so that the end can
 * be decided late.
 *
 * $$ \eta_t = \begin{cases} f + (p - f) \, t / w & t < w \\ p & w \le t < w + s \\ e + (p - e) \, g(\tfrac{t - w - s}{d}) & w + s \le t < w + s + d \\ e & \text{else} \end{cases} $$
 *
 * with $p$ = `peak`, $f$ = `from`, $e$ = `end`, and $w$, $s$, $d$ = `warmupSteps`, `stableSteps`, `decaySteps`. The way down
 * is $g(u) = 1 - \sqrt{u}$, with "linear" $1 - u$, with "cosine" $(1 + \cos \pi u) / 2$. The default of `shape` is that of
 * the paper and of pytorch_optimizer; transformers has "cosine". (pytorch_optimizer's "1-sqrt" heads for 0 and then jumps to
 * the last rate; here it heads for `end`.)
 *
 * @param peak - the highest rate, finite and >= 0
 * @param options - `warmupSteps`, `stableSteps`, `decaySteps`, `shape` (default "1-sqrt"), `from` (default 0) and `end`
 * (default 0)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { warmupStableDecay } from "@downhill/schedulers";
 *
 * const lr = warmupStableDecay(1, { warmupSteps: 2, stableSteps: 2, decaySteps: 4 });
 * [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(lr); // => [0, 0.5, 1, 1, 1, 0.5, 0.2929, 0.1340, 0, 0]
 * ```
 * @reference Hägele et al. (2024), Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations, https://arxiv.org/abs/2405.18392; pytorch_optimizer's get_wsd_schedule, https://github.com/kozistr/pytorch_optimizer
 */
export function warmupStableDecay(peak: number, options: WarmupStableDecayOptions): Schedule {
  const upToPeak = between(0, peak);
  return scheduleOf(
    "warmupStableDecay",
    ["peak", peak, rate],
    options,
    {
      warmupSteps: [index],
      stableSteps: [index],
      decaySteps: [index],
      shape: [oneOf("1-sqrt", "linear", "cosine"), "1-sqrt"],
      from: [upToPeak, 0],
      end: [upToPeak, 0],
    },
    ({ warmupSteps, stableSteps, decaySteps, shape, from, end }) => {
      const falls = warmupSteps + stableSteps;
      return through([0, from], [warmupSteps, peak], [falls, peak], [falls + decaySteps, end, shapes[shape]]);
    },
  );
}
