import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import { norm } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0 } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { trustRatio } from "./trust-ratio.js";

/** Options of {@link LARS}, complete. */
export interface LARSSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1 */
  readonly lr: number | Schedule;
  /** How much of the last velocity stays, at least 0, or a schedule. @defaultValue 0.9 */
  readonly momentum: number | Schedule;
  /** How much of the gradient is kept out of the velocity after the first step. @defaultValue 0 */
  readonly dampening: number;
  /** Look one step of momentum ahead. @defaultValue false */
  readonly nesterov: boolean;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Share of its own norm that a parameter moves by, above 0. @defaultValue 1e-3 */
  readonly trustCoefficient: number;
  /** Added to the denominator of the ratio, at least 0. @defaultValue 1e-8 */
  readonly eps: number;
  /** Scale the step by the norm of the parameter; false in the group of biases and norms leaves them SGD's step. @defaultValue true */
  readonly adapt: boolean;
}

/** Options of {@link LARS}. */
export type LARSOptions = OptimizerOptions<LARSSettings>;

type LARSNumbers = "lr" | "momentum" | "share" | "weightDecay" | "trust" | "eps";

const rule: Rule<LARSSettings, { readonly velocity?: Parameter }, LARSNumbers> = {
  name: "LARS",
  defaults: {
    lr: 1,
    momentum: 0.9,
    dampening: 0,
    nesterov: false,
    weightDecay: 0,
    trustCoefficient: 1e-3,
    eps: 1e-8,
    adapt: true,
  },
  ranges: { momentum: atLeast0, weightDecay: atLeast0, trustCoefficient: { low: 0, open: "low" }, eps: { low: 0 } },
  check({ momentum, dampening, nesterov }) {
    if (nesterov && momentum === 0)
      throw new RangeError('LARS: "momentum" expected a number above 0 with nesterov, got 0; try 0.9');
    if (nesterov && dampening !== 0)
      throw new RangeError(`LARS: "dampening" expected 0 with nesterov, got ${dampening}`);
  },
  init: (parameter, { momentum }) => (momentum === 0 ? {} : { velocity: slot(parameter, "velocity") }),
  // The first velocity is the whole gradient; as a number, so that the first step has the same plan as the others.
  numbers: ({ momentum, dampening, weightDecay, trustCoefficient, eps }, { step, lr }) => ({
    lr,
    momentum,
    share: step === 1 ? 1 : 1 - dampening,
    weightDecay,
    trust: trustCoefficient,
    eps,
  }),
  update(gradient, { velocity }, parameter, { lr, momentum, share, weightDecay, trust, eps }, settings) {
    const decays = settings.weightDecay !== 0;
    let g = decays ? gradient.add(parameter.mul(weightDecay)) : gradient;
    if (settings.adapt) {
      const [size, slope] = [norm(parameter), norm(gradient)];
      const whole = decays ? slope.add(size.mul(weightDecay)) : slope;
      g = g.mul(trustRatio(size.mul(trust), whole.add(eps), slope));
    }
    if (velocity === undefined) return { parameter: parameter.sub(g.mul(lr)), slots: {} };
    const next = velocity.mul(momentum).add(settings.dampening === 0 ? g : g.mul(share));
    const direction = settings.nesterov ? g.add(next.mul(momentum)) : next;
    return { parameter: parameter.sub(direction.mul(lr)), slots: { velocity: next } };
  },
};

/**
 * LARS: SGD for large batches: each parameter tensor has a rate of its own, from its norm and that of its gradient.
 *
 * With learning rate $\eta$, trust coefficient $c$, momentum $\mu$, dampening $\delta$ and weight decay $\lambda$, a parameter
 * $\theta$ and its gradient $g_t$ give
 *
 * $$ d_t = c \frac{\lVert \theta_{t-1} \rVert}{\lVert g_t \rVert + \lambda \lVert \theta_{t-1} \rVert + \epsilon}
 * (g_t + \lambda \theta_{t-1}), \qquad v_1 = d_1, \qquad v_t = \mu v_{t-1} + (1 - \delta) d_t, \qquad
 * \theta_t = \theta_{t-1} - \eta v_t $$
 *
 * The ratio is 1 where one of the two norms, which are of the whole tensor, is 0. The slot `velocity` ($v$) has the parameter's
 * shape; without momentum nothing is kept. The sum of norms is the paper's (and that of NVIDIA's LARC and timm); Optax takes the
 * norm of the sum instead. As in PyTorch's SGD, which the rest follows, the learning rate is outside of the velocity; the paper
 * has it inside, which is the same while the rate stays.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1), `momentum` (at least 0, default 0.9), `dampening` (default 0), `nesterov` (default false; asks for
 * momentum and no dampening), `weightDecay` (at least 0, default 0), `trustCoefficient` (above 0, default 1e-3), `eps` (at least
 * 0, default 1e-8), `adapt` (default true).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { LARS } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([[3, -4]]);
 * const optimizer = new LARS([weight], { trustCoefficient: 0.1 });
 * weight.square().sum().backward();
 * await optimizer.step();
 * // A tenth of its norm in the direction of the gradient.
 * await weight.array(); // => [[2.7, -3.6]]
 * ```
 * @reference You, Gitman & Ginsburg (2017), Large Batch Training of Convolutional Networks, https://arxiv.org/abs/1708.03888; in the form of timm's, https://github.com/huggingface/pytorch-image-models/blob/main/timm/optim/lars.py
 */
export class LARS extends Optimizer {
  constructor(parameters: Trainable<LARSOptions>, options: LARSOptions = {}) {
    super(rule, parameters, options);
  }
}
