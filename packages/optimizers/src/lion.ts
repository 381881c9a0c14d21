import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { decayed } from "./weight-decay.js";

/** Options of {@link Lion}, complete. */
export interface LionSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-4 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient counts in the direction, and how much of it stays; each in [0, 1) or a schedule. @defaultValue [0.9, 0.99] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Each step takes `lr` times this times the parameter away; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
}

/** Options of {@link Lion}. */
export type LionOptions = OptimizerOptions<LionSettings>;

const rule: Rule<LionSettings, { readonly mean: Parameter }, "beta1" | "rest1" | "beta2" | "rest2" | "lr" | "shrink"> =
  {
    name: "Lion",
    defaults: { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 },
    ranges: { betas: share, weightDecay: atLeast0 },
    init: (parameter) => ({ mean: slot(parameter, "mean") }),
    numbers: ({ betas: [beta1, beta2], weightDecay }, { lr }) => ({
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      lr,
      shrink: 1 - lr * weightDecay,
    }),
    update(g, { mean }, parameter, { beta1, rest1, beta2, rest2, lr, shrink }, settings) {
      const direction = mean.mul(beta1).add(g.mul(rest1)).sign();
      const kept = decayed(parameter, shrink, settings);
      return { parameter: kept.sub(direction.mul(lr)), slots: { mean: mean.mul(beta2).add(g.mul(rest2)) } };
    },
  };

/**
 * Lion: every element moves by the learning rate, in the direction of the sign of a mean gradient. Its rate is 3 to 10 times
 * smaller than Adam's, and its weight decay as many times larger.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2$ and weight decay $\lambda$, a parameter $\theta$ and its gradient $g_t$
 * give
 *
 * $$ \theta_t = \theta_{t-1} - \eta \left( \mathrm{sign}(\beta_1 m_{t-1} + (1 - \beta_1) g_t) + \lambda \theta_{t-1} \right),
 * \qquad m_t = \beta_2 m_{t-1} + (1 - \beta_2) g_t $$
 *
 * The slot `mean` ($m$) starts at 0 and has the parameter's shape. An element whose mean is exactly 0 doesn't move.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-4), `betas` (each in [0, 1), default [0.9, 0.99]), `weightDecay` (at least 0, default 0, as in the
 * authors' code; Optax has 1e-3).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Lion } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2, 0]);
 * const optimizer = new Lion([weight], { lr: 0.1 });
 * weight.square().sum().backward();
 * await optimizer.step();
 * await weight.array(); // => [0.9, -1.9, 0]
 * ```
 * @reference Chen et al. (2023), Symbolic Discovery of Optimization Algorithms, https://arxiv.org/abs/2302.06675; defaults of its code, https://github.com/google/automl/tree/master/lion
 */
export class Lion extends Optimizer {
  constructor(parameters: Trainable<LionOptions>, options: LionOptions = {}) {
    super(rule, parameters, options);
  }
}
