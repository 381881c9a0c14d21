import { checkRate, checkSteps } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The number of steps from `lr` down to `floor`, an integer >= 1. */
  readonly steps: number;
  /** The last rate, finite, >= 0 and at most `lr`. @defaultValue 0 */
  readonly floor?: number;
}

/**
 * A learning rate that falls along half a cosine wave: slowly, fast, slowly.
 *
 * $$ \eta_t = f + \tfrac{1}{2} (\eta_0 - f) \left(1 + \cos \frac{\pi \min(t, n)}{n}\right) $$
 *
 * with $f$ = `floor` and $n$ = `steps`. From step `steps` on it stays at the floor (PyTorch's would rise again).
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `steps`, and `floor` (default 0)
 * @returns the schedule
 * @throws RangeError when an argument is out of its range; the schedule, when its step is not an integer >= 0
 * @example
 * ```ts
 * import { cosineDecay } from "@downhill/schedulers";
 *
 * const lr = cosineDecay(1, { steps: 4, floor: 0.1 });
 * [lr(0), lr(1), lr(2), lr(3), lr(4), lr(5)]; // => [1, 0.8682, 0.55, 0.2318, 0.1, 0.1]
 * ```
 * @reference Loshchilov & Hutter (2016), SGDR: Stochastic Gradient Descent with Warm Restarts, https://arxiv.org/abs/1608.03983
 */
export function cosineDecay(lr: number, { steps, floor = 0 }: CosineDecayOptions): Schedule {
  checkRate("cosineDecay", "lr", lr);
  checkSteps("cosineDecay", "steps", steps, 1);
  checkRate("cosineDecay", "floor", floor);
  if (floor > lr) throw new RangeError(`cosineDecay: "floor" expected a number <= "lr" (${lr}), got ${floor}`);
  return (step) => {
    checkSteps("cosineDecay", "step", step, 0);
    return floor + ((lr - floor) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2;
  };
}
