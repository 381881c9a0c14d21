import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, cumsum, sort, where } from "@downhill/tensor";
import { checkSums, classInputs, classOptions, distributionOf, reduceClasses } from "../shared/classes.js";
import { checkOptions } from "../shared/options.js";
import type { ClassLossOptions } from "./class-options.js";

/**
 * Sparsemax loss: like a cross entropy, but for a model whose probabilities may be exactly 0; it is 0 as soon as the right class leads
 * by 1.
 *
 * $$ \ell(x, q) = \sum_c \tfrac12 (p_c - q_c)^2 + q_c \max(0,\; \tau - x_c) \qquad p_c = \max(0,\; x_c - \tau) $$
 *
 * with the $\tau$ for which $\sum_c p_c = 1$; its gradient is $p - q$. For a class index $y$, $q$ is 1 at $y$ and 0 elsewhere. This is
 * the Fenchel-Young loss $\tfrac12 \sum_{p_c > 0} (x_c^2 - \tau^2) + \tfrac12 \sum_c q_c^2 - \sum_c q_c x_c$ in a form without
 * cancellation.
 *
 * @param prediction - `[..., classes]`, scores: any real numbers
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1, that sum to 1
 * @param options - `ignoreIndex` (default -100), `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight`
 * (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), probabilities are outside [0, 1] or do not sum to 1, a shape or an
 * option does not fit; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { sparsemax } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[2, -1, 0.5], [0.5, 0.25, 0]]);
 * await sparsemax(scores, [0, 2], { reduction: "none" }).array(); // => [0, 0.645833]
 * @category Classification
 * @reference Martins & Astudillo (2016), From Softmax to Sparsemax, https://arxiv.org/abs/1602.02068; Optax,
 * multiclass_sparsemax_loss, https://optax.readthedocs.io/en/latest/api/losses.html
 */
export function sparsemax(prediction: Tensor, target: TensorLike, options: ClassLossOptions = {}): Tensor {
  const fn = "sparsemax";
  const reduction = checkOptions(fn, options, classOptions);
  const inputs = classInputs(fn, prediction, target, options, { wanted: "scores" });
  checkSums(fn, inputs);
  const { x } = inputs;
  if (x.size === 0) return reduceClasses(inputs, x.sum({ axis: -1 }), reduction);
  const q = distributionOf(inputs);
  const z = x.sub(x.max({ axis: -1, keepDims: true }).detach());
  const support = supportOf(z.detach());
  // Differentiated are only the scores of the support, not the way to it.
  const size = support.cast("float32").sum({ axis: -1, keepDims: true });
  const threshold = where(support, z, 0).sum({ axis: -1, keepDims: true }).sub(1).div(size);
  const p = where(support, z.sub(threshold), 0);
  const below = where(support, 0, threshold.sub(z));
  return reduceClasses(inputs, p.sub(q).square().mul(0.5).add(q.mul(below)).sum({ axis: -1 }), reduction);
}

/** Which scores (the largest is 0) get a probability above 0. */
function supportOf(z: Tensor): Tensor {
  // What lies 1 or more below the largest gets none; the sums keep their digits without it.
  const { values } = sort(z.maximum(-2), { descending: true });
  const counts = arange(1, (z.shape.at(-1) as number) + 1);
  const inside = values.mul(counts).add(1).greater(cumsum(values));
  const total = where(inside, values, 0).sum({ axis: -1, keepDims: true });
  const size = inside.cast("float32").sum({ axis: -1, keepDims: true });
  return z.greater(total.sub(1).div(size));
}
