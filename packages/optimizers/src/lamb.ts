import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import { norm } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { trustRatio } from "./trust-ratio.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link LAMB}, complete. */
export interface LAMBSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the mean square stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the denominator, at least 0. @defaultValue 1e-6 */
  readonly eps: number;
  /** This times the parameter is added to the direction, at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Correct the means for their start at 0, as Adam does. @defaultValue true */
  readonly biasCorrection: boolean;
  /** Scale the step by the norm of the parameter; false in the group of biases and norms leaves them Adam's step. @defaultValue true */
  readonly adapt: boolean;
}

/** Options of {@link LAMB}. */
export type LAMBOptions = OptimizerOptions<LAMBSettings>;

/** Running means of the gradient and of its square. */
interface LAMBSlots {
  readonly mean: Parameter;
  readonly square: Parameter;
}

type LAMBNumbers = "beta1" | "rest1" | "beta2" | "rest2" | "scale" | "eps" | "weightDecay" | "lr";

const rule: Rule<LAMBSettings, LAMBSlots, LAMBNumbers> = {
  name: "LAMB",
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-6,
    weightDecay: 0,
    biasCorrection: true,
    adapt: true,
  },
  ranges: { betas: share, eps: { low: 0 }, weightDecay: atLeast0 },
  init: (parameter) => ({ mean: slot(parameter, "mean"), square: slot(parameter, "square") }),
  numbers({ betas: [beta1, beta2], eps, weightDecay, biasCorrection }, { step, lr }) {
    const [left1, left2] = biasCorrection ? [1 - beta1 ** step, 1 - beta2 ** step] : [1, 1];
    const root = Math.sqrt(left2);
    return { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, scale: root / left1, eps: eps * root, weightDecay, lr };
  },
  update(g, slots, parameter, numbers, settings) {
    const { beta1, rest1, beta2, rest2, scale, eps, weightDecay, lr } = numbers;
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    const square = slots.square.mul(beta2).add(g.square().mul(rest2));
    const adam = mean.mul(scale).div(square.sqrt().add(eps));
    const direction = penalized(adam, parameter, weightDecay, settings);
    const rate = settings.adapt ? trustRatio(norm(parameter), norm(direction)).mul(lr) : lr;
    return { parameter: parameter.sub(direction.mul(rate)), slots: { mean, square } };
  },
};

/**
 * LAMB: Adam for large batches: each parameter tensor moves by the learning rate times its own norm.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2$ and weight decay $\lambda$, a parameter $\theta$ and its gradient $g_t$
 * give
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 $$
 *
 * $$ d_t = \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon} + \lambda \theta_{t-1}, \qquad
 * \theta_t = \theta_{t-1} - \eta \frac{\lVert \theta_{t-1} \rVert}{\lVert d_t \rVert} d_t $$
 *
 * The ratio of the norms, which are of the whole tensor, is 1 where one of them is 0. The slots `mean` ($m$) and `square` ($v$)
 * start at 0 and have the parameter's shape.
 *
 * The defaults are those of the authors' code and Optax. NVIDIA's FusedLAMB has a weight decay of 0.01, first clips the norm of
 * all gradients to 1, and leaves parameters without weight decay at Adam's step: `adapt: false` in their group does that.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (at least 0, default 1e-6),
 * `weightDecay` (at least 0, default 0), `biasCorrection` (default true), `adapt` (default true).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { LAMB } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const [weight, bias] = [parameter([[3, -4]]), parameter([1])];
 * const optimizer = new LAMB([{ parameters: [weight] }, { parameters: [bias], adapt: false }], { lr: 0.1 });
 * weight.square().sum().add(bias.sum()).backward();
 * await optimizer.step();
 * // The norm of the weight is 5, that of its direction [1, -1] the root of 2.
 * await weight.array(); // => [[2.6464, -3.6464]]
 * await bias.array(); // => [0.9]
 * ```
 * @reference You et al. (2020), Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, https://arxiv.org/abs/1904.00962; defaults of its code, https://github.com/tensorflow/addons/blob/master/tensorflow_addons/optimizers/lamb.py
 */
export class LAMB extends Optimizer {
  constructor(parameters: Trainable<LAMBOptions>, options: LAMBOptions = {}) {
    super(rule, parameters, options);
  }
}
