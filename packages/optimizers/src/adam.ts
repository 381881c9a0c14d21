import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";

/** Options of {@link Adam}, complete. */
export interface AdamSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the mean square stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the denominator, at least 0, or a schedule. @defaultValue 1e-8 */
  readonly eps: number | Schedule;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Divide by the largest mean square so far. @defaultValue false */
  readonly amsgrad: boolean;
}

/** Options of {@link Adam}. */
export type AdamOptions = OptimizerOptions<AdamSettings>;

/** Running means of the gradient and of its square; with amsgrad the largest of the latter. */
interface AdamSlots {
  readonly mean: Parameter;
  readonly square: Parameter;
  readonly largest?: Parameter;
}

const rule: Rule<AdamSettings, AdamSlots, "beta1" | "rest1" | "beta2" | "rest2" | "rate" | "eps" | "weightDecay"> = {
  name: "Adam",
  defaults: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false },
  ranges: { betas: share, eps: atLeast0, weightDecay: atLeast0 },
  init(parameter, { amsgrad }) {
    const slots = { mean: slot(parameter, "mean"), square: slot(parameter, "square") };
    return amsgrad ? { ...slots, largest: slot(parameter, "largest") } : slots;
  },
  // Both bias corrections are in doubles here. sqrt(v / c) + eps = (sqrt(v) + eps sqrt(c)) / sqrt(c): one product less per element.
  numbers({ betas: [beta1, beta2], eps, weightDecay }, { step, lr }) {
    const scale = Math.sqrt(1 - beta2 ** step);
    const rate = (lr * scale) / (1 - beta1 ** step);
    return { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, rate, eps: eps * scale, weightDecay };
  },
  update(gradient, slots, parameter, { beta1, rest1, beta2, rest2, rate, eps, weightDecay }, settings) {
    const g = settings.weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay));
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    const square = slots.square.mul(beta2).add(g.square().mul(rest2));
    const largest = slots.largest?.maximum(square);
    const step = mean.div((largest ?? square).sqrt().add(eps));
    return {
      parameter: parameter.sub(step.mul(rate)),
      slots: largest === undefined ? { mean, square } : { mean, square, largest },
    };
  },
};

/**
 * Adam: every element has its own step size, from running means of the gradient and of its square.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2$ and weight decay $\lambda$, a parameter $\theta$ and its gradient
 * $\nabla_t$ give
 *
 * $$ g_t = \nabla_t + \lambda \theta_{t-1}, \qquad m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad
 * v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 $$
 *
 * $$ \theta_t = \theta_{t-1} - \frac{\eta}{1 - \beta_1^t} \cdot
 * \frac{m_t}{\sqrt{u_t} / \sqrt{1 - \beta_2^t} + \epsilon}, \qquad
 * u_t = \begin{cases} \max(u_{t-1}, v_t) & \text{with amsgrad} \\ v_t & \text{else} \end{cases} $$
 *
 * All start at 0; $t$ counts the updates of the parameter. The slots `mean` ($m$), `square` ($v$) and, with amsgrad,
 * `largest` ($u$) have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (at least 0, default 1e-8),
 * `weightDecay` (at least 0, default 0; an L2 penalty, which Adam scales like any gradient), `amsgrad` (default false).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Adam } from "@downhill/optimizers";
 * import { cosineDecay } from "@downhill/schedulers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new Adam([weight], { lr: cosineDecay(0.1, { steps: 100 }) });
 * for (let step = 0; step < 100; step++) {
 *   const loss = weight.square().sum();
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   await optimizer.step();
 * }
 * (await weight.abs().max().item()) < 0.05; // => true
 * ```
 * @reference Kingma & Ba (2015), Adam: A Method for Stochastic Optimization, https://arxiv.org/abs/1412.6980; Reddi et al. (2018), On the Convergence of Adam and Beyond, https://arxiv.org/abs/1904.09237; in the form of PyTorch's Adam, https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
 */
export class Adam extends Optimizer {
  constructor(parameters: Trainable<AdamOptions>, options: AdamOptions = {}) {
    super(rule, parameters, options);
  }
}
