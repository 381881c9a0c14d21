import { between, guarded, settings } from "./check.js";
import type { CyclicWave } from "./cyclic-wave.js";
import { height, rows } from "./cyclic-wave.js";
import type { Schedule } from "./schedule.js";
import { blend } from "./through.js";

/** Options of {@link cyclicMomentum}. */
export interface CyclicMomentumOptions extends CyclicWave {
  /** The momentum where the rate is highest, from 0 to `max`. @defaultValue 0.8 */
  readonly base?: number | undefined;
  /** The momentum of the first step and where the rate is lowest, from 0 to 1. @defaultValue 0.9 */
  readonly max?: number | undefined;
}

/**
 * The momentum that goes with {@link cyclic}: high where the rate is low, and low where it is high.
 *
 * $$ \mu_t = \mu_{\max} - (\mu_{\max} - \mu_{\mathrm{base}}) \, w_t $$
 *
 * with the wave $w_t$ of `cyclic`. Give both the same `up`, `down`, `mode` and `gamma`.
 *
 * @param options - `up`, `down` (default `up`), `mode` (default "triangular"), `gamma` (default 1), `base` (default 0.8) and
 * `max` (default 0.9)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { cyclicMomentum } from "@downhill/schedulers";
 *
 * [0, 1, 2, 3, 4].map(cyclicMomentum({ up: 2 })); // => [0.9, 0.85, 0.8, 0.85, 0.9]
 * ```
 * @reference PyTorch's CyclicLR with cycle_momentum, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 */
export function cyclicMomentum(options: CyclicMomentumOptions): Schedule {
  const top = options?.max ?? 0.9;
  const { base, max, ...wave } = settings("cyclicMomentum", options, {
    max: [between(0, 1), top],
    base: [between(0, top), 0.8],
    ...rows(options),
  });
  const heightAt = height(wave);
  return guarded("cyclicMomentum", (step) => blend(base, max, heightAt(step)));
}
