import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { sharedSlot, slot } from "./slot.js";

/** Options of {@link Prodigy}, complete. */
export interface ProdigySettings {
  /** What the found step size is multiplied by: a finite number of at least 0, or a schedule such as cosineDecay(1, ...). @defaultValue 1 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the mean square stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** How much stays of the sums that the step size is found from, in [0, 1); null for the square root of the second beta. @defaultValue null */
  readonly beta3: number | null;
  /** Times the step size added to the denominator, above 0. @defaultValue 1e-8 */
  readonly eps: number;
  /** Strength of the decay, at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
  /** Take the step size times `weightDecay` of the parameter away, as AdamW does; else the decay is an L2 penalty in the gradient. @defaultValue true */
  readonly decoupledWeightDecay: boolean;
  /** Correct the means for their start at 0, as Adam does. @defaultValue false */
  readonly biasCorrection: boolean;
  /** Leave `lr` out of the denominator of the estimate, which helps when a schedule starts near 0. @defaultValue false */
  readonly safeguardWarmup: boolean;
  /** First step size, above 0; too large is harmful, too small costs some steps. @defaultValue 1e-6 */
  readonly d0: number;
  /** What the estimate is multiplied by, above 0: the one to tune, 0.5 to 2. @defaultValue 1 */
  readonly dCoef: number;
  /** Most that the step size may grow by in one step, at least 1 (1.02 is slow); null for no bound. @defaultValue null */
  readonly growthRate: number | null;
}

/** Options of {@link Prodigy}. */
export type ProdigyOptions = OptimizerOptions<ProdigySettings>;

/** Adam's running means, the sum of gradients, and where the parameter started. */
interface ProdigySlots {
  readonly mean: Parameter;
  readonly square: Parameter;
  readonly sum: Parameter;
  readonly start: Parameter;
}

/** Numbers for all parameters, in units of `d0`: the step size and the largest estimate; and the numerator of the estimate. */
interface ProdigyShared {
  readonly size: Parameter;
  readonly largest: Parameter;
  readonly numerator: Parameter;
}

type ProdigyNumbers =
  | "beta1"
  | "rest1"
  | "beta2"
  | "rest2"
  | "keep"
  | "active"
  | "rate"
  | "gain"
  | "d0"
  | "scale"
  | "growth"
  | "eps"
  | "weightDecay";

type Numbers = Readonly<Record<ProdigyNumbers, Tensor>>;

const rule: Rule<ProdigySettings, ProdigySlots, ProdigyNumbers, ProdigyShared> = {
  name: "Prodigy",
  defaults: {
    lr: 1,
    betas: [0.9, 0.999],
    beta3: null,
    eps: 1e-8,
    weightDecay: 0,
    decoupledWeightDecay: true,
    biasCorrection: false,
    safeguardWarmup: false,
    d0: 1e-6,
    dCoef: 1,
    growthRate: null,
  },
  ranges: {
    betas: share,
    beta3: { low: 0, high: 1, open: "high", nullable: true },
    eps: { low: 0, open: "low" },
    weightDecay: atLeast0,
    d0: { low: 0, open: "low" },
    dCoef: { low: 0, open: "low" },
    growthRate: { low: 1, nullable: true },
  },
  init: (parameter) => ({
    mean: slot(parameter, "mean"),
    square: slot(parameter, "square"),
    sum: slot(parameter, "sum"),
    start: slot(parameter, "start", { start: parameter }),
  }),
  initShared: () => ({
    size: sharedSlot("Prodigy size", { start: 1 }),
    largest: sharedSlot("Prodigy largest", { start: 1 }),
    numerator: sharedSlot("Prodigy numerator"),
  }),
  numbers(settings, { step, lr }) {
    const { betas, beta3, eps, weightDecay, biasCorrection, safeguardWarmup, d0, dCoef, growthRate } = settings;
    // A group whose rate is 0 rests: nothing of it changes or counts.
    const active = lr > 0 ? 1 : 0;
    const [beta1, beta2] = active === 0 ? [1, 1] : betas;
    const correction = biasCorrection ? Math.sqrt(1 - betas[1] ** step) / (1 - betas[0] ** step) : 1;
    const rate = lr * correction;
    return {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      keep: active === 0 ? 1 : (beta3 ?? Math.sqrt(betas[1])),
      active,
      rate,
      gain: safeguardWarmup ? active : rate,
      d0,
      scale: dCoef / d0,
      growth: growthRate ?? 1,
      eps,
      weightDecay,
    };
  },
  measure(raw, { sum, start }, parameter, numbers, settings, { size }) {
    const g = withPenalty(raw, parameter, numbers, settings);
    const grown = nextSum(sum, g, size, numbers);
    return {
      dots: g.mul(start.sub(parameter)).sum().mul(numbers.rate),
      sums: grown.abs().sum().mul(numbers.active),
    };
  },
  share({ dots, sums }, { size, largest, numerator }, { keep, d0, scale, growth }, { growthRate }) {
    const [top, bottom] = [numerator.mul(keep).add((dots as Tensor).mul(size).mul(size).mul(d0)), sums as Tensor];
    // No gradient was anything but 0 so far, then.
    const idle = bottom.equal(0);
    const estimate = where(idle, size, top.div(bottom).mul(scale));
    const most = largest.maximum(estimate);
    const first = where(size.equal(1), size.maximum(estimate), size);
    const next = growthRate === null ? most : most.minimum(first.mul(growth));
    return {
      slots: { size: next, largest: most, numerator: where(idle, numerator, top) },
      values: { size, distance: size.mul(d0), next: next.mul(d0), move: where(idle, 0, size.mul(d0)) },
    };
  },
  update(raw, slots, parameter, numbers, settings, shared) {
    const { beta1, rest1, beta2, rest2, rate, eps, weightDecay } = numbers;
    const { size, distance, next, move } = shared as Record<"size" | "distance" | "next" | "move", Tensor>;
    const g = withPenalty(raw, parameter, numbers, settings);
    const scaled = g.mul(distance);
    const mean = slots.mean.mul(beta1).add(scaled.mul(rest1));
    const square = slots.square.mul(beta2).add(scaled.square().mul(rest2));
    const step = move.mul(rate);
    const decays = settings.weightDecay !== 0 && settings.decoupledWeightDecay;
    const kept = decays ? parameter.sub(parameter.mul(step.mul(weightDecay))) : parameter;
    return {
      parameter: kept.sub(mean.div(square.sqrt().add(next.mul(eps))).mul(step)),
      slots: { mean, square, sum: nextSum(slots.sum, g, size, numbers) },
    };
  },
};

function withPenalty(g: Tensor, parameter: Tensor, { weightDecay }: Numbers, settings: ProdigySettings): Tensor {
  return settings.weightDecay === 0 || settings.decoupledWeightDecay ? g : g.add(parameter.mul(weightDecay));
}

function nextSum(sum: Tensor, g: Tensor, size: Tensor, { keep, gain, d0 }: Numbers): Tensor {
  return sum.mul(keep).add(g.mul(size.mul(size).mul(d0).mul(gain)));
}

/**
 * Prodigy: Adam that finds its step size itself, from how far the parameters got from their start. Leave `lr` at 1.
 *
 * With the step size $d_t$, which all parameters share, learning rate $\eta$, betas $\beta_1, \beta_2$, $\beta_3$ (by default
 * $\sqrt{\beta_2}$) and weight decay $\lambda$, parameters $\theta$ and their gradients $g_t$ give
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) d_{t-1} g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) d_{t-1}^2 g_t^2 $$
 *
 * $$ r_t = \beta_3 r_{t-1} + \eta \frac{d_{t-1}^2}{d_0} \langle g_t, \theta_0 - \theta_{t-1} \rangle, \qquad
 * s_t = \beta_3 s_{t-1} + \eta \frac{d_{t-1}^2}{d_0} g_t, \qquad
 * d_t = \max \left( d_{t-1}, c \frac{r_t}{\lVert s_t \rVert_1} \right) $$
 *
 * $$ \theta_t = (1 - \eta d_{t-1} \lambda) \theta_{t-1} - \eta d_{t-1} \frac{m_t}{\sqrt{v_t} + d_t \epsilon} $$
 *
 * Products and norms are over all parameters. The slots `mean` ($m$), `square` ($v$), `sum` ($s$) and `start` ($\theta_0$) have
 * the parameter's shape; `size` ($d / d_0$), `largest` (the largest estimate, in the same unit) and `numerator` ($r$) are shared.
 * With `biasCorrection` $\eta$ has Adam's factor. A group with learning rate 0 rests and counts for nothing; the reference
 * refuses other differences between groups, here each counts with its own rate. $d_0$, $c$ and $\beta_3$ of the estimate are
 * those of the first group.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1), `betas` (each in [0, 1), default [0.9, 0.999]), `beta3` (in [0, 1) or null, default null), `eps`
 * (above 0, default 1e-8), `weightDecay` (at least 0, default 0), `decoupledWeightDecay` (default true), `biasCorrection`
 * (default false), `safeguardWarmup` (default false), `d0` (above 0, default 1e-6), `dCoef` (above 0, default 1), `growthRate`
 * (at least 1 or null, default null).
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Prodigy } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([10, -20]);
 * const optimizer = new Prodigy([weight]);
 * for (let step = 0; step < 200; step++) await optimizer.minimize(() => weight.sub(3).square().sum());
 * (await weight.sub(3).abs().max().item()) < 0.5; // => true
 * ```
 * @reference Mishchenko & Defazio (2024), Prodigy: An Expeditiously Adaptive Parameter-Free Learner, https://arxiv.org/abs/2306.06101; in the form of its code, https://github.com/konstmish/prodigy
 */
export class Prodigy extends Optimizer {
  constructor(parameters: Trainable<ProdigyOptions>, options: ProdigyOptions = {}) {
    super(rule, parameters, options);
  }
}
