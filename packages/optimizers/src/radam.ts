import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { decayed, penalized } from "./weight-decay.js";

/** Options of {@link RAdam}, complete. */
export interface RAdamSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the mean square stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the denominator, at least 0, or a schedule. @defaultValue 1e-8 */
  readonly eps: number | Schedule;
  /** How much of the parameter decays, at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Let the decay shrink the parameter directly instead of adding to the gradient. @defaultValue false */
  readonly decoupledWeightDecay: boolean;
}

/** Options of {@link RAdam}. */
export type RAdamOptions = OptimizerOptions<RAdamSettings>;

/** How much the adaptive step is trusted; null while its variance is unknown. */
function rectification(beta2: number, step: number): number | null {
  const most = 2 / (1 - beta2) - 1;
  const length = most - (2 * step * beta2 ** step) / (1 - beta2 ** step);
  if (length <= 5) return null;
  return Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
}

type Numbers = "beta1" | "rest1" | "beta2" | "rest2" | "plain" | "adaptive" | "eps" | "weightDecay" | "keep";

const rule: Rule<RAdamSettings, { readonly mean: Parameter; readonly square: Parameter }, Numbers> = {
  name: "RAdam",
  defaults: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupledWeightDecay: false },
  ranges: { betas: share, eps: atLeast0, weightDecay: atLeast0 },
  init: (parameter) => ({ mean: slot(parameter, "mean"), square: slot(parameter, "square") }),
  // Both kinds of step are always in the graph, one of them times 0: no new plan when the variance becomes known.
  numbers({ betas: [beta1, beta2], eps, weightDecay }, { step, lr }) {
    const trust = rectification(beta2, step);
    const rate = lr / (1 - beta1 ** step);
    return {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      plain: trust === null ? rate : 0,
      adaptive: trust === null ? 0 : rate * trust * Math.sqrt(1 - beta2 ** step),
      // Any number above 0 does where the quotient does not count.
      eps: trust === null ? 1 : eps,
      weightDecay,
      keep: 1 - lr * weightDecay,
    };
  },
  update(gradient, slots, parameter, numbers, settings) {
    const { beta1, rest1, beta2, rest2, plain, adaptive, eps, weightDecay, keep } = numbers;
    const apart = settings.decoupledWeightDecay;
    const g = apart ? gradient : penalized(gradient, parameter, weightDecay, settings);
    const from = apart ? decayed(parameter, keep, settings) : parameter;
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    const square = slots.square.mul(beta2).add(g.square().mul(rest2));
    const step = mean.mul(plain).add(mean.mul(adaptive).div(square.sqrt().add(eps)));
    return { parameter: from.sub(step), slots: { mean, square } };
  },
};

/**
 * Rectified Adam: momentum alone for the first steps, while the mean square is too uncertain to divide by, then Adam with a
 * step that grows with that certainty. It needs no warm-up.
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \quad v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2, \quad
 * \rho_\infty = \frac{2}{1 - \beta_2} - 1, \quad \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t} $$
 *
 * $$ \theta_t = \theta_{t-1} - \frac{\eta\, m_t}{1 - \beta_1^t} \cdot \begin{cases}
 * \sqrt{\frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}}
 * \frac{\sqrt{1 - \beta_2^t}}{\sqrt{v_t} + \epsilon} & \rho_t > 5 \\ 1 & \text{else} \end{cases} $$
 *
 * with $g_t = \nabla_t + \lambda \theta_{t-1}$. The slots `mean` ($m$) and `square` ($v$) have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (at least 0, default 1e-8; where
 * PyTorch has it, beside the uncorrected root), `weightDecay` (at least 0, default 0; an L2 penalty), `decoupledWeightDecay`
 * (default false; true multiplies the parameter by $1 - \eta \lambda$ instead). What is no flag may be a schedule, and there
 * are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { RAdam } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new RAdam([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.997002, -1.994003]
 * ```
 * @reference Liu et al. (2020), On the Variance of the Adaptive Learning Rate and Beyond, https://arxiv.org/abs/1908.03265, in the form of PyTorch's RAdam, https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 */
export class RAdam extends Optimizer {
  constructor(parameters: Trainable<RAdamOptions>, options: RAdamOptions = {}) {
    super(rule, parameters, options);
  }
}
