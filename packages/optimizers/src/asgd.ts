import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0 } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { penalized } from "./weight-decay.js";

/** Options of {@link ASGD}, complete. */
export interface ASGDSettings {
  /** Learning rate of the first step: a finite number of at least 0, or a schedule. @defaultValue 0.01 */
  readonly lr: number | Schedule;
  /** Decay of the parameter and of the rate, at least 0, or a schedule. @defaultValue 1e-4 */
  readonly lambd: number | Schedule;
  /** Power by which the rate falls, at least 0, or a schedule. @defaultValue 0.75 */
  readonly alpha: number | Schedule;
  /** Update after which the average begins, at least 0. @defaultValue 1e6 */
  readonly t0: number;
  /** L2 penalty: this times the parameter is added to the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
}

/** Options of {@link ASGD}. */
export type ASGDOptions = OptimizerOptions<ASGDSettings>;

const rule: Rule<ASGDSettings, { readonly average: Parameter }, "rate" | "keep" | "share" | "rest" | "weightDecay"> = {
  name: "ASGD",
  defaults: { lr: 0.01, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0 },
  ranges: { lambd: atLeast0, alpha: atLeast0, t0: { low: 0 }, weightDecay: atLeast0 },
  init: (parameter) => ({ average: slot(parameter, "average") }),
  numbers({ lambd, alpha, t0, weightDecay }, { step, lr }) {
    const before = step - 1;
    const rate = lr / (1 + lambd * lr * before) ** alpha;
    const share = 1 / Math.max(1, before - t0);
    return { rate, keep: 1 - lambd * rate, share, rest: 1 - share, weightDecay };
  },
  update(gradient, slots, parameter, { rate, keep, share, rest, weightDecay }, settings) {
    const g = penalized(gradient, parameter, weightDecay, settings);
    const next = parameter.mul(keep).sub(g.mul(rate));
    return { parameter: next, slots: { average: slots.average.mul(rest).add(next.mul(share)) } };
  },
};

/**
 * Averaged stochastic gradient descent: a falling rate, and beside the parameter its average over the late updates, which is
 * what one uses in the end.
 *
 * $$ \eta_t = \frac{\eta}{(1 + \lambda \eta (t - 1))^\alpha}, \qquad
 * \theta_t = (1 - \lambda \eta_t) \theta_{t-1} - \eta_t g_t, \qquad
 * a_t = a_{t-1} + \mu_t (\theta_t - a_{t-1}), \qquad \mu_t = \frac{1}{\max(1, t - 1 - t_0)} $$
 *
 * with $g_t = \nabla_t + \lambda_2 \theta_{t-1}$ ($\lambda_2$ = `weightDecay`). The slot `average` ($a$) has the parameter's
 * shape; `stateDict()` gives it. A rate from a schedule takes the place of $\eta$ at its step; PyTorch uses it one step later.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` ($\eta$, a finite number of at
 * least 0 or a schedule, default 0.01), `lambd` ($\lambda$, at least 0, default 1e-4), `alpha` (at least 0, default 0.75),
 * `t0` (at least 0, default 1e6), `weightDecay` (at least 0, default 0; an L2 penalty). All but `t0` may be schedules, and
 * there are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { ASGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new ASGD([weight], { t0: 0 });
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.970296, -1.940592]
 * const { groups } = await optimizer.stateDict();
 * groups[0]?.parameters[0]?.slots.average; // => [0.975197, -1.950394]
 * ```
 * @reference Polyak & Juditsky (1992), Acceleration of Stochastic Approximation by Averaging, https://doi.org/10.1137/0330046, in the form of PyTorch's ASGD, https://docs.pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 */
export class ASGD extends Optimizer {
  constructor(parameters: Trainable<ASGDOptions>, options: ASGDOptions = {}) {
    super(rule, parameters, options);
  }
}
