import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { visit } from "./visit.js";
import { decayed } from "./weight-decay.js";

/** Options of {@link Sophia}, complete. */
export interface SophiaSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-4 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the curvature stays, each in [0, 1) or a schedule. @defaultValue [0.965, 0.99] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** How large the curvature counts, above 0: so that 10 to 50 percent of the elements move by less than the rate. @defaultValue 0.04 */
  readonly rho: number;
  /** Examples (tokens, for language) that the sampled loss is a mean over, at least 1: `bs` of the reference. @defaultValue 5120 */
  readonly batchSize: number;
  /** Each step takes `lr` times this times the parameter away; at least 0, or a schedule. @defaultValue 0.1 */
  readonly weightDecay: number | Schedule;
}

/** Options of {@link Sophia}. */
export type SophiaOptions = OptimizerOptions<SophiaSettings>;

/** Running means of the gradient, and of the squared gradient for sampled labels. */
interface SophiaSlots {
  readonly mean: Parameter;
  readonly hessian: Parameter;
}

type SophiaNumbers = "beta1" | "rest1" | "beta2" | "rest2" | "curvature" | "lr" | "shrink";

const rule: Rule<SophiaSettings, SophiaSlots, SophiaNumbers> = {
  name: "Sophia",
  defaults: { lr: 1e-4, betas: [0.965, 0.99], rho: 0.04, batchSize: 5120, weightDecay: 0.1 },
  ranges: {
    betas: share,
    rho: { low: 0, open: "low" },
    batchSize: { low: 1 },
    weightDecay: atLeast0,
  },
  init: (parameter) => ({ mean: slot(parameter, "mean"), hessian: slot(parameter, "hessian") }),
  numbers: ({ betas: [beta1, beta2], rho, batchSize, weightDecay }, { lr }) => ({
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    curvature: rho * batchSize,
    lr,
    shrink: 1 - lr * weightDecay,
  }),
  update(g, slots, parameter, { beta1, rest1, curvature, lr, shrink }, settings) {
    const mean = slots.mean.mul(beta1).add(g.mul(rest1));
    // Where nothing is known of the curvature the step is the rate, in the direction of the sign.
    const step = mean.div(slots.hessian.mul(curvature).add(1e-15)).maximum(-1).minimum(1);
    const kept = decayed(parameter, shrink, settings);
    return { parameter: kept.sub(step.mul(lr)), slots: { mean } };
  },
};

/** Half of the rule: the gradient is that of a loss for sampled labels. */
function estimate(
  gradient: Tensor,
  slots: object,
  parameter: Tensor,
  { beta2, rest2 }: Readonly<Record<string, Tensor>>,
): { readonly parameter: Tensor; readonly slots: { readonly hessian: Tensor } } {
  const hessian = (slots as SophiaSlots).hessian.mul(beta2 as Tensor).add(gradient.square().mul(rest2 as Tensor));
  return { parameter, slots: { hessian } };
}

/**
 * Sophia (SophiaG): Newton's method by halves: a mean gradient over an estimate of the curvature, cut to the learning rate.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2$, weight decay $\lambda$ and batch size $B$, a parameter $\theta$ and its
 * gradient $g_t$ give
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad
 * \theta_t = (1 - \eta \lambda) \theta_{t-1} - \eta \, \mathrm{clip} \left( \frac{m_t}{\rho B h + 10^{-15}}, -1, 1 \right) $$
 *
 * and every 10 or so steps `updateHessian()` makes, of the gradient $\hat g$ of the mean loss for labels that are drawn from the
 * model's own predictions (the Gauss-Newton-Bartlett estimate),
 *
 * $$ h \leftarrow \beta_2 h + (1 - \beta_2) \hat g^2 $$
 *
 * The protocol: `zeroGrad()`, the loss of a batch for labels drawn from the softmax of its logits, `backward()`,
 * `updateHessian()`; then `zeroGrad()` and training goes on. Without it $h$ stays 0, and each element moves by $\eta$ in the
 * direction of its sign. The slots `mean` ($m$) and `hessian` ($h$) start at 0 and have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-4), `betas` (each in [0, 1), default [0.965, 0.99]), `rho` (above 0, default 0.04), `batchSize` (at
 * least 1, default 5120 as in the reference: give yours), `weightDecay` (at least 0, default 0.1). The paper calls $\rho$
 * $\gamma$; Optax has it as `gamma`, with the Hutchinson estimate by default and a bias correction that the reference doesn't have.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Sophia } from "@downhill/optimizers";
 * import { manualSeed, parameter, pick, rand, type Tensor, tensor } from "@downhill/tensor";
 *
 * manualSeed(0);
 * const weight = parameter([[0.1, -0.1], [-0.2, 0.2]]);
 * const inputs = tensor([[1, 2], [2, -1], [-1, 0.5], [0.5, -2]]);
 * const labels = tensor([0, 1, 1, 0]).cast("int32");
 * const optimizer = new Sophia([weight], { lr: 0.05, batchSize: 4 });
 * const crossEntropy = (logits: Tensor, classes: Tensor) => pick(logits.logSoftmax(), classes).mean().neg();
 *
 * const first = await optimizer.minimize(() => crossEntropy(inputs.matmul(weight), labels));
 * for (let step = 1; step < 50; step++) {
 *   if (step % 10 === 1) {
 *     optimizer.zeroGrad();
 *     const logits = inputs.matmul(weight);
 *     // Gumbel's trick: the largest of logits with such noise is a draw from their softmax.
 *     const drawn = logits.detach().sub(rand([4, 2]).add(1e-7).log().neg().log()).argmax({ axis: 1 });
 *     crossEntropy(logits, drawn).backward();
 *     await optimizer.updateHessian();
 *   }
 *   await optimizer.minimize(() => crossEntropy(inputs.matmul(weight), labels));
 * }
 * const last = crossEntropy(inputs.matmul(weight), labels);
 * (await last.item()) < (await first.item()); // => true
 * ```
 * @reference Liu et al. (2023), Sophia: A Scalable Stochastic Second-order Optimizer for Language Model Pre-training, https://arxiv.org/abs/2305.14342; in the form of its code, https://github.com/Liuhong99/Sophia
 */
export class Sophia extends Optimizer {
  constructor(parameters: Trainable<SophiaOptions>, options: SophiaOptions = {}) {
    super(rule, parameters, options);
  }

  /**
   * Takes the gradients, which must be of a mean loss for labels drawn from the model's predictions, into the estimate of the
   * curvature, all in one evaluation. They are used up: call `zeroGrad()` before the next `backward()`. It is no step.
   *
   * @throws Error (a rejection) when no parameter has a gradient
   * @throws NonFiniteError (a rejection) when a gradient is not finite; nothing has changed then
   */
  async updateHessian(): Promise<void> {
    await visit(this.core, "updateHessian", estimate);
  }
}
