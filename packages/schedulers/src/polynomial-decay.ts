import { between, count, positive, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";
import { through } from "./through.js";

/** Options of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The number of steps from `lr` down to `end`, an integer >= 1. */
  readonly steps: number;
  /** The power of the polynomial, > 0: 1 is a straight line, above 1 the fall is steepest at first. @defaultValue 1 */
  readonly power?: number | undefined;
  /** The last rate, from 0 to `lr`. @defaultValue 0 */
  readonly end?: number | undefined;
}

/**
 * A learning rate that falls as a power of the steps that are left.
 *
 * $$ \eta_t = e + (\eta_0 - e) \left(1 - \frac{\min(t, n)}{n}\right)^p $$
 *
 * with $e$ = `end`, $n$ = `steps` and $p$ = `power`. From step `steps` on it stays at `end`. The default of `end` is
 * PyTorch's; Keras has 1e-4.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `steps`, `power` (default 1) and `end` (default 0)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { polynomialDecay } from "@downhill/schedulers";
 *
 * const lr = polynomialDecay(1, { steps: 4, power: 2 });
 * [lr(0), lr(1), lr(2), lr(3), lr(4), lr(5)]; // => [1, 0.5625, 0.25, 0.0625, 0, 0]
 * ```
 * @reference PyTorch's PolynomialLR, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export function polynomialDecay(lr: number, options: PolynomialDecayOptions): Schedule {
  return scheduleOf(
    "polynomialDecay",
    ["lr", lr, rate],
    options,
    { steps: [count], power: [positive, 1], end: [between(0, lr), 0] },
    ({ steps, power, end }) => through([0, lr], [steps, end, (done) => (1 - done) ** power]),
  );
}
