import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link RMSprop}, complete. */
export interface RMSpropSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 0.01 */
  readonly lr: number | Schedule;
  /** How much of the mean square stays, in [0, 1), or a schedule. @defaultValue 0.99 */
  readonly alpha: number | Schedule;
  /** Added to the root, at least 0, or a schedule. @defaultValue 1e-8 */
  readonly eps: number | Schedule;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** How much of the last velocity stays, at least 0, or a schedule. @defaultValue 0 */
  readonly momentum: number | Schedule;
  /** Divide by the standard deviation of the gradient in place of the root of its mean square. @defaultValue false */
  readonly centered: boolean;
}

/** Options of {@link RMSprop}. */
export type RMSpropOptions = OptimizerOptions<RMSpropSettings>;

/** The mean square; the mean when centered; the velocity with momentum. */
interface RMSpropSlots {
  readonly square: Parameter;
  readonly mean?: Parameter;
  readonly velocity?: Parameter;
}

const rule: Rule<RMSpropSettings, RMSpropSlots, "lr" | "alpha" | "rest" | "eps" | "weightDecay" | "momentum"> = {
  name: "RMSprop",
  defaults: { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false },
  ranges: { alpha: share, eps: atLeast0, weightDecay: atLeast0, momentum: atLeast0 },
  init: (parameter, { centered, momentum }) => ({
    square: slot(parameter, "square"),
    ...(centered ? { mean: slot(parameter, "mean") } : {}),
    ...(momentum === 0 ? {} : { velocity: slot(parameter, "velocity") }),
  }),
  numbers: ({ alpha, eps, weightDecay, momentum }, { lr }) => ({
    lr,
    alpha,
    rest: 1 - alpha,
    eps,
    weightDecay,
    momentum,
  }),
  update(gradient, slots, parameter, { lr, alpha, rest, eps, weightDecay, momentum }, settings) {
    const g = penalized(gradient, parameter, weightDecay, settings);
    const square = slots.square.mul(alpha).add(g.square().mul(rest));
    const mean = slots.mean?.mul(alpha).add(g.mul(rest));
    // A variance that rounding makes negative has no root.
    const spread = mean === undefined ? square : square.sub(mean.square()).relu();
    const step = g.div(spread.sqrt().add(eps));
    const velocity = slots.velocity?.mul(momentum).add(step);
    return {
      parameter: parameter.sub((velocity ?? step).mul(lr)),
      slots: { square, ...(mean && { mean }), ...(velocity && { velocity }) },
    };
  },
};

/**
 * Divides the gradient by the root of its mean square, or by its standard deviation; with momentum if wanted.
 *
 * $$ v_t = \alpha v_{t-1} + (1 - \alpha) g_t^2, \qquad m_t = \alpha m_{t-1} + (1 - \alpha) g_t, \qquad
 * s_t = \begin{cases} \max(v_t - m_t^2, 0) & \text{when centered} \\ v_t & \text{else} \end{cases} $$
 *
 * $$ b_t = \mu b_{t-1} + \frac{g_t}{\sqrt{s_t} + \epsilon}, \qquad \theta_t = \theta_{t-1} - \eta b_t $$
 *
 * with $g_t = \nabla_t + \lambda \theta_{t-1}$. The slots `square` ($v$), when centered `mean` ($m$), and with momentum
 * `velocity` ($b$) have the parameter's shape. PyTorch leaves out the maximum with 0, and gives NaN where rounding makes the
 * variance negative.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 0.01), `alpha` (in [0, 1), default 0.99; Keras and Optax have 0.9), `eps` (at least 0, default
 * 1e-8, outside of the root as in PyTorch), `weightDecay` (at least 0, default 0; an L2 penalty), `momentum` (at least 0,
 * default 0), `centered` (default false). What is no flag may be a schedule, and there are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { RMSprop } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new RMSprop([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.779982, -1.775349]
 * ```
 * @reference Tieleman & Hinton (2012), Lecture 6.5, https://www.cs.toronto.edu/~hinton/coursera/lecture6/lec6.pdf; centered as in Graves (2013), https://arxiv.org/abs/1308.0850; in the form of PyTorch's RMSprop, https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 */
export class RMSprop extends Optimizer {
  constructor(parameters: Trainable<RMSpropOptions>, options: RMSpropOptions = {}) {
    super(rule, parameters, options);
  }
}
