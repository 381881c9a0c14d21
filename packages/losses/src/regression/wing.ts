import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link wing}. */
export interface WingOptions extends LossOptions {
  /** Error from which on the loss is linear, in the units of the target: finite and > 0. @defaultValue 10 */
  readonly width?: number | undefined;
  /** How sharply the logarithmic part bends, in the units of the target: finite and > 0; smaller is sharper. @defaultValue 2 */
  readonly curvature?: number | undefined;
}

/**
 * Wing loss: logarithmic for small errors, linear for large ones, so that small errors still count; made for facial landmarks.
 *
 * $$ \ell(e) = \begin{cases} w \ln(1 + |e| / \epsilon) & |e| < w \\ |e| - C & \text{otherwise} \end{cases}
 *    \qquad C = w - w \ln(1 + w / \epsilon), \quad e = p - t $$
 *
 * The gradient where $p = t$ is 0, and 1 at $|e| = w$. The defaults are the paper's, for pixels; segmentation_models.pytorch has
 * `width: 5` and `curvature: 0.5`.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `width` ($w$ > 0, default 10), `curvature` ($\epsilon$ > 0, default 2), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { wing } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await wing(tensor([2, -20]), [0, 0], { reduction: "none" }).array(); // => [6.931472, 27.917595]
 * @category Regression
 * @reference Feng et al. (2018), Wing Loss for Robust Facial Landmark Localisation with Convolutional Neural Networks,
 * https://arxiv.org/abs/1711.06753
 */
export function wing(prediction: Tensor, target: TensorLike, options: WingOptions = {}): Tensor {
  const fn = "wing";
  const reduction = checkOptions(fn, options, ["width", "curvature"]);
  const { width = 10, curvature = 2 } = options;
  inRange(fn, "width", width, 0, Number.POSITIVE_INFINITY, "low");
  inRange(fn, "curvature", curvature, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  const size = p.sub(t).abs();
  const inside = where(size.less(width), size, width);
  return reduced(fn, inside.div(curvature).log1p().mul(width).add(size.sub(inside)), reduction, options);
}
