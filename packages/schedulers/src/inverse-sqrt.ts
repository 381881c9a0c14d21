import { count, rate, scheduleOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link inverseSqrt}. */
export interface InverseSqrtOptions {
  /** How slowly the rate falls, an integer >= 1: after three times as many steps it has halved. @defaultValue 10_000 */
  readonly timescale?: number | undefined;
}

/**
 * A learning rate that falls as one over the square root of the number of steps.
 *
 * $$ \eta_t = \eta_0 \sqrt{\frac{\tau}{t + \tau}} $$
 *
 * with $\tau$ = `timescale`. With a {@link warmup} of $\tau$ steps in front, this is the schedule of the first transformer:
 * from the end of the warm-up on $\eta_0 \sqrt{\tau / t}$ over the steps $t$ of the whole. It goes on for ever.
 *
 * @param lr - the rate of the first step, finite and >= 0
 * @param options - `timescale` (default 10,000, that of T5)
 * @returns the schedule
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { inverseSqrt, warmup } from "@downhill/schedulers";
 *
 * const lr = inverseSqrt(1, { timescale: 100 });
 * [lr(0), lr(300), lr(800)]; // => [1, 0.5, 0.333333]
 *
 * const transformer = warmup(lr, { steps: 100 });
 * [transformer(50), transformer(100), transformer(400)]; // => [0.5, 1, 0.5]
 * ```
 * @reference Vaswani et al. (2017), Attention Is All You Need, section 5.3, https://arxiv.org/abs/1706.03762; `timescale` as in get_inverse_sqrt_schedule of transformers, https://huggingface.co/docs/transformers/main_classes/optimizer_schedules
 */
export function inverseSqrt(lr: number, options: InverseSqrtOptions = {}): Schedule {
  return scheduleOf(
    "inverseSqrt",
    ["lr", lr, rate],
    options,
    { timescale: [count, 10_000] },
    ({ timescale }) =>
      (step) =>
        lr * Math.sqrt(timescale / (step + timescale)),
  );
}
