import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, softplus } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkProbabilities, refuseProbabilities } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { power } from "../shared/power.js";

/** Options of {@link asymmetricLoss}. */
export interface AsymmetricLossOptions extends LossOptions {
  /** How much less easy negatives count, finite and >= 0. @defaultValue 4 */
  readonly gammaNegative?: number | undefined;
  /** How much less easy positives count, finite and >= 0. @defaultValue 1 */
  readonly gammaPositive?: number | undefined;
  /** Probability up to which a negative costs nothing, from 0 up to but not 1. @defaultValue 0.05 */
  readonly clip?: number | undefined;
}

/**
 * Asymmetric loss of logits: for many labels per example of which few are positive; easy negatives count much less than easy positives,
 * very easy ones not at all.
 *
 * $$ \ell(x, t) = -t \, (1 - p)^{\gamma_+} \ln p - (1 - t) \, p_m^{\gamma_-} \ln(1 - p_m) \qquad
 *    p = \sigma(x), \quad p_m = \max(p - m, 0) $$
 *
 * with $m$ = `clip`. The authors' code sums where we average (`reduction: "sum"`), and bounds each logarithm below by ln 1e-8, which
 * takes the gradient away from the worst mistakes; we don't.
 *
 * @param prediction - `[...shape]`, logits: any real numbers, before a sigmoid
 * @param target - `[...shape]`, the shape of `prediction`: 0, 1 or a probability between them
 * @param options - `gammaNegative` (>= 0, default 4), `gammaPositive` (>= 0, default 1), `clip` (from 0, below 1, default 0.05),
 * `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is outside [0, 1] (naming it; targets that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when the prediction comes out of a sigmoid or softmax
 * @example
 * import { asymmetricLoss } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[1.5, -0.5, -3]]);
 * await asymmetricLoss(logits, [[1, 0, 0]], { reduction: "none" }).array(); // => [[0.0367429, 0.00456717, 0]]
 * await asymmetricLoss(logits, [[1, 0, 0]], { gammaNegative: 0, gammaPositive: 0, clip: 0 }).item(); // => 0.2413592
 * @category Classification
 * @reference Ben-Baruch et al. (2020), Asymmetric Loss For Multi-Label Classification, https://arxiv.org/abs/2009.14119; the authors'
 * code as in timm, AsymmetricLossMultiLabel, https://github.com/huggingface/pytorch-image-models
 */
export function asymmetricLoss(prediction: Tensor, target: TensorLike, options: AsymmetricLossOptions = {}): Tensor {
  const fn = "asymmetricLoss";
  const reduction = checkOptions(fn, options, ["gammaNegative", "gammaPositive", "clip"]);
  const { gammaNegative = 4, gammaPositive = 1, clip = 0.05 } = options;
  inRange(fn, "gammaNegative", gammaNegative, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "gammaPositive", gammaPositive, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "clip", clip, 0, 1, "high");
  const [x, t] = pairOf(fn, prediction, target);
  refuseProbabilities(fn, prediction, "logits");
  checkProbabilities(fn, "target", t);

  const [p, q] = [x.sigmoid(), x.neg().sigmoid()];
  const positive = times(power(q, gammaPositive), softplus(x.neg()));
  const easy = clip === 0 ? p : p.sub(clip).relu();
  const surprise = clip === 0 ? softplus(x) : q.add(clip).clip(0, 1).log().neg();
  const negative = times(power(easy, gammaNegative), surprise);
  return reduced(fn, t.mul(positive).add(t.neg().add(1).mul(negative)), reduction, options);
}

function times(factor: Tensor | null, x: Tensor): Tensor {
  return factor === null ? x : factor.mul(x);
}
