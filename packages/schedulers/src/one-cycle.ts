import { atLeast, rate, scheduleOf } from "./check.js";
import type { Cycle } from "./cycle.js";
import { around, rows } from "./cycle.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link oneCycle}. */
export interface OneCycleOptions extends Cycle {
  /** The first rate is the peak divided by this, a finite number >= 1. @defaultValue 25 */
  readonly divideBy?: number | undefined;
  /** The last rate is the first divided by this, a finite number >= 1. @defaultValue 1e4 */
  readonly finalDivideBy?: number | undefined;
}

/**
 * A learning rate that climbs to a peak and falls far below where it began, once: the 1cycle policy.
 *
 * $$ \tfrac{p}{d} \;\longrightarrow\; p \;\longrightarrow\; \tfrac{p}{d f} $$
 *
 * with $p$ = `peak`, $d$ = `divideBy` and $f$ = `finalDivideBy`, each way along half a cosine wave (or a straight line). Of
 * $n$ = `steps` steps the peak is at $w n - 1$ with $w$ = `warmupFraction`, which need not be a whole number; step $n - 1$
 * is the last one, and its rate holds (PyTorch throws there). With `threePhase` the rate is $p / d$ again at $2 (w n - 1)$.
 * A warm-up of less than one step is none: the first rate is the peak.
 *
 * PyTorch's `OneCycleLR` moves momentum along: {@link oneCycleMomentum}.
 *
 * @param peak - the highest rate, finite and >= 0
 * @param options - `steps`, `warmupFraction` (default 0.3), `divideBy` (default 25), `finalDivideBy` (default 1e4), `shape`
 * (default "cosine") and `threePhase` (default false)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { oneCycle } from "@downhill/schedulers";
 *
 * const lr = oneCycle(1, { steps: 10 });
 * [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(lr); // => [0.04, 0.52, 1, 0.9505, 0.8117, 0.6113, 0.3887, 0.1883, 0.04952, 4e-6]
 * ```
 * @reference Smith & Topin (2017), Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, https://arxiv.org/abs/1708.07120; PyTorch's OneCycleLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 */
export function oneCycle(peak: number, options: OneCycleOptions): Schedule {
  return scheduleOf(
    "oneCycle",
    ["peak", peak, rate],
    options,
    { ...rows(options), divideBy: [atLeast(1), 25], finalDivideBy: [atLeast(1), 1e4] },
    ({ divideBy, finalDivideBy, ...cycle }) => {
      const first = peak / divideBy;
      return around(cycle, first, peak, first, first / finalDivideBy);
    },
  );
}
