import type { AdamBaseSettings } from "./adam-rule.js";
import { adamRule } from "./adam-rule.js";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { Optimizer } from "./optimizer.js";

/** Options of {@link AdamW}, complete. */
export type AdamWSettings = AdamBaseSettings;

/** Options of {@link AdamW}. */
export type AdamWOptions = OptimizerOptions<AdamWSettings>;

const rule = adamRule<AdamWSettings>(
  "AdamW",
  { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01, amsgrad: false },
  () => true,
);

/**
 * Adam with decoupled weight decay: the decay shrinks the parameter directly, so that it is not scaled by the step size of
 * each element. The usual choice for transformers and most networks.
 *
 * $$ m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 $$
 *
 * $$ \theta_t = (1 - \eta \lambda) \theta_{t-1} - \frac{\eta}{1 - \beta_1^t} \cdot
 * \frac{m_t}{\sqrt{u_t} / \sqrt{1 - \beta_2^t} + \epsilon}, \qquad
 * u_t = \begin{cases} \max(u_{t-1}, v_t) & \text{with amsgrad} \\ v_t & \text{else} \end{cases} $$
 *
 * All start at 0; $t$ counts the updates of the parameter. The slots `mean` ($m$), `square` ($v$) and, with amsgrad,
 * `largest` ($u$) have the parameter's shape.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, and options: `lr` (a finite number of at least 0
 * or a schedule, default 1e-3), `betas` (each in [0, 1), default [0.9, 0.999]), `eps` (at least 0, default 1e-8),
 * `weightDecay` (at least 0, default 0.01, PyTorch's; Keras has 0.004 and Optax 1e-4), `amsgrad` (default false). What is no
 * flag may be a schedule, and there are the options of {@link Optimizer}.
 *
 * Every parameter decays, as in PyTorch. Biases and the scales of normalisation are often left out: the mask `decay` says
 * which parameters decay.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
 * @example
 * ```ts
 * import { AdamW } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const [weight, bias] = [parameter([[1, -2]]), parameter([1])];
 * const optimizer = new AdamW([weight, bias], { lr: 0.1, weightDecay: 0.5, decay: (each) => each.rank > 1 });
 * await optimizer.minimize(() => weight.mul(bias).sum());
 * // 1 - 0.1 · 0.5 of the weight is left, then every element moves by the rate; the bias does not decay.
 * await weight.array(); // => [[0.85, -2]]
 * await bias.array(); // => [1.1]
 * ```
 * @reference Loshchilov & Hutter (2019), Decoupled Weight Decay Regularization, https://arxiv.org/abs/1711.05101, in the form of PyTorch's AdamW, https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export class AdamW extends Optimizer {
  constructor(parameters: Trainable<AdamWOptions>, options: AdamWOptions = {}) {
    super(rule, parameters, options);
  }
}
