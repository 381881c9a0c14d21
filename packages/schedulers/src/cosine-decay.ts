import { between, count, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";
import { shapes, through } from "./through.js";

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The number of steps from `lr` down to `end`, an integer >= 1. */
  readonly steps: number;
  /** The last rate, from 0 to `lr`. @defaultValue 0 */
  readonly end?: number | undefined;
}

/**
 * A learning rate that falls along half a cosine wave: slowly, fast, slowly.
 *
 * $$ \eta_t = e + \tfrac{1}{2} (\eta_0 - e) \left(1 + \cos \frac{\pi \min(t, n)}{n}\right) $$
 *
 * with $e$ = `end` and $n$ = `steps`. From step `steps` on it stays at `end`, as in Optax and Keras (their `alpha` is
 * `end / lr`); PyTorch's `CosineAnnealingLR` would rise again.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `steps`, and `end` (default 0)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { cosineDecay } from "@downhill/schedulers";
 *
 * const lr = cosineDecay(1, { steps: 4, end: 0.1 });
 * [lr(0), lr(1), lr(2), lr(3), lr(4), lr(5)]; // => [1, 0.8682, 0.55, 0.2318, 0.1, 0.1]
 * ```
 * @reference Loshchilov & Hutter (2016), SGDR: Stochastic Gradient Descent with Warm Restarts, https://arxiv.org/abs/1608.03983
 */
export function cosineDecay(lr: number, options: CosineDecayOptions): Schedule {
  return scheduleOf(
    "cosineDecay",
    ["lr", lr, rate],
    options,
    { steps: [count], end: [between(0, lr), 0] },
    ({ steps, end }) => through([0, lr], [steps, end, shapes.cosine]),
  );
}
