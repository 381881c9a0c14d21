import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkSigns } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link hingeEmbedding}. */
export interface HingeEmbeddingOptions extends LossOptions {
  /** Distance from which on a dissimilar pair costs nothing, a finite number. @defaultValue 1 */
  readonly margin?: number | undefined;
}

/**
 * Hinge embedding loss: of distances between pairs, small ones for similar pairs, and at least a margin for dissimilar ones.
 *
 * $$ \ell(x, y) = \begin{cases} x & y = 1 \\ \max(0,\; m - x) & y = -1 \end{cases} $$
 *
 * The gradient exactly at the margin is 0.
 *
 * @param prediction - `[...shape]`, distances, usually >= 0
 * @param target - `[...shape]`, the shape of `prediction`: 1 for similar pairs, -1 for dissimilar ones
 * @param options - `margin` (default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is neither -1 nor 1 (naming it; targets that the device computes are not checked), the shapes
 * differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { hingeEmbedding } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await hingeEmbedding(tensor([0.5, 0.25, 3]), [1, -1, -1], { reduction: "none" }).array(); // => [0.5, 0.75, 0]
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.HingeEmbeddingLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export function hingeEmbedding(prediction: Tensor, target: TensorLike, options: HingeEmbeddingOptions = {}): Tensor {
  const fn = "hingeEmbedding";
  const reduction = checkOptions(fn, options, ["margin"]);
  const { margin = 1 } = options;
  inRange(fn, "margin", margin, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const [x, label] = pairOf(fn, prediction, target);
  checkSigns(fn, "target", label);
  return reduced(fn, where(label.greater(0), x, x.neg().add(margin).relu()), reduction, options);
}
