import type { Tensor, TensorLike } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";
import { robustLoss } from "../shared/robust.js";

/** Options of {@link welsch}. */
export interface WelschOptions extends LossOptions {
  /** Error of a loss of about 0.4, in the units of the target: finite and > 0. @defaultValue 1 */
  readonly scale?: number | undefined;
}

/**
 * Welsch loss, also called Leclerc loss: at most 1, so that far outliers do not pull at all.
 *
 * $$ \ell(e) = 1 - \exp \bigl( -\tfrac12 (e / c)^2 \bigr) \qquad e = p - t $$
 *
 * Barron's general loss at $\alpha = -\infty$, as in Kornia, which has it at scale 1. Not convex: from $|e| \approx 13\,c$ on the
 * gradient is 0 in float32, so choose the scale with the errors at the beginning of the training in mind.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `scale` ($c$ > 0, default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { welsch } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await welsch(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 0.39702
 * await welsch(tensor([2]), [0], { scale: 2 }).item(); // => 0.393469
 * @category Regression
 * @reference Dennis & Welsch (1978), Techniques for nonlinear least squares and robust regression,
 * https://doi.org/10.1080/03610917808812083; Barron (2019), A General and Adaptive Robust Loss Function,
 * https://arxiv.org/abs/1701.03077
 */
export function welsch(prediction: Tensor, target: TensorLike, options: WelschOptions = {}): Tensor {
  return robustLoss("welsch", prediction, target, options, (z) => z.square().mul(-0.5).expm1().neg());
}
