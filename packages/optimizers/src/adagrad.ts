import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0 } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link Adagrad}, complete. */
export interface AdagradSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 0.01 */
  readonly lr: number | Schedule;
  /** How fast the rate shrinks over the updates, at least 0, or a schedule. @defaultValue 0 */
  readonly lrDecay: number | Schedule;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** What the sum of squares begins with, at least 0. @defaultValue 0 */
  readonly initialAccumulatorValue: number;
  /** Added to the root, at least 0, or a schedule. @defaultValue 1e-10 */
  readonly eps: number | Schedule;
}

/** Options of {@link Adagrad}. */
export type AdagradOptions = OptimizerOptions<AdagradSettings>;

const rule: Rule<AdagradSettings, { readonly sum: Parameter }, "rate" | "eps" | "weightDecay"> = {
  name: "Adagrad",
  defaults: { lr: 0.01, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 },
  ranges: { lrDecay: atLeast0, weightDecay: atLeast0, initialAccumulatorValue: { low: 0 }, eps: atLeast0 },
  init: (parameter, { initialAccumulatorValue: start }) => ({ sum: slot(parameter, "sum", { start }) }),
  numbers: ({ lrDecay, eps, weightDecay }, { step, lr }) => ({
    rate: lr / (1 + (step - 1) * lrDecay),
    eps,
    weightDecay,
  }),
  update(gradient, slots, parameter, { rate, eps, weightDecay }, settings) {
    const g = penalized(gradient, parameter, weightDecay, settings);
    const sum = slots.sum.add(g.square());
    return { parameter: parameter.sub(g.div(sum.sqrt().add(eps)).mul(rate)), slots: { sum } };
  },
};

/**
 * Every element has its own step size, which shrinks with the sum of its squared gradients: for sparse features.
 *
 * $$ s_t = s_{t-1} + g_t^2, \qquad
 * \theta_t = \theta_{t-1} - \frac{\eta}{1 + (t - 1) \gamma} \cdot \frac{g_t}{\sqrt{s_t} + \epsilon} $$
 *
 * with $g_t = \nabla_t + \lambda \theta_{t-1}$. The slot `sum` ($s$) has the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 0.01), `lrDecay` ($\gamma$, at least 0, default 0), `weightDecay` (at least 0, default 0; an L2
 * penalty), `initialAccumulatorValue` ($s_0$, at least 0, default 0; Keras and Optax have 0.1), `eps` (at least 0, default
 * 1e-10, outside of the root as in PyTorch). All but the initial value may be schedules, and there are the options of
 * {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Adagrad } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new Adagrad([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.977238, -1.977197]
 * ```
 * @reference Duchi, Hazan & Singer (2011), Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, https://jmlr.org/papers/v12/duchi11a.html, in the form of PyTorch's Adagrad, https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 */
export class Adagrad extends Optimizer {
  constructor(parameters: Trainable<AdagradOptions>, options: AdagradOptions = {}) {
    super(rule, parameters, options);
  }
}
