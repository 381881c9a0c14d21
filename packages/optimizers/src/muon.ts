import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { describe, norm } from "@downhill/tensor";
import type { OptimizerOptions, Trainable } from "./groups.js";
import { atLeast0, share } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { decayed } from "./weight-decay.js";

/** How {@link Muon} adapts the learning rate to the shape of a matrix. */
export type MuonRate = "original" | "matchRmsAdamW";

/** Options of {@link Muon}, complete. */
export interface MuonSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** Decoupled weight decay, at least 0, or a schedule. @defaultValue 0.1 */
  readonly weightDecay: number | Schedule;
  /** How much of the mean gradient stays, in [0, 1), or a schedule. @defaultValue 0.95 */
  readonly momentum: number | Schedule;
  /** Look one step of momentum ahead. @defaultValue true */
  readonly nesterov: boolean;
  /** Coefficients of X, X³ and X⁵ in the iteration. @defaultValue [3.4445, -4.775, 2.0315] */
  readonly nsCoefficients: readonly [number, number, number];
  /** Least norm that the matrix is divided by, above 0, or a schedule. @defaultValue 1e-7 */
  readonly eps: number | Schedule;
  /** Iterations, an integer from 1 to 99. @defaultValue 5 */
  readonly nsSteps: number;
  /** How the rate follows the shape. @defaultValue "original" */
  readonly adjustLr: MuonRate;
}

/** Options of {@link Muon}. */
export type MuonOptions = OptimizerOptions<MuonSettings>;

const rule: Rule<
  MuonSettings,
  { readonly mean: Parameter },
  "rate" | "momentum" | "rest" | "a" | "b" | "c" | "eps" | "keep"
> = {
  name: "Muon",
  defaults: {
    lr: 1e-3,
    weightDecay: 0.1,
    momentum: 0.95,
    nesterov: true,
    nsCoefficients: [3.4445, -4.775, 2.0315],
    eps: 1e-7,
    nsSteps: 5,
    adjustLr: "original",
  },
  ranges: {
    weightDecay: atLeast0,
    momentum: share,
    eps: { low: 0, open: "low", scheduled: true },
    nsSteps: { low: 1, high: 99, integer: true },
  },
  check({ adjustLr }) {
    if (adjustLr !== "original" && adjustLr !== "matchRmsAdamW")
      throw new RangeError(`Muon: "adjustLr" expected "original" or "matchRmsAdamW", got ${describe(adjustLr)}`);
  },
  accept({ shape }, name) {
    if (shape.length === 2) return;
    throw new RangeError(
      `Muon: "parameters" expected matrices, got "${name}" of shape [${shape.join(", ")}]; train biases, embeddings and convolutions with AdamW`,
    );
  },
  init: (parameter) => ({ mean: slot(parameter, "mean") }),
  numbers({ momentum, nsCoefficients: [a, b, c], eps, weightDecay }, { lr }) {
    return { rate: lr, momentum, rest: 1 - momentum, a, b, c, eps, keep: 1 - lr * weightDecay };
  },
  update(gradient, slots, parameter, { rate, momentum, rest, a, b, c, eps, keep }, settings) {
    const mean = slots.mean.mul(momentum).add(gradient.mul(rest));
    const ahead = settings.nesterov ? gradient.mul(rest).add(mean.mul(momentum)) : mean;
    const direction = orthogonal(ahead, [a, b, c], eps, settings.nsSteps);
    const [rows, columns] = parameter.shape as [number, number];
    const factor =
      settings.adjustLr === "original"
        ? Math.sqrt(Math.max(1, rows / columns))
        : 0.2 * Math.sqrt(Math.max(rows, columns));
    return { parameter: decayed(parameter, keep, settings).sub(direction.mul(rate).mul(factor)), slots: { mean } };
  },
};

/** Newton-Schulz: a matrix with the same singular vectors and singular values near 1. The wide form needs the smaller products. */
function orthogonal(matrix: Tensor, [a, b, c]: readonly [Tensor, Tensor, Tensor], eps: Tensor, steps: number): Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  const tall = rows > columns;
  const wide = tall ? matrix.transpose() : matrix;
  let x = wide.div(norm(wide).maximum(eps));
  for (let i = 0; i < steps; i++) {
    const gram = x.matmul(x.transpose());
    const polynomial = gram.mul(b).add(gram.matmul(gram).mul(c));
    x = x.mul(a).add(polynomial.matmul(x));
  }
  return tall ? x.transpose() : x;
}

/**
 * Momentum whose matrix is made orthogonal, so that a step is as long in every direction: for the weight matrices inside a
 * network. Train everything else (biases, embeddings, the first and the last layer, convolutions) with {@link AdamW}.
 *
 * $$ m_t = \mu m_{t-1} + (1 - \mu) g_t, \qquad
 * d_t = \begin{cases} (1 - \mu) g_t + \mu m_t & \text{with nesterov} \\ m_t & \text{else} \end{cases}, \qquad
 * X_0 = \frac{d_t}{\max(\|d_t\|_F, \epsilon)} $$
 *
 * $$ X_{i+1} = a X_i + \left(b A_i + c A_i^2\right) X_i, \quad A_i = X_i X_i^\top, \qquad
 * \theta_t = (1 - \eta \lambda) \theta_{t-1} - \eta\, r\, X_n $$
 *
 * For a matrix of $n$ rows and $m$ columns $r = \sqrt{\max(1, n/m)}$, or $0.2 \sqrt{\max(n, m)}$ with `adjustLr:
 * "matchRmsAdamW"`, which makes steps about as long as AdamW's, so that its rate and decay can be kept. The slot `mean`
 * ($m$) has the parameter's shape. PyTorch computes the iteration in bfloat16, here it is float32: steps agree to two or three percent.
 *
 * The constructor takes parameters or groups `{ parameters, ...options }`, every parameter a matrix, and options: `lr` (a
 * finite number of at least 0 or a schedule, default 1e-3), `weightDecay` ($\lambda$, at least 0, default 0.1), `momentum`
 * ($\mu$, in [0, 1), default 0.95), `nesterov` (default true), `nsCoefficients` ($a, b, c$, default [3.4445, -4.775,
 * 2.0315]), `eps` (above 0, default 1e-7), `nsSteps` (an integer from 1 to 99, default 5), `adjustLr` (default
 * `"original"`). `lr`, `weightDecay`, `momentum` and `eps` may be schedules, and there are the options of {@link Optimizer}.
 *
 * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
 * @throws RangeError when there is no parameter, one is there twice or is no matrix, or an option is out of its range
 * @example
 * ```ts
 * import { Muon } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([[1, -2], [0.5, 3]]);
 * const optimizer = new Muon([weight], { lr: 0.1, weightDecay: 0 });
 * const loss = () => weight.square().sum();
 * const before = await loss().item();
 * for (let step = 0; step < 40; step++) await optimizer.minimize(loss);
 * (await loss().item()) < before / 10; // => true
 * ```
 * @reference Jordan et al. (2024), Muon: An optimizer for hidden layers in neural networks, https://kellerjordan.github.io/posts/muon/; the rate to match AdamW as in Liu et al. (2025), Muon is Scalable for LLM Training, https://arxiv.org/abs/2502.16982; in the form of PyTorch's Muon, https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html
 */
export class Muon extends Optimizer {
  constructor(parameters: Trainable<MuonOptions>, options: MuonOptions = {}) {
    super(rule, parameters, options);
  }
}
