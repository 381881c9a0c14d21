import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { checkDomain, nonnegative } from "../shared/domain.js";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkFlag } from "../shared/flag.js";
import { logRatio } from "../shared/log-ratio.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link poissonNll}. */
export interface PoissonNllOptions extends LossOptions {
  /** Whether the prediction is the logarithm of the rate, otherwise the rate itself. @defaultValue true */
  readonly logInput?: boolean | undefined;
  /** Whether to add Stirling's approximation of ln t!, which no prediction changes. @defaultValue false */
  readonly full?: boolean | undefined;
  /** Added to the rate before its logarithm is taken, finite and > 0; only without `logInput`. @defaultValue 1e-8 */
  readonly eps?: number | undefined;
}

/**
 * Poisson negative log-likelihood: for counts of events, predicted by their rate or its logarithm.
 *
 * $$ \ell(p, t) = \begin{cases} e^p - t\,p & \text{logInput} \\ p - t \ln(p + \varepsilon) & \text{otherwise} \end{cases} $$
 *
 * `full` adds $t \ln t - t + \tfrac12 \ln(2 \pi t)$ where $t > 1$. Above a logarithm of 88 the rate is Infinity in float32, and so
 * is the loss. Keras's Poisson loss is that of `logInput: false`, with an $\varepsilon$ of 1e-7.
 *
 * @param prediction - `[...shape]`, logarithms of rates; rates of at least 0 for `logInput: false`
 * @param target - `[...shape]`, the shape of `prediction`, counts of at least 0; nothing is broadcast
 * @param options - `logInput` (default true), `full` (default false), `eps` (> 0, default 1e-8), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a rate or count that JavaScript knows is negative or not finite (naming it), the shapes differ or an
 * option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { poissonNll } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await poissonNll(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 5.319129
 * await poissonNll(tensor([2, 1]), [3, 0], { logInput: false }).item(); // => 0.460279
 * @category Likelihoods
 * @reference PyTorch 2.13, torch.nn.PoissonNLLLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 */
export function poissonNll(prediction: Tensor, target: TensorLike, options: PoissonNllOptions = {}): Tensor {
  const fn = "poissonNll";
  const reduction = checkOptions(fn, options, ["logInput", "full", "eps"]);
  const { logInput = true, full = false, eps = 1e-8 } = options;
  checkFlag(fn, "logInput", logInput);
  checkFlag(fn, "full", full);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  if (!logInput) checkDomain(fn, "prediction", p, nonnegative, "; for logarithms of rates set logInput: true");
  checkDomain(fn, "target", t, nonnegative);
  const losses = logInput ? p.exp().sub(t.mul(p)) : p.sub(t.mul(p.add(eps).log()));
  return reduced(fn, full ? withFactorial(losses, p, t, logInput ? null : eps) : losses, reduction, options);
}

/** With Stirling's approximation of ln t! where t > 1, in a form in which the large parts of both have cancelled. */
function withFactorial(losses: Tensor, p: Tensor, t: Tensor, eps: number | null): Tensor {
  const many = t.greater(1);
  const count = where(many, t, 2);
  const scatter = count
    .mul(2 * Math.PI)
    .log()
    .mul(0.5);
  const divergence = eps === null ? fromLog(p.sub(count.log()), count) : fromRate(p, count, eps);
  return where(many, divergence.add(scatter), losses);
}

/** e^p - t - t (p - ln t), of the difference of the logarithms. */
function fromLog(difference: Tensor, count: Tensor): Tensor {
  return difference.expm1().sub(difference).mul(count);
}

/** p - t - t ln((p + eps) / t) */
function fromRate(p: Tensor, count: Tensor, eps: number): Tensor {
  const excess = p.sub(count);
  return excess.sub(count.mul(logRatio(p.add(eps), count, excess.add(eps))));
}
