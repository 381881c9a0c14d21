import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { checkSums, classInputs, classOptions, distributionOf, reduceClasses } from "../shared/classes.js";
import { logSoftmaxTerms } from "../shared/log-softmax-terms.js";
import { checkOptions } from "../shared/options.js";
import type { ClassLossOptions } from "./class-options.js";

/**
 * Jensen-Shannon divergence of logits from target probabilities: a symmetric, bounded relative of the Kullback-Leibler divergence, for
 * noisy labels or predictions that should agree.
 *
 * $$ \ell(x, q) = \tfrac12 \sum_c p_c \ln \frac{p_c}{m_c} + \tfrac12 \sum_c q_c \ln \frac{q_c}{m_c} \qquad
 *    m = \tfrac12 (p + q), \quad p = \mathrm{softmax}(x) $$
 *
 * In nats, from 0 to ln 2; $0 \ln 0 = 0$. For a class index $y$, $q$ is 1 at $y$ and 0 elsewhere. Log-probabilities may stand for the
 * logits, and the gradient flows into a target that is computed, too. timm's JsdCrossEntropy adds it, times 12, to a cross entropy and
 * bounds m below by 1e-7.
 *
 * @param prediction - `[..., classes]`, logits: any real numbers, before a softmax
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1, that sum to 1
 * @param options - `ignoreIndex` (default -100), `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight`
 * (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), probabilities are outside [0, 1] or do not sum to 1, a shape or an
 * option does not fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { jensenShannon } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * const other = tensor([[1.5, 0, 0.5], [0.1, 0.2, 0.3]]);
 * await jensenShannon(logits, other.softmax()).item(); // => 0.0107142
 * await jensenShannon(logits, [0, 2]).item(); // => 0.1880912
 * @category Classification
 * @reference Lin (1991), Divergence Measures Based on the Shannon Entropy, https://doi.org/10.1109/18.61115; Englesson & Azizpour
 * (2021), Generalized Jensen-Shannon Divergence Loss for Learning with Noisy Labels, https://arxiv.org/abs/2105.04522
 */
export function jensenShannon(prediction: Tensor, target: TensorLike, options: ClassLossOptions = {}): Tensor {
  const fn = "jensenShannon";
  const reduction = checkOptions(fn, options, classOptions);
  const inputs = classInputs(fn, prediction, target, options);
  checkSums(fn, inputs);
  const { x } = inputs;
  if (x.size === 0) return reduceClasses(inputs, x.sum({ axis: -1 }), reduction);
  const q = distributionOf(inputs);
  const { shifted, logSum } = logSoftmaxTerms(x);
  const logP = shifted.sub(logSum.unsqueeze(-1));
  const p = logP.exp();
  const logM = safeLog(p.add(q).mul(0.5));
  const ofPrediction = p.mul(logP.sub(logM));
  const ofTarget = q.mul(safeLog(q).sub(logM));
  return reduceClasses(inputs, ofPrediction.add(ofTarget).sum({ axis: -1 }).mul(0.5), reduction);
}

/** ln x; 0 at 0, where it is multiplied by 0. */
function safeLog(x: Tensor): Tensor {
  return where(x.equal(0), 1, x).log();
}
