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

/** Options of {@link ScheduleFreeSGD}, complete. */
export interface ScheduleFreeSGDSettings {
  /** Learning rate: a finite number of at least 0, or a schedule, which it does without. @defaultValue 1 */
  readonly lr: number | Schedule;
  /** Where gradients are taken between the newest point (0) and the average (1), in (0, 1). @defaultValue 0.9 */
  readonly momentum: number;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Steps over which the rate rises linearly; an integer of at least 0. @defaultValue 0 */
  readonly warmupSteps: number;
  /** Step $t$ counts $t^r$ in the average; at least 0. @defaultValue 0 */
  readonly r: number;
  /** Steps count the largest rate so far to this power in the average, at least 0. @defaultValue 2 */
  readonly weightLrPower: number;
}

/** Options of {@link ScheduleFreeSGD}. */
export type ScheduleFreeSGDOptions = OptimizerOptions<ScheduleFreeSGDSettings>;

const rule: Rule<ScheduleFreeSGDSettings, { readonly z: Parameter }, ScheduleFreeNumbers | "weightDecay"> = {
  name: "ScheduleFreeSGD",
  defaults: { lr: 1, momentum: 0.9, weightDecay: 0, warmupSteps: 0, r: 0, weightLrPower: 2 },
  ranges: { ...scheduleFreeRanges, momentum: { low: 0, high: 1, open: "both" } },
  kept: scheduleFreeKept,
  keep: keepScheduleFree,
  init: (parameter) => ({ z: slot(parameter, "z", { start: parameter }) }),
  numbers: (settings, info) => ({
    ...scheduleFreeNumbers(settings, settings.momentum, info),
    weightDecay: settings.weightDecay,
  }),
  update(gradient, slots, parameter, numbers, settings) {
    const g = penalized(gradient, parameter, numbers.weightDecay, settings);
    const { y, z } = move(parameter, slots.z, g, numbers);
    return { parameter: y, slots: { z } };
  },
};

/**
 * Schedule-free SGD: trains as if the learning rate came down, without a schedule and without knowing when training ends: it
 * is the average of the steps that is used, and gradients are taken near it.
 *
 * With learning rate $\eta_t$ (rising over the warm-up, then $\eta$), momentum $\mu$ and weight decay $\lambda$, and gradients
 * $g_t$ at $y_t$,
 *
 * $$ z_{t+1} = z_t - \eta_t (g_t + \lambda y_t), \qquad
 * x_{t+1} = (1 - c_t) x_t + c_t z_{t+1}, \qquad
 * y_{t+1} = \mu x_{t+1} + (1 - \mu) z_{t+1}, \qquad
 * c_t = \frac{t^r (\max_{s \le t} \eta_s)^p}{\sum_{i=1}^t i^r (\max_{s \le i} \eta_s)^p} $$
 *
 * All begin at the parameters. While training the parameters are $y$. `await optimizer.eval()` makes them the average $x$: call
 * it before validating, and before saving the model; `await optimizer.train()` takes them back to $y$. Until then steps and
 * state dicts are refused. One slot is kept, `z`, of the parameter's shape: $x$ follows from $y$ and $z$, so a round trip of the
 * modes rounds. Models with batch normalization need its statistics at $x$: some forward passes in training mode after `eval()`.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1; 10 to 50 times that of SGD), `momentum` (in (0, 1), default 0.9), `weightDecay` (at least 0, default
 * 0), `warmupSteps` (an integer of at least 0, default 0), `r` (at least 0, default 0), `weightLrPower` ($p$, at least 0, default
 * 2).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { ScheduleFreeSGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([4, -2]);
 * const optimizer = new ScheduleFreeSGD([weight], { lr: 0.25 });
 * await optimizer.minimize(() => weight.square().sum());
 * await optimizer.minimize(() => weight.square().sum());
 * await weight.array(); // => [1.45, -0.725]
 * await optimizer.eval();
 * // The mean of 2 and 1.
 * await weight.array(); // => [1.5, -0.75]
 * await optimizer.train();
 * ```
 * @reference Defazio et al. (2024), The Road Less Scheduled, https://arxiv.org/abs/2405.15682; in the form of its code, https://github.com/facebookresearch/schedule_free
 */
export class ScheduleFreeSGD extends ScheduleFree {
  constructor(parameters: Trainable<ScheduleFreeSGDOptions>, options: ScheduleFreeSGDOptions = {}) {
    super(rule, parameters, options);
  }

  /** @internal */
  protected override momentum({ momentum }: ScheduleFreeSGDSettings): number {
    return momentum;
  }
}
