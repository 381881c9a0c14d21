import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Resolved, Rule, StepInfo } from "./rule.js";
import { slot } from "./slot.js";
import { decayed, penalized } from "./weight-decay.js";

/** Options of {@link NAdam}, complete. */
export interface NAdamSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 2e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the mean square stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the denominator, at least 0, or a schedule. @defaultValue 1e-8 */
  readonly eps: number | Schedule;
  /** How much of the parameter decays, at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** How fast the momentum grows to `betas[0]`, at least 0, or a schedule. @defaultValue 4e-3 */
  readonly momentumDecay: number | Schedule;
  /** Let the decay shrink the parameter directly instead of adding to the gradient. @defaultValue false */
  readonly decoupledWeightDecay: boolean;
}

/** Options of {@link NAdam}. */
export type NAdamOptions = OptimizerOptions<NAdamSettings>;

/** The momentum of an update, and the product of those up to it. */
function momenta({ betas: [beta1], momentumDecay }: Resolved<NAdamSettings>, { step, kept }: StepInfo) {
  const at = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  return { now: at(step), next: at(step + 1), product: (kept.momentumProduct as number) * at(step) };
}

type Numbers = "beta1" | "rest1" | "beta2" | "rest2" | "now" | "ahead" | "eps" | "weightDecay" | "keep";

const rule: Rule<NAdamSettings, { readonly mean: Parameter; readonly square: Parameter }, Numbers> = {
  name: "NAdam",
  defaults: {
    lr: 2e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    momentumDecay: 4e-3,
    decoupledWeightDecay: false,
  },
  ranges: { betas: share, eps: atLeast0, weightDecay: atLeast0, momentumDecay: atLeast0 },
  kept: { momentumProduct: 1 },
  init: (parameter) => ({ mean: slot(parameter, "mean"), square: slot(parameter, "square") }),
  keep: (settings, info) => ({ momentumProduct: momenta(settings, info).product }),
  numbers(settings, info) {
    const { betas, eps, weightDecay } = settings;
    const [beta1, beta2] = betas;
    const { now, next, product } = momenta(settings, info);
    const scale = Math.sqrt(1 - beta2 ** info.step);
    const rate = info.lr * scale;
    return {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      now: (rate * (1 - now)) / (1 - product),
      ahead: (rate * next) / (1 - product * next),
      eps: eps * scale,
      weightDecay,
      keep: 1 - info.lr * weightDecay,
    };
  },
  update(gradient, slots, parameter, { beta1, rest1, beta2, rest2, now, ahead, eps, weightDecay, keep }, settings) {
    const apart = settings.decoupledWeightDecay;
    const g = apart ? gradient : penalized(gradient, parameter, weightDecay, settings);
    const from = apart ? decayed(parameter, keep, settings) : parameter;
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    const square = slots.square.mul(beta2).add(g.square().mul(rest2));
    const step = g.mul(now).add(mean.mul(ahead)).div(square.sqrt().add(eps));
    return { parameter: from.sub(step), slots: { mean, square } };
  },
};

/**
 * Adam with Nesterov's momentum, which grows over the first steps.
 *
 * $$ \mu_t = \beta_1 \left(1 - \tfrac12 0.96^{t \psi}\right), \qquad
 * m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 $$
 *
 * $$ \theta_t = \theta_{t-1} - \eta \left( \frac{1 - \mu_t}{1 - \prod_{i \le t} \mu_i} g_t +
 * \frac{\mu_{t+1}}{1 - \prod_{i \le t+1} \mu_i} m_t \right) \Big/
 * \left( \sqrt{v_t / (1 - \beta_2^t)} + \epsilon \right) $$
 *
 * with $g_t = \nabla_t + \lambda \theta_{t-1}$. The slots `mean` ($m$) and `square` ($v$) have the parameter's shape; the
 * product of the momenta is kept as a number.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 2e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (at least 0, default 1e-8),
 * `weightDecay` (at least 0, default 0; an L2 penalty), `momentumDecay` ($\psi$, at least 0, default 4e-3; 1 gives Keras's
 * momentum), `decoupledWeightDecay` (default false; true multiplies the parameter by $1 - \eta \lambda$ instead). What is no
 * flag may be a schedule, and there are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { NAdam } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new NAdam([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.994859, -1.994857]
 * ```
 * @reference Dozat (2016), Incorporating Nesterov Momentum into Adam, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ, in the form of PyTorch's NAdam, https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 */
export class NAdam extends Optimizer {
  constructor(parameters: Trainable<NAdamOptions>, options: NAdamOptions = {}) {
    super(rule, parameters, options);
  }
}
