import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import type { Rule } from "./rule.js";
import type { ScheduleFreeNumbers } from "./schedule-free.js";
import {
  keepScheduleFree,
  move,
  ScheduleFree,
  scheduleFreeKept,
  scheduleFreeNumbers,
  scheduleFreeRanges,
} from "./schedule-free.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link ScheduleFreeAdamW}, complete. */
export interface ScheduleFreeAdamWSettings {
  /** Learning rate: a finite number of at least 0, or a schedule, which it does without. @defaultValue 0.0025 */
  readonly lr: number | Schedule;
  /** Where gradients are taken between the newest point (0) and the average (1), above 0; how much of the mean square stays; both below 1. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number, number];
  /** Added to the denominator, at least 0. @defaultValue 1e-8 */
  readonly eps: number;
  /** Each step takes `lr` times this times the parameter away; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Steps over which the rate rises linearly; an integer of at least 0. @defaultValue 0 */
  readonly warmupSteps: number;
  /** Step $t$ counts $t^r$ in the average; at least 0. @defaultValue 0 */
  readonly r: number;
  /** Steps count the largest rate so far to this power in the average, at least 0. @defaultValue 2 */
  readonly weightLrPower: number;
}

/** Options of {@link ScheduleFreeAdamW}. */
export type ScheduleFreeAdamWOptions = OptimizerOptions<ScheduleFreeAdamWSettings>;

/** Where steps are taken, and the running mean of squared gradients. */
interface ScheduleFreeAdamWSlots {
  readonly z: Parameter;
  readonly square: Parameter;
}

type Numbers = ScheduleFreeNumbers | "beta2" | "rest2" | "scale" | "eps" | "weightDecay";

const rule: Rule<ScheduleFreeAdamWSettings, ScheduleFreeAdamWSlots, Numbers> = {
  name: "ScheduleFreeAdamW",
  defaults: { lr: 0.0025, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, warmupSteps: 0, r: 0, weightLrPower: 2 },
  ranges: { ...scheduleFreeRanges, betas: { low: 0, high: 1, open: "high" }, eps: { low: 0 } },
  check({ betas: [beta1] }) {
    if (beta1 === 0)
      throw new RangeError(
        'ScheduleFreeAdamW: "betas[0]" expected a number in (0, 1), got 0; the average is found by dividing by it',
      );
  },
  kept: scheduleFreeKept,
  keep: keepScheduleFree,
  init: (parameter) => ({ z: slot(parameter, "z", { start: parameter }), square: slot(parameter, "square") }),
  numbers(settings, info) {
    const { betas, eps, weightDecay } = settings;
    const [beta1, beta2] = betas;
    const scale = Math.sqrt(1 - beta2 ** info.step);
    return {
      ...scheduleFreeNumbers(settings, beta1, info),
      beta2,
      rest2: 1 - beta2,
      scale,
      eps: eps * scale,
      weightDecay,
    };
  },
  update(g, slots, parameter, numbers, settings) {
    const { beta2, rest2, scale, eps, weightDecay } = numbers;
    const square = slots.square.mul(beta2).add(g.square().mul(rest2));
    const adam = g.mul(scale).div(square.sqrt().add(eps));
    const direction = penalized(adam, parameter, weightDecay, settings);
    const { y, z } = move(parameter, slots.z, direction, numbers);
    return { parameter: y, slots: { z, square } };
  },
};

/**
 * Schedule-free AdamW: trains as if the learning rate came down, without a schedule and without knowing when training ends: it
 * is the average of the steps that is used, and gradients are taken near it.
 *
 * With learning rate $\eta_t$ (rising over the warm-up, then $\eta$), betas $\beta_1, \beta_2$ and weight decay $\lambda$, and
 * gradients $g_t$ at $y_t$,
 *
 * $$ v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2, \qquad
 * z_{t+1} = z_t - \eta_t \left( \frac{g_t}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon} + \lambda y_t \right) $$
 *
 * $$ x_{t+1} = (1 - c_t) x_t + c_t z_{t+1}, \qquad
 * y_{t+1} = \beta_1 x_{t+1} + (1 - \beta_1) z_{t+1}, \qquad
 * c_t = \frac{t^r (\max_{s \le t} \eta_s)^p}{\sum_{i=1}^t i^r (\max_{s \le i} \eta_s)^p} $$
 *
 * The three sequences begin at the parameters. While training the parameters are $y$. `await optimizer.eval()` makes them the
 * average $x$: call it before validating, and before saving the model; `await optimizer.train()` takes them back to $y$. Until
 * then steps and state dicts are refused. The slots `z` and `square` ($v$) have the parameter's shape: $x$ follows from $y$ and
 * $z$, so a round trip of the modes rounds. Models with batch normalization need its statistics at $x$: some forward passes in
 * training mode after `eval()`.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 0.0025; 1 to 10 times that of AdamW), `betas` (the first in (0, 1), the second in [0, 1), default
 * [0.9, 0.999]), `eps` (at least 0, default 1e-8), `weightDecay` (at least 0, default 0), `warmupSteps` (an integer of at least
 * 0, default 0), `r` (at least 0, default 0), `weightLrPower` ($p$, at least 0, default 2).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { ScheduleFreeAdamW } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([4, -2]);
 * const optimizer = new ScheduleFreeAdamW([weight], { lr: 0.1 });
 * for (let step = 0; step < 200; step++) await optimizer.minimize(() => weight.square().sum());
 * await optimizer.eval();
 * (await weight.abs().max().item()) < 0.5; // => true
 * await optimizer.step(); // throws Error: ScheduleFreeAdamW.step: the parameters are averages
 * ```
 * @reference Defazio et al. (2024), The Road Less Scheduled, https://arxiv.org/abs/2405.15682; in the form of its code, https://github.com/facebookresearch/schedule_free
 */
export class ScheduleFreeAdamW extends ScheduleFree {
  constructor(parameters: Trainable<ScheduleFreeAdamWOptions>, options: ScheduleFreeAdamWOptions = {}) {
    super(rule, parameters, options);
  }

  /** @internal */
  protected override momentum({ betas }: ScheduleFreeAdamWSettings): number {
    return betas[0];
  }
}
