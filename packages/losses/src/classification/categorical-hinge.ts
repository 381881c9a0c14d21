import type { Tensor, TensorLike } from "@downhill/tensor";
import { oneHot, pick } from "@downhill/tensor";
import { classInputs, classOptions, reduceClasses } from "../shared/classes.js";
import type { Labels } from "../shared/labels.js";
import { checkOptions } from "../shared/options.js";
import type { ClassLossOptions } from "./class-options.js";

/**
 * Categorical hinge loss: the score of the right class above the best other one by a margin of 1, as in multiclass support vector
 * machines.
 *
 * $$ \ell(s, y) = \max\bigl(0,\; 1 + \max_{c \ne y} s_c - s_y\bigr) $$
 *
 * Equally good rivals share the gradient, and the edge of the margin counts as one of them. This is Crammer and Singer's loss, as in
 * Optax; Keras compares with the best of the other scores and 0, which differs where all other scores are negative.
 *
 * @param prediction - `[..., classes]`, scores: any real numbers
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`
 * @param options - `ignoreIndex` (default -100), `mask` (default all count), `axis` (default the last), `reduction`, `sampleWeight`
 * (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range (naming it), a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { categoricalHinge } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[2, -1, 0.5], [0.25, 0.5, 0]]);
 * await categoricalHinge(scores, [0, 2], { reduction: "none" }).array(); // => [0, 1.5]
 * @category Classification
 * @reference Crammer & Singer (2001), On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines,
 * https://www.jmlr.org/papers/v2/crammer01a.html; Optax, multiclass_hinge_loss,
 * https://optax.readthedocs.io/en/latest/api/losses.html
 */
export function categoricalHinge(prediction: Tensor, target: TensorLike, options: ClassLossOptions = {}): Tensor {
  const fn = "categoricalHinge";
  const reduction = checkOptions(fn, options, classOptions);
  const inputs = classInputs(fn, prediction, target, options, { wanted: null, soft: false });
  const { x, classes } = inputs;
  const { index } = inputs.labels as Labels;
  if (x.size === 0) return reduceClasses(inputs, x.sum({ axis: -1 }), reduction);
  // The right class takes part with 0, so that the largest is never below it.
  const above = x.sub(pick(x, index).unsqueeze(-1)).add(1).sub(oneHot(index, classes));
  return reduceClasses(inputs, above.max({ axis: -1 }), reduction);
}
