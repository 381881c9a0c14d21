import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { decayed } from "./weight-decay.js";

/** Options of {@link Adan}, complete. */
export interface AdanSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient, of the mean change of gradients and of the mean square stays, each in [0, 1) or a schedule. @defaultValue [0.98, 0.92, 0.99] */
  readonly betas: readonly [number | Schedule, number | Schedule, number | Schedule];
  /** Added to the denominator, at least 0. @defaultValue 1e-8 */
  readonly eps: number;
  /** Strength of the decay, which is apart from the gradient; at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Take `lr` times `weightDecay` of the parameter away before the step, as AdamW does, instead of dividing after it. @defaultValue false */
  readonly noProx: boolean;
}

/** Options of {@link Adan}. */
export type AdanOptions = OptimizerOptions<AdanSettings>;

/** Running means, and the last gradient. */
interface AdanSlots {
  readonly mean: Parameter;
  readonly change: Parameter;
  readonly square: Parameter;
  readonly last: Parameter;
}

type AdanNumbers =
  | "beta1"
  | "rest1"
  | "beta2"
  | "rest2"
  | "beta3"
  | "rest3"
  | "known"
  | "rate"
  | "ahead"
  | "eps"
  | "shrink";

const rule: Rule<AdanSettings, AdanSlots, AdanNumbers> = {
  name: "Adan",
  defaults: { lr: 1e-3, betas: [0.98, 0.92, 0.99], eps: 1e-8, weightDecay: 0, noProx: false },
  ranges: { betas: share, eps: { low: 0 }, weightDecay: atLeast0 },
  init: (parameter) => ({
    mean: slot(parameter, "mean"),
    change: slot(parameter, "change"),
    square: slot(parameter, "square"),
    last: slot(parameter, "last"),
  }),
  numbers({ betas: [beta1, beta2, beta3], eps, weightDecay, noProx }, { step, lr }) {
    const scale = Math.sqrt(1 - beta3 ** step);
    return {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      beta3,
      rest3: 1 - beta3,
      // There is no change at the first step; as a number, so that it has the same plan as the others.
      known: step === 1 ? 0 : 1,
      rate: (lr * scale) / (1 - beta1 ** step),
      ahead: (lr * scale * beta2) / (1 - beta2 ** step),
      eps: eps * scale,
      shrink: noProx ? 1 - lr * weightDecay : 1 / (1 + lr * weightDecay),
    };
  },
  update(g, slots, parameter, numbers, settings) {
    const { beta1, rest1, beta2, rest2, beta3, rest3, known, rate, ahead, eps, shrink } = numbers;
    const difference = g.sub(slots.last).mul(known);
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    const change = slots.change.mul(beta2).add(difference.mul(rest2));
    const square = slots.square.mul(beta3).add(g.add(difference.mul(beta2)).square().mul(rest3));
    const step = mean.mul(rate).add(change.mul(ahead)).div(square.sqrt().add(eps));
    return {
      parameter: settings.noProx
        ? decayed(parameter, shrink, settings).sub(step)
        : decayed(parameter.sub(step), shrink, settings),
      slots: { mean, change, square, last: g },
    };
  },
};

/**
 * Adan: Adam with Nesterov's look ahead, by way of the change from one gradient to the next.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2, \beta_3$ and weight decay $\lambda$, a parameter $\theta$ and its gradient
 * $g_t$ give, with $\Delta_t = g_t - g_{t-1}$ and $\Delta_1 = 0$,
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad d_t = \beta_2 d_{t-1} + (1 - \beta_2) \Delta_t, \qquad
 * n_t = \beta_3 n_{t-1} + (1 - \beta_3) (g_t + \beta_2 \Delta_t)^2 $$
 *
 * $$ \theta_t = \frac{1}{1 + \eta \lambda} \left( \theta_{t-1} - \eta
 * \frac{m_t / (1 - \beta_1^t) + \beta_2 d_t / (1 - \beta_2^t)}{\sqrt{n_t / (1 - \beta_3^t)} + \epsilon} \right) $$
 *
 * The slots `mean` ($m$), `change` ($d$), `square` ($n$) and `last` (the gradient) start at 0 and have the parameter's shape.
 * With `noProx` the parameter is multiplied by $1 - \eta \lambda$ before the step instead. The betas are those of the authors'
 * code, how much stays; the paper writes $1 - \beta$ for them. Its `max_grad_norm` is clipping by the norm of all gradients,
 * before the step.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.98, 0.92, 0.99]), `eps` (at least 0, default 1e-8),
 * `weightDecay` (at least 0, default 0), `noProx` (default false).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Adan } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new Adan([weight], { lr: 0.1 });
 * weight.square().sum().backward();
 * await optimizer.step();
 * await weight.array(); // => [0.9, -1.9]
 * ```
 * @reference Xie et al. (2022), Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models, https://arxiv.org/abs/2208.06677; in the form of its code, https://github.com/sail-sg/Adan
 */
export class Adan extends Optimizer {
  constructor(parameters: Trainable<AdanOptions>, options: AdanOptions = {}) {
    super(rule, parameters, options);
  }
}
