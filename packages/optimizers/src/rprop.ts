import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";

/** Options of {@link Rprop}, complete. */
export interface RpropSettings {
  /** Size of the first step of every element: a finite number of at least 0, or a schedule. @defaultValue 0.01 */
  readonly lr: number | Schedule;
  /** Factors of the step where the gradient changes its sign, in (0, 1), and where it keeps it, above 1. @defaultValue [0.5, 1.2] */
  readonly etas: readonly [number | Schedule, number | Schedule];
  /** Smallest and largest step, at least 0. @defaultValue [1e-6, 50] */
  readonly stepSizes: readonly [number | Schedule, number | Schedule];
}

/** Options of {@link Rprop}. */
export type RpropOptions = OptimizerOptions<RpropSettings>;

const rule: Rule<
  RpropSettings,
  { readonly previous: Parameter; readonly stepSize: Parameter },
  "first" | "shrink" | "grow" | "least" | "most"
> = {
  name: "Rprop",
  defaults: { lr: 0.01, etas: [0.5, 1.2], stepSizes: [1e-6, 50] },
  ranges: { etas: { low: 0, open: "low", scheduled: true }, stepSizes: { low: 0, scheduled: true } },
  check({ etas: [shrink, grow], stepSizes: [least, most] }) {
    if (typeof shrink === "number" && shrink >= 1)
      throw new RangeError(`Rprop: "etas[0]" expected a number in (0, 1), got ${shrink}`);
    if (typeof grow === "number" && grow <= 1)
      throw new RangeError(`Rprop: "etas[1]" expected a finite number above 1, got ${grow}`);
    if (typeof least === "number" && typeof most === "number" && most < least)
      throw new RangeError(`Rprop: "stepSizes[1]" expected a number of at least stepSizes[0] = ${least}, got ${most}`);
  },
  init: (parameter) => ({ previous: slot(parameter, "previous"), stepSize: slot(parameter, "stepSize") }),
  // The first step begins at the rate: it is added to a slot of zeros, so that it has the same plan as the others.
  numbers: ({ etas: [shrink, grow], stepSizes: [least, most] }, { step, lr }) => ({
    first: step === 1 ? lr : 0,
    shrink,
    grow,
    least,
    most,
  }),
  update(gradient, { previous, stepSize }, parameter, { first, shrink, grow, least, most }) {
    // Of the signs, as the product of two small gradients may be rounded to 0.
    const agreement = gradient.sign().mul(previous.sign());
    const turned = agreement.less(0);
    const factor = where(turned, shrink, where(agreement.greater(0), grow, 1));
    const size = stepSize.add(first).mul(factor).maximum(least).minimum(most);
    const used = where(turned, 0, gradient);
    return {
      parameter: parameter.sub(used.sign().mul(size)),
      slots: { previous: used, stepSize: size },
    };
  },
};

/**
 * Only the sign of the gradient counts: every element has a step that grows while the sign stays and shrinks when it turns.
 * For whole data sets, not for batches, whose noise turns signs.
 *
 * $$ a_t = \operatorname{sign}(g_t g_{t-1}), \qquad
 * s_t = \operatorname{clip}\left(s_{t-1} \cdot \begin{cases} \eta_+ & a_t > 0 \\ \eta_- & a_t < 0 \\ 1 & \text{else}
 * \end{cases},\; s_{\min}, s_{\max}\right) $$
 *
 * where $a_t < 0$, $g_t$ is then set to 0: no step is taken there and the next one counts as a first; last
 * $\theta_t = \theta_{t-1} - \operatorname{sign}(g_t)\, s_t$. It begins with $s_0 = $ `lr`, which counts no more after
 * that. The slots `previous` ($g_{t-1}$) and `stepSize` ($s$) have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 0.01), `etas` ($\eta_-$ in (0, 1) and $\eta_+$ above 1, default [0.5, 1.2]), `stepSizes`
 * ($s_{\min}$ and $s_{\max}$, at least 0, default [1e-6, 50]). All of them may be schedules, and there are the options of
 * {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Rprop } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new Rprop([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [0.9636, -1.9636]
 * ```
 * @reference Riedmiller & Braun (1993), A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm, https://doi.org/10.1109/ICNN.1993.298623, in the form of PyTorch's Rprop, https://docs.pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 */
export class Rprop extends Optimizer {
  constructor(parameters: Trainable<RpropOptions>, options: RpropOptions = {}) {
    super(rule, parameters, options);
  }
}
