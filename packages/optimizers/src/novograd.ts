import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link NovoGrad}, complete. */
export interface NovoGradSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the velocity and of the mean squared norm stays, each in [0, 1) or a schedule. @defaultValue [0.95, 0.98] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the denominator, at least 0. @defaultValue 1e-8 */
  readonly eps: number;
  /** This times the parameter is added to the direction, at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Make the velocity a mean: what is added to it is multiplied by $1 - \beta_1$. @defaultValue false */
  readonly gradientAveraging: boolean;
}

/** Options of {@link NovoGrad}. */
export type NovoGradOptions = OptimizerOptions<NovoGradSettings>;

/** The velocity, and one number: the running mean of the squared norm. */
interface NovoGradSlots {
  readonly velocity: Parameter;
  readonly square: Parameter;
}

const rule: Rule<
  NovoGradSettings,
  NovoGradSlots,
  "beta1" | "rest1" | "beta2" | "rest2" | "eps" | "weightDecay" | "lr"
> = {
  name: "NovoGrad",
  defaults: {
    lr: 1e-3,
    betas: [0.95, 0.98],
    eps: 1e-8,
    weightDecay: 0,
    gradientAveraging: false,
  },
  ranges: { betas: share, eps: { low: 0 }, weightDecay: atLeast0 },
  init: (parameter) => ({
    velocity: slot(parameter, "velocity"),
    square: slot(parameter, "square", { shape: [] }),
  }),
  numbers: ({ betas: [beta1, beta2], eps, weightDecay }, { lr }) => ({
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    eps,
    weightDecay,
    lr,
  }),
  update(gradient, slots, parameter, { beta1, rest1, beta2, rest2, eps, weightDecay, lr }, settings) {
    const power = gradient.square().sum();
    // As in the reference, the first norm that is not 0 counts in full.
    const square = where(slots.square.equal(0), power, slots.square.mul(beta2).add(power.mul(rest2)));
    const scale = square.sqrt().add(eps);
    // All gradients were 0 so far, then: 0 / 0 without eps.
    const unit = gradient.div(where(scale.equal(0), 1, scale));
    const g = penalized(unit, parameter, weightDecay, settings);
    const velocity = slots.velocity.mul(beta1).add(settings.gradientAveraging ? g.mul(rest1) : g);
    return { parameter: parameter.sub(velocity.mul(lr)), slots: { velocity, square } };
  },
};

/**
 * NovoGrad: momentum on gradients that are normalized per parameter tensor, in half of Adam's memory.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2$ and weight decay $\lambda$, a parameter $\theta$ and its gradient $g_t$
 * give
 *
 * $$ v_1 = \lVert g_1 \rVert^2, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) \lVert g_t \rVert^2 $$
 *
 * $$ m_t = \beta_1 m_{t-1} + \left( \frac{g_t}{\sqrt{v_t} + \epsilon} + \lambda \theta_{t-1} \right), \qquad
 * \theta_t = \theta_{t-1} - \eta m_t $$
 *
 * With `gradientAveraging` the term in brackets is multiplied by $1 - \beta_1$. The norm is of the whole tensor. The slots
 * `velocity` ($m$), of the parameter's shape, and `square` ($v$), one number, start at 0; as long as all gradients were 0, the
 * next norm counts as the first.
 *
 * The form and the defaults are those of NVIDIA's code; Optax has betas [0.9, 0.25], eps 1e-6 and adds eps in the same place.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.95, 0.98]), `eps` (at least 0, default 1e-8),
 * `weightDecay` (at least 0, default 0), `gradientAveraging` (default false).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { NovoGrad } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([3, -4]);
 * const optimizer = new NovoGrad([weight], { lr: 0.1 });
 * weight.square().sum().backward();
 * await optimizer.step();
 * // The first step is the rate long.
 * await weight.array(); // => [2.94, -3.92]
 * ```
 * @reference Ginsburg et al. (2019), Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks, https://arxiv.org/abs/1905.11286; in the form of NVIDIA's code, https://github.com/NVIDIA/DeepLearningExamples/tree/master/PyTorch/SpeechRecognition/Jasper
 */
export class NovoGrad extends Optimizer {
  constructor(parameters: Trainable<NovoGradOptions>, options: NovoGradOptions = {}) {
    super(rule, parameters, options);
  }
}
