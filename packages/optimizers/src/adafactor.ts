import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { norm } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0 } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { decayed } from "./weight-decay.js";

/** Options of {@link Adafactor}, complete. */
export interface AdafactorSettings {
  /** Largest relative step: a finite number of at least 0, or a schedule. @defaultValue 0.01 */
  readonly lr: number | Schedule;
  /** Power of the update count that gives the share of the newest square; at most 0. @defaultValue -0.8 */
  readonly beta2Decay: number | Schedule;
  /** Least root of a mean square (null: the distance of 1 to the next float32, 1.19e-7) and least size of a parameter; above 0. @defaultValue [null, 1e-3] */
  readonly eps: readonly [number | Schedule | null, number | Schedule];
  /** Largest root mean square of an update, above 0, or a schedule. @defaultValue 1 */
  readonly d: number | Schedule;
  /** Decoupled weight decay, at least 0, or a schedule. @defaultValue 0 */
  readonly weightDecay: number | Schedule;
}

/** Options of {@link Adafactor}. */
export type AdafactorOptions = OptimizerOptions<AdafactorSettings>;

/** Mean squares of rows and of columns of a matrix; of every element of a vector. */
interface AdafactorSlots {
  readonly rows?: Parameter;
  readonly columns?: Parameter;
  readonly square?: Parameter;
}

const rule: Rule<
  AdafactorSettings,
  AdafactorSlots,
  "rate" | "share" | "rest" | "eps1" | "eps1Square" | "eps2" | "most" | "keep"
> = {
  name: "Adafactor",
  defaults: { lr: 0.01, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0 },
  ranges: {
    beta2Decay: { high: 0, scheduled: true },
    eps: { low: 0, open: "low", nullable: true, scheduled: true },
    d: { low: 0, open: "low", scheduled: true },
    weightDecay: atLeast0,
  },
  check({ eps: [, eps2] }) {
    if (eps2 === null) throw new TypeError('Adafactor: "eps[1]" expected a number, got null');
  },
  init(parameter) {
    const { shape, rank } = parameter;
    if (rank < 2) return { square: slot(parameter, "square") };
    return {
      rows: slot(parameter, "rows", { shape: [...shape.slice(0, -1), 1] }),
      columns: slot(parameter, "columns", { shape: [...shape.slice(0, -2), 1, shape.at(-1) as number] }),
    };
  },
  numbers({ beta2Decay, eps: [eps1, eps2], d, weightDecay }, { step, lr }) {
    const share = step ** beta2Decay;
    const least = eps1 ?? 2 ** -23;
    return {
      rate: Math.min(lr, 1 / Math.sqrt(step)),
      share,
      rest: 1 - share,
      eps1: least,
      eps1Square: least * least,
      eps2,
      most: d,
      keep: 1 - lr * weightDecay,
    };
  },
  update(gradient, slots, parameter, { rate, share, rest, eps1, eps1Square, eps2, most, keep }, settings) {
    const { next, estimate } = squares(gradient, slots, share, rest, eps1);
    const direction = gradient.div(estimate.maximum(eps1Square).sqrt());
    const size = Math.sqrt(parameter.size);
    const length = norm(direction).div(size).div(most).maximum(1);
    const step = norm(parameter).div(size).maximum(eps2).mul(rate).div(length);
    return { parameter: decayed(parameter, keep, settings).sub(direction.mul(step)), slots: next };
  },
};

/** The new mean squares, and what they say about that of each element. */
function squares(
  gradient: Tensor,
  slots: AdafactorSlots,
  share: Tensor,
  rest: Tensor,
  eps1: Tensor,
): { next: { [Name in keyof AdafactorSlots]: Tensor }; estimate: Tensor } {
  const square = gradient.square();
  const blend = (old: Tensor, now: Tensor): Tensor => old.mul(rest).add(now.mul(share));
  if (slots.rows === undefined || slots.columns === undefined) {
    const next = blend(slots.square as Parameter, square);
    return { next: { square: next }, estimate: next };
  }
  const rows = blend(slots.rows, square.mean({ axis: -1, keepDims: true }));
  const columns = blend(slots.columns, square.mean({ axis: -2, keepDims: true }));
  const scale = rows.mean({ axis: -2, keepDims: true }).maximum(eps1);
  return { next: { rows, columns }, estimate: rows.mul(columns).div(scale) };
}

/**
 * Adam in little memory: of the squared gradients of a matrix it keeps only the means of rows and columns, and its steps are
 * relative to the size of the parameter. For large matrices.
 *
 * $$ \rho_t = \min(\eta, 1/\sqrt{t}), \qquad \hat\beta_t = 1 - t^{\tau}, \qquad
 * \alpha_t = \max(\epsilon_2, \operatorname{rms}(\theta_{t-1})) \rho_t $$
 *
 * $$ R_t = \hat\beta_t R_{t-1} + (1 - \hat\beta_t) \operatorname{mean}_{\text{columns}}(g_t^2), \qquad
 * C_t = \hat\beta_t C_{t-1} + (1 - \hat\beta_t) \operatorname{mean}_{\text{rows}}(g_t^2), \qquad
 * V_t = \frac{R_t C_t}{\max(\operatorname{mean}(R_t), \epsilon_1)} $$
 *
 * $$ u_t = \frac{g_t}{\max(\sqrt{V_t}, \epsilon_1)}, \qquad
 * \theta_t = (1 - \eta \lambda) \theta_{t-1} - \alpha_t \frac{u_t}{\max(1, \operatorname{rms}(u_t) / d)} $$
 *
 * A parameter with fewer than two axes keeps the mean square of every element in place of $R$ and $C$; with more than two the
 * last two are the matrix. Slots: `rows` `[..., n, 1]` and `columns` `[..., 1, m]`, or `square` in the parameter's shape.
 *
 * This is the form of PyTorch, which differs from Keras and Optax: no momentum, the gradient's square gets no $\epsilon$, and
 * every matrix is factored, however small.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 0.01), `beta2Decay` ($\tau$, at most 0, default -0.8), `eps` ($\epsilon_1$ above 0, or null for
 * float32's 1.19e-7, and $\epsilon_2$ above 0; default [null, 1e-3]), `d` (above 0, default 1), `weightDecay` ($\lambda$, at
 * least 0, default 0). All of them may be schedules, and there are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Adafactor } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([[1, -2], [0.5, 3]]);
 * const optimizer = new Adafactor([weight]);
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum().mul(0.5));
 * await weight.array(); // => [[0.920624, -1.950374], [0.470701, 2.945324]]
 * ```
 * @reference Shazeer & Stern (2018), Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, https://arxiv.org/abs/1804.04235, in the form of PyTorch's Adafactor, https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
 */
export class Adafactor extends Optimizer {
  constructor(parameters: Trainable<AdafactorOptions>, options: AdafactorOptions = {}) {
    super(rule, parameters, options);
  }
}
