import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, integer, tensor } from "@downhill/tensor";
import { tensorOf } from "../shared/inputs.js";
import { checkNames } from "../shared/options.js";

/** Options of {@link balancedWeights}. */
export interface BalancedWeightsOptions {
  /** Number of classes, an integer of at least 1. @defaultValue the largest label + 1 */
  readonly classes?: number | undefined;
  /** Class index of examples that are left out, an integer. @defaultValue -100 */
  readonly ignoreIndex?: number | undefined;
}

/**
 * Class weights that let rare classes count as much as frequent ones: the `weight` of {@link crossEntropy} and its relatives.
 *
 * $$ w_c = \frac{n}{k \, n_c} $$
 *
 * for $n$ labels, $n_c$ of them of class $c$, and $k$ classes that occur. So each class that occurs has the same total weight, and the
 * weights of all labels sum to $n$. A class that does not occur gets 0. It is scikit-learn's `"balanced"`.
 *
 * @param labels - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`, known to JavaScript: those of the whole
 * training set
 * @param options - `classes` (default the largest label + 1), `ignoreIndex` (default -100)
 * @returns float32 `[classes]`
 * @throws RangeError when a label is out of range (naming it) or there is none; TypeError when the labels are computed or an option is
 * of the wrong kind
 * @example
 * import { balancedWeights, crossEntropy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const labels = [0, 0, 0, 1, 2, 2];
 * const weight = balancedWeights(labels);
 * await weight.array(); // => [0.666667, 2, 1]
 * await crossEntropy(tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]), [0, 2], { weight }).item(); // => 0.6976902
 * @category Classification
 * @reference scikit-learn, compute_class_weight,
 * https://scikit-learn.org/stable/modules/generated/sklearn.utils.class_weight.compute_class_weight.html
 */
export function balancedWeights(labels: TensorLike, options: BalancedWeightsOptions = {}): Tensor {
  const fn = "balancedWeights";
  checkNames(fn, options, ["classes", "ignoreIndex"]);
  const { ignoreIndex = -100 } = options;
  integer(fn, "ignoreIndex", ignoreIndex, -(2 ** 31), 2 ** 31 - 1);
  if (options.classes !== undefined) integer(fn, "classes", options.classes, 1);
  const known = tensorOf(fn, "labels", labels);
  const host = hostValues(known);
  if (host === null)
    throw new TypeError(`${fn}: "labels" expected labels that JavaScript knows, got computed ones; read them first`);
  const classes = options.classes ?? Array.from(host).reduce((most, label) => Math.max(most, label + 1), 1);
  const counts = new Array<number>(Number.isInteger(classes) ? classes : 0).fill(0);
  host.forEach((label, i) => {
    if (label === ignoreIndex) return;
    const got = `got ${label} at position ${i}`;
    if (!Number.isInteger(label)) throw new RangeError(`${fn}: "labels" expected integers as class indices, ${got}`);
    if (!(label >= 0 && label < classes))
      throw new RangeError(
        `${fn}: "labels" expected class indices from 0 to ${classes - 1} or "ignoreIndex" ${ignoreIndex}, ${got}`,
      );
    counts[label] = (counts[label] as number) + 1;
  });
  const present = counts.filter((each) => each > 0).length;
  const total = counts.reduce((sum, each) => sum + each, 0);
  if (total === 0) throw new RangeError(`${fn}: "labels" expected at least one label that counts, got none`);
  return tensor(counts.map((each) => (each === 0 ? 0 : total / (present * each))));
}
