import type { AdamBaseSettings } from "./adam-rule.js";
import { adamRule } from "./adam-rule.js";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { Optimizer } from "./optimizer.js";

/** Options of {@link Adam}, complete. */
export interface AdamSettings extends AdamBaseSettings {
  /** Let the decay shrink the parameter directly, as {@link AdamW} does, instead of adding to the gradient. @defaultValue false */
  readonly decoupledWeightDecay: boolean;
}

/** Options of {@link Adam}. */
export type AdamOptions = OptimizerOptions<AdamSettings>;

const rule = adamRule<AdamSettings>(
  "Adam",
  { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, decoupledWeightDecay: false },
  ({ decoupledWeightDecay }) => decoupledWeightDecay,
);

/**
 * Adam: every element has its own step size, from running means of the gradient and of its square.
 *
 * With learning rate $\eta$, betas $\beta_1, \beta_2$ and weight decay $\lambda$, a parameter $\theta$ and its gradient
 * $\nabla_t$ give
 *
 * $$ g_t = \nabla_t + \lambda \theta_{t-1}, \qquad m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad
 * v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 $$
 *
 * $$ \theta_t = \theta_{t-1} - \frac{\eta}{1 - \beta_1^t} \cdot
 * \frac{m_t}{\sqrt{u_t} / \sqrt{1 - \beta_2^t} + \epsilon}, \qquad
 * u_t = \begin{cases} \max(u_{t-1}, v_t) & \text{with amsgrad} \\ v_t & \text{else} \end{cases} $$
 *
 * All start at 0; $t$ counts the updates of the parameter. The slots `mean` ($m$), `square` ($v$) and, with amsgrad,
 * `largest` ($u$) have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (at least 0, default 1e-8),
 * `weightDecay` (at least 0, default 0; an L2 penalty, which Adam scales like any gradient), `amsgrad` (default false),
 * `decoupledWeightDecay` (default false; true makes it {@link AdamW}). What is no flag may be a schedule, and there are the
 * options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { Adam } from "@downhill/optimizers";
 * import { cosineDecay } from "@downhill/schedulers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([1, -2]);
 * const optimizer = new Adam([weight], { lr: cosineDecay(0.1, { steps: 100 }) });
 * for (let step = 0; step < 100; step++) {
 *   const loss = weight.square().sum();
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   await optimizer.step();
 * }
 * (await weight.abs().max().item()) < 0.05; // => true
 * ```
 * @reference Kingma & Ba (2015), Adam: A Method for Stochastic Optimization, https://arxiv.org/abs/1412.6980; Reddi et al. (2018), On the Convergence of Adam and Beyond, https://arxiv.org/abs/1904.09237; in the form of PyTorch's Adam, https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
 */
export class Adam extends Optimizer {
  constructor(parameters: Trainable<AdamOptions>, options: AdamOptions = {}) {
    super(rule, parameters, options);
  }
}
