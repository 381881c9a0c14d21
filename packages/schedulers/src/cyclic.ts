import { atLeast, rate, scheduleOf } from "./check.js";
import type { CyclicWave } from "./cyclic-wave.js";
import { height, rows } from "./cyclic-wave.js";
import type { Schedule } from "./schedule.js";
import { blend } from "./through.js";

/** Options of {@link cyclic}. */
export interface CyclicOptions extends CyclicWave {
  /** The rate at the top of a wave, at least `low`. */
  readonly high: number;
}

/**
 * A learning rate that climbs from `low` to `high` and back along straight lines, again and again.
 *
 * $$ \eta_t = l + (h - l) \, w_t, \qquad w_t = a_t \cdot \begin{cases} u / n & u \le n \\ (n + m - u) / m & u > n \end{cases} $$
 *
 * with $l$ = `low`, $h$ = `high`, $n$ = `up`, $m$ = `down` and $u = t \bmod (n + m)$. The height $a_t$ is $\gamma^t$,
 * with mode "triangular2" $\gamma^t \, 2^{-\lfloor t / (n + m) \rfloor}$, where $\gamma$ = `gamma` is 1 unless it is given.
 * It goes on for ever.
 * PyTorch's `CyclicLR` moves momentum along: {@link cyclicMomentum}.
 *
 * @param low - the rate of the first step and at the bottom of each wave, finite and >= 0
 * @param options - `high`, `up`, `down` (default `up`), `mode` (default "triangular") and `gamma` (default 1)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { cyclic } from "@downhill/schedulers";
 *
 * const lr = cyclic(0.1, { high: 1, up: 3 });
 * [0, 1, 2, 3, 4, 5, 6].map(lr); // => [0.1, 0.4, 0.7, 1, 0.7, 0.4, 0.1]
 *
 * const halving = cyclic(0, { high: 1, up: 1, mode: "triangular2" });
 * [0, 1, 2, 3, 4, 5].map(halving); // => [0, 1, 0, 0.5, 0, 0.25]
 * ```
 * @reference Smith (2015), Cyclical Learning Rates for Training Neural Networks, https://arxiv.org/abs/1506.01186; PyTorch's CyclicLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 */
export function cyclic(low: number, options: CyclicOptions): Schedule {
  return scheduleOf(
    "cyclic",
    ["low", low, rate],
    options,
    { high: [atLeast(low)], ...rows(options) },
    ({ high, ...wave }) => {
      const heightAt = height(wave);
      return (step) => blend(high, low, heightAt(step));
    },
  );
}
