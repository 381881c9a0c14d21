import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { classInputs, classOptions, complement, reduceClasses, surpriseLoss } from "../shared/classes.js";
import { crossEntropyWith, logSoftmaxTerms } from "../shared/log-softmax-terms.js";
import { checkOptions } from "../shared/options.js";
import type { ClassLossOptions } from "./class-options.js";

/** Options of {@link symmetricCrossEntropy}. */
export interface SymmetricCrossEntropyOptions extends ClassLossOptions {
  /** Factor of the cross entropy, finite and >= 0. @defaultValue 0.1 */
  readonly alpha?: number | undefined;
  /** Factor of the reverse cross entropy, finite and >= 0. @defaultValue 1 */
  readonly beta?: number | undefined;
  /** What counts as the logarithm of 0, and the least one of any target probability: finite, below 0. @defaultValue -4 */
  readonly logZero?: number | undefined;
}

/**
 * Symmetric cross entropy: for labels of which some are wrong, a cross entropy plus the one with prediction and target exchanged,
 * which is bounded.
 *
 * $$ \ell(x, q) = -\alpha \sum_c q_c \ln p_c - \beta \sum_c p_c \max(\ln q_c, A) \qquad p = \mathrm{softmax}(x) $$
 *
 * For a class index $y$, $q$ is 1 at $y$ and 0 elsewhere, and the second sum is $A\,(1 - p_y)$. The defaults are the paper's for
 * CIFAR-10, `logZero` $A$ = -4 included; its code takes $A = \ln 10^{-4}$, and for CIFAR-100 the paper takes `alpha` 6 and `beta` 0.1.
 *
 * @param prediction - `[..., classes]`, logits: any real numbers, before a softmax
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1
 * @param options - `alpha` (>= 0, default 0.1), `beta` (>= 0, default 1), `logZero` (below 0, default -4), `ignoreIndex` (default
 * -100), `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), a probability is outside [0, 1], a shape or an option does not
 * fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { symmetricCrossEntropy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await symmetricCrossEntropy(logits, [0, 2]).item(); // => 1.756638
 * await symmetricCrossEntropy(logits, [0, 2], { alpha: 1, beta: 0 }).item(); // => 0.621627
 * @category Classification
 * @reference Wang et al. (2019), Symmetric Cross Entropy for Robust Learning with Noisy Labels, https://arxiv.org/abs/1908.06112
 */
export function symmetricCrossEntropy(
  prediction: Tensor,
  target: TensorLike,
  options: SymmetricCrossEntropyOptions = {},
): Tensor {
  const fn = "symmetricCrossEntropy";
  const reduction = checkOptions(fn, options, ["alpha", "beta", "logZero", ...classOptions]);
  const { alpha = 0.1, beta = 1, logZero = -4 } = options;
  inRange(fn, "alpha", alpha, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "beta", beta, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "logZero", logZero, Number.NEGATIVE_INFINITY, 0, "high");
  const inputs = classInputs(fn, prediction, target, options);
  const { x, q } = inputs;
  if (q === null || x.size === 0) {
    const ofSurprise = (surprise: Tensor): Tensor => surprise.mul(alpha).add(complement(surprise).mul(-logZero * beta));
    return surpriseLoss(inputs, reduction, ofSurprise, { weight: null });
  }
  const terms = logSoftmaxTerms(x);
  const p = terms.shifted.sub(terms.logSum.unsqueeze(-1)).exp();
  const isZero = q.equal(0);
  const surpriseOfTarget = where(isZero, -logZero, where(isZero, 1, q).log().neg().minimum(-logZero));
  const reverse = p.mul(surpriseOfTarget).sum({ axis: -1 });
  return reduceClasses(inputs, crossEntropyWith(q, terms).mul(alpha).add(reverse.mul(beta)), reduction);
}
