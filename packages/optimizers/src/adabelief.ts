import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";

/** Options of {@link AdaBelief}, complete. */
export interface AdaBeliefSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the mean square deviation stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the mean square deviation at each step and to the denominator, above 0. @defaultValue 1e-16 */
  readonly eps: number;
  /** Strength of the decay, at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Take `lr` times `weightDecay` of the parameter away, as AdamW does; else the decay is an L2 penalty in the gradient. @defaultValue true */
  readonly decoupledWeightDecay: boolean;
  /** Correct for the few gradients of the first steps, as RAdam does. @defaultValue true */
  readonly rectify: boolean;
}

/** Options of {@link AdaBelief}. */
export type AdaBeliefOptions = OptimizerOptions<AdaBeliefSettings>;

/** Running means of the gradient and of its squared deviation. */
interface AdaBeliefSlots {
  readonly mean: Parameter;
  readonly deviation: Parameter;
}

type AdaBeliefNumbers = "beta1" | "rest1" | "beta2" | "rest2" | "eps" | "floor" | "adaptive" | "plain" | "decay";

const rule: Rule<AdaBeliefSettings, AdaBeliefSlots, AdaBeliefNumbers> = {
  name: "AdaBelief",
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-16,
    weightDecay: 0,
    decoupledWeightDecay: true,
    rectify: true,
  },
  ranges: { betas: share, eps: { low: 0, open: "low" }, weightDecay: atLeast0 },
  init: (parameter) => ({ mean: slot(parameter, "mean"), deviation: slot(parameter, "deviation") }),
  numbers({ betas: [beta1, beta2], eps, weightDecay, decoupledWeightDecay, rectify }, { step, lr }) {
    const [left1, left2] = [1 - beta1 ** step, 1 - beta2 ** step];
    const trust = rectify ? rectification(beta2, step) : 1;
    return {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      eps,
      // The rectified form of the reference leaves this term uncorrected.
      floor: rectify ? eps : eps * Math.sqrt(left2),
      // One of the two is 0: which one changes with the step, and the graph may not.
      adaptive: (lr * Math.sqrt(left2) * trust) / left1,
      plain: trust === 0 ? lr / left1 : 0,
      decay: decoupledWeightDecay ? 1 - lr * weightDecay : weightDecay,
    };
  },
  update(gradient, slots, parameter, numbers, { weightDecay, decoupledWeightDecay, rectify }) {
    const { beta1, rest1, beta2, rest2, eps, floor, adaptive, plain, decay } = numbers;
    const coupled = weightDecay !== 0 && !decoupledWeightDecay;
    const g = coupled ? gradient.add(parameter.mul(decay)) : gradient;
    const kept = weightDecay !== 0 && decoupledWeightDecay ? parameter.mul(decay) : parameter;
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    const deviation = slots.deviation.mul(beta2).add(g.sub(mean).square().mul(rest2)).add(eps);
    const step = mean.mul(adaptive).div(deviation.sqrt().add(floor));
    return {
      parameter: kept.sub(rectify ? step.add(mean.mul(plain)) : step),
      slots: { mean, deviation },
    };
  },
};

/** RAdam's factor for a mean of so few squares; 0 where it has no variance yet. */
function rectification(beta2: number, step: number): number {
  const longest = 2 / (1 - beta2) - 1;
  const length = longest - (2 * step * beta2 ** step) / (1 - beta2 ** step);
  if (length < 5) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}

/**
 * AdaBelief: Adam that divides by how far gradients are from their mean, so that it takes large steps where they agree.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2$ and weight decay $\lambda$, a parameter $\theta$ and its gradient $g_t$
 * give
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad s_t = \beta_2 s_{t-1} + (1 - \beta_2) (g_t - m_t)^2 + \epsilon $$
 *
 * $$ \theta_t = (1 - \eta \lambda) \theta_{t-1} - \frac{\eta}{1 - \beta_1^t} \cdot
 * \frac{m_t}{\sqrt{s_t / (1 - \beta_2^t)} + \epsilon} $$
 *
 * With `rectify` the last fraction is multiplied by RAdam's $r_t$, and is just $m_t$ in the first steps, as long as the length
 * $\rho_t$ of the mean is below 5. Optimizers disagree here: `rectify` is on as in the authors' code (version 0.2); the paper's
 * algorithm and Optax are `rectify: false`. The slots `mean` ($m$) and `deviation` ($s$) start at 0 and have the parameter's
 * shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (above 0, default 1e-16), `weightDecay`
 * (at least 0, default 0), `decoupledWeightDecay` (default true), `rectify` (default true).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { AdaBelief } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new AdaBelief([weight], { lr: 0.1, rectify: false });
 * weight.square().sum().backward();
 * await optimizer.step();
 * await weight.array(); // => [0.8889, -1.8889]
 * ```
 * @reference Zhuang et al. (2020), AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, https://arxiv.org/abs/2010.07468; in the form of its code, https://github.com/juntang-zhuang/Adabelief-Optimizer
 */
export class AdaBelief extends Optimizer {
  constructor(parameters: Trainable<AdaBeliefOptions>, options: AdaBeliefOptions = {}) {
    super(rule, parameters, options);
  }
}
