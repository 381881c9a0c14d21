import type { Tensor, TensorLike } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";
import { robustLoss } from "../shared/robust.js";

/** Options of {@link charbonnier}. */
export interface CharbonnierOptions extends LossOptions {
  /** Error at which the loss turns from squared to linear, in the units of the target: finite and > 0. @defaultValue 1 */
  readonly scale?: number | undefined;
}

// From here on the loss is |e| - 1 in every digit; the square of larger numbers may be Infinity.
const far = 1e9;

/**
 * Charbonnier loss, also called pseudo-Huber loss: squared for small errors, linear for large ones, smooth everywhere.
 *
 * $$ \ell(e) = \sqrt{(e / c)^2 + 1} - 1 \qquad e = p - t $$
 *
 * Barron's general loss at $\alpha = 1$. The form of image restoration, $\sqrt{e^2 + \epsilon^2}$, is $\epsilon\,(\ell + 1)$ at
 * scale $c = \epsilon$.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `scale` ($c$ > 0, default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { charbonnier } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await charbonnier(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 0.64288
 * await charbonnier(tensor([3]), [0], { scale: 4 }).item(); // => 0.25
 * @category Regression
 * @reference Charbonnier et al. (1994), Two deterministic half-quadratic regularization algorithms for computed imaging,
 * https://doi.org/10.1109/ICIP.1994.413553; Barron (2019), A General and Adaptive Robust Loss Function,
 * https://arxiv.org/abs/1701.03077
 */
export function charbonnier(prediction: Tensor, target: TensorLike, options: CharbonnierOptions = {}): Tensor {
  return robustLoss("charbonnier", prediction, target, options, (z) => {
    const near = z.clip(-far, far);
    const square = near.square();
    // √(1 + z²) - 1 without the difference, which would cancel for small errors; what was cut off has slope 1.
    return square.div(square.add(1).sqrt().add(1)).add(z.abs().sub(near.abs()));
  });
}
