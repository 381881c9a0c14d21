import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link Adadelta}, complete. */
export interface AdadeltaSettings {
  /** Factor of every step: a finite number of at least 0, or a schedule. @defaultValue 1 */
  readonly lr: number | Schedule;
  /** How much of the mean squares stays, in [0, 1), or a schedule. @defaultValue 0.9 */
  readonly rho: number | Schedule;
  /** Added inside both roots, at least 0, or a schedule. @defaultValue 1e-6 */
  readonly eps: number | Schedule;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
}

/** Options of {@link Adadelta}. */
export type AdadeltaOptions = OptimizerOptions<AdadeltaSettings>;

const rule: Rule<
  AdadeltaSettings,
  { readonly square: Parameter; readonly delta: Parameter },
  "lr" | "rho" | "rest" | "eps" | "weightDecay"
> = {
  name: "Adadelta",
  defaults: { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 },
  ranges: { rho: share, eps: atLeast0, weightDecay: atLeast0 },
  init: (parameter) => ({ square: slot(parameter, "square"), delta: slot(parameter, "delta") }),
  numbers: ({ rho, eps, weightDecay }, { lr }) => ({ lr, rho, rest: 1 - rho, eps, weightDecay }),
  update(gradient, slots, parameter, { lr, rho, rest, eps, weightDecay }, settings) {
    const g = penalized(gradient, parameter, weightDecay, settings);
    const square = slots.square.mul(rho).add(g.square().mul(rest));
    const step = slots.delta.add(eps).sqrt().div(square.add(eps).sqrt()).mul(g);
    const delta = slots.delta.mul(rho).add(step.square().mul(rest));
    return { parameter: parameter.sub(step.mul(lr)), slots: { square, delta } };
  },
};

/**
 * Steps in the unit of the parameter: the ratio of the mean squares of past steps and of gradients takes the place of a
 * learning rate.
 *
 * $$ v_t = \rho v_{t-1} + (1 - \rho) g_t^2, \qquad
 * d_t = \frac{\sqrt{u_{t-1} + \epsilon}}{\sqrt{v_t + \epsilon}} g_t, \qquad
 * u_t = \rho u_{t-1} + (1 - \rho) d_t^2, \qquad \theta_t = \theta_{t-1} - \eta d_t $$
 *
 * with $g_t = \nabla_t + \lambda \theta_{t-1}$. The slots `square` ($v$) and `delta` ($u$) have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1), `rho` (in [0, 1), default 0.9), `eps` (at least 0, default 1e-6; it also sets the size of the
 * first steps), `weightDecay` (at least 0, default 0; an L2 penalty). All of them may be schedules, and there are the
 * options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Adadelta } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new Adadelta([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.990309, -1.990301]
 * ```
 * @reference Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, https://arxiv.org/abs/1212.5701, in the form of PyTorch's Adadelta, https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 */
export class Adadelta extends Optimizer {
  constructor(parameters: Trainable<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    super(rule, parameters, options);
  }
}
