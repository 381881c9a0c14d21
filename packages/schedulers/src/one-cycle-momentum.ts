import { between, guarded, settings } from "./check.js";
import type { Cycle } from "./cycle.js";
import { around, rows } from "./cycle.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link oneCycleMomentum}. */
export interface OneCycleMomentumOptions extends Cycle {
  /** The momentum at the peak of the rate, from 0 to `max`. @defaultValue 0.85 */
  readonly base?: number | undefined;
  /** The first and the last momentum, from 0 to 1. @defaultValue 0.95 */
  readonly max?: number | undefined;
}

/**
 * The momentum that goes with {@link oneCycle}: lowest at the peak of the rate.
 *
 * $$ \mu_{\max} \;\longrightarrow\; \mu_{\mathrm{base}} \;\longrightarrow\; \mu_{\max} $$
 *
 * over the same steps as the rate. Give both the same `steps`, `warmupFraction`, `shape` and `threePhase`.
 *
 * @param options - `steps`, `warmupFraction` (default 0.3), `base` (default 0.85), `max` (default 0.95), `shape` (default
 * "cosine") and `threePhase` (default false)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { oneCycleMomentum } from "@downhill/schedulers";
 *
 * const momentum = oneCycleMomentum({ steps: 10 });
 * [momentum(0), momentum(1), momentum(2), momentum(9)]; // => [0.95, 0.9, 0.85, 0.95]
 * ```
 * @reference PyTorch's OneCycleLR with cycle_momentum, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  const top = options?.max ?? 0.95;
  const { base, max, ...cycle } = settings("oneCycleMomentum", options, {
    max: [between(0, 1), top],
    base: [between(0, top), 0.85],
    ...rows(options),
  });
  return guarded("oneCycleMomentum", around(cycle, max, base, max, max));
}
