import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0 } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link SGD}, complete. */
export interface SGDSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the last velocity stays, at least 0, or a schedule. @defaultValue 0 */
  readonly momentum: number | Schedule;
  /** How much of the gradient is kept out of the velocity after the first step. @defaultValue 0 */
  readonly dampening: number;
  /** Look one step of momentum ahead. @defaultValue false */
  readonly nesterov: boolean;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
}

/** Options of {@link SGD}. */
export type SGDOptions = OptimizerOptions<SGDSettings>;

const rule: Rule<SGDSettings, { readonly velocity?: Parameter }, "lr" | "momentum" | "share" | "weightDecay"> = {
  name: "SGD",
  defaults: { lr: 1e-3, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 },
  ranges: { momentum: atLeast0, dampening: {}, weightDecay: atLeast0 },
  check({ momentum, dampening, nesterov }) {
    if (nesterov && momentum === 0)
      throw new RangeError('SGD: "momentum" expected a number above 0 with nesterov, got 0; try 0.9');
    if (nesterov && dampening !== 0)
      throw new RangeError(`SGD: "dampening" expected 0 with nesterov, got ${dampening}`);
  },
  init: (parameter, { momentum }) => (momentum === 0 ? {} : { velocity: slot(parameter, "velocity") }),
  // The first velocity is the whole gradient; as a number, so that the first step has the same plan as the others.
  numbers: ({ momentum, dampening, weightDecay }, { step, lr }) => ({
    lr,
    momentum,
    share: step === 1 ? 1 : 1 - dampening,
    weightDecay,
  }),
  update(gradient, { velocity }, parameter, { lr, momentum, share, weightDecay }, settings) {
    const g = penalized(gradient, parameter, weightDecay, settings);
    if (velocity === undefined) return { parameter: parameter.sub(g.mul(lr)), slots: {} };
    const next = velocity.mul(momentum).add(settings.dampening === 0 ? g : g.mul(share));
    const direction = settings.nesterov ? g.add(next.mul(momentum)) : next;
    return { parameter: parameter.sub(direction.mul(lr)), slots: { velocity: next } };
  },
};

/**
 * Gradient descent, with momentum if wanted.
 *
 * With learning rate $\eta$, momentum $\mu$, dampening $\delta$ and weight decay $\lambda$, a parameter $\theta$ and its
 * gradient $\nabla_t$ give
 *
 * $$ g_t = \nabla_t + \lambda \theta_{t-1}, \qquad v_1 = g_1, \qquad v_t = \mu v_{t-1} + (1 - \delta) g_t $$
 *
 * $$ \theta_t = \theta_{t-1} - \eta d_t, \qquad
 * d_t = \begin{cases} g_t + \mu v_t & \text{with nesterov} \\ v_t & \text{else} \end{cases} $$
 *
 * Without momentum $d_t = g_t$ and nothing is kept; with it one slot, `velocity`, of the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `momentum` (at least 0, default 0), `dampening` (default 0), `nesterov` (default false;
 * asks for momentum and no dampening), `weightDecay` (at least 0, default 0). `momentum` and `weightDecay` may be schedules, and
 * there are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new SGD([weight], { lr: 0.1, momentum: 0.9 });
 * for (let step = 0; step < 2; step++) {
 *   const loss = weight.square().sum().mul(0.5);
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   await optimizer.step();
 * }
 * await weight.array(); // => [0.72, -1.44]
 * ```
 * @reference Sutskever et al. (2013), On the importance of initialization and momentum in deep learning, https://proceedings.mlr.press/v28/sutskever13.html, in the form of PyTorch's SGD, https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer {
  constructor(parameters: Trainable<SGDOptions>, options: SGDOptions = {}) {
    super(rule, parameters, options);
  }
}
