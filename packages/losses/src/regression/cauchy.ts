import type { Tensor, TensorLike } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";
import { robustLoss } from "../shared/robust.js";

/** Options of {@link cauchy}. */
export interface CauchyOptions extends LossOptions {
  /** Error from which on the loss bends down, in the units of the target: finite and > 0. @defaultValue 1 */
  readonly scale?: number | undefined;
}

/**
 * Cauchy loss, also called Lorentzian loss: grows only with the logarithm of the error, so that outliers hardly pull.
 *
 * $$ \ell(e) = \ln \bigl( 1 + \tfrac12 (e / c)^2 \bigr) \qquad e = p - t $$
 *
 * Barron's general loss at $\alpha = 0$, as in Kornia, which has it at scale 1. Not convex: the gradient is largest at
 * $|e| = \sqrt 2\,c$ and falls beyond.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `scale` ($c$ > 0, default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { cauchy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await cauchy(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 0.550877
 * await cauchy(tensor([2]), [0], { scale: 2 }).item(); // => 0.405465
 * @category Regression
 * @reference Black & Anandan (1996), The Robust Estimation of Multiple Motions, https://doi.org/10.1006/cviu.1996.0006; Barron
 * (2019), A General and Adaptive Robust Loss Function, https://arxiv.org/abs/1701.03077
 */
export function cauchy(prediction: Tensor, target: TensorLike, options: CauchyOptions = {}): Tensor {
  return robustLoss("cauchy", prediction, target, options, (z) => z.square().mul(0.5).log1p());
}
