import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link Adamax}, complete. */
export interface AdamaxSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 2e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the largest magnitude stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the magnitude of the gradient, at least 0, or a schedule. @defaultValue 1e-8 */
  readonly eps: number | Schedule;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
}

/** Options of {@link Adamax}. */
export type AdamaxOptions = OptimizerOptions<AdamaxSettings>;

const rule: Rule<
  AdamaxSettings,
  { readonly mean: Parameter; readonly largest: Parameter },
  "beta1" | "rest1" | "beta2" | "rate" | "eps" | "weightDecay"
> = {
  name: "Adamax",
  defaults: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 },
  ranges: { betas: share, eps: atLeast0, weightDecay: atLeast0 },
  init: (parameter) => ({ mean: slot(parameter, "mean"), largest: slot(parameter, "largest") }),
  numbers: ({ betas: [beta1, beta2], eps, weightDecay }, { step, lr }) => ({
    beta1,
    rest1: 1 - beta1,
    beta2,
    rate: lr / (1 - beta1 ** step),
    eps,
    weightDecay,
  }),
  update(gradient, slots, parameter, { beta1, rest1, beta2, rate, eps, weightDecay }, settings) {
    const g = penalized(gradient, parameter, weightDecay, settings);
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    const largest = slots.largest.mul(beta2).maximum(g.abs().add(eps));
    return { parameter: parameter.sub(mean.div(largest).mul(rate)), slots: { mean, largest } };
  },
};

/**
 * Adam with the largest recent magnitude of the gradient in place of the root of its mean square.
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad u_t = \max(\beta_2 u_{t-1}, |g_t| + \epsilon), \qquad
 * \theta_t = \theta_{t-1} - \frac{\eta}{1 - \beta_1^t} \cdot \frac{m_t}{u_t} $$
 *
 * with $g_t = \nabla_t + \lambda \theta_{t-1}$. The slots `mean` ($m$) and `largest` ($u$) have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 2e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (at least 0, default 1e-8; inside the
 * maximum as in PyTorch, not beside the division as in Keras), `weightDecay` (at least 0, default 0; an L2 penalty). All of
 * them may be schedules, and there are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Adamax } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new Adamax([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.994, -1.993997]
 * ```
 * @reference Kingma & Ba (2015), Adam: A Method for Stochastic Optimization, section 7, https://arxiv.org/abs/1412.6980, in the form of PyTorch's Adamax, https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 */
export class Adamax extends Optimizer {
  constructor(parameters: Trainable<AdamaxOptions>, options: AdamaxOptions = {}) {
    super(rule, parameters, options);
  }
}
