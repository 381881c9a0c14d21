import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";
import { robustLoss } from "../shared/robust.js";

/** Options of {@link gemanMcClure}. */
export interface GemanMcClureOptions extends LossOptions {
  /** Half of the error at which the loss is 1, in the units of the target: finite and > 0. @defaultValue 1 */
  readonly scale?: number | undefined;
}

/**
 * Geman-McClure loss: at most 2, so that far outliers hardly pull.
 *
 * $$ \ell(e) = \frac{2\,(e / c)^2}{(e / c)^2 + 4} \qquad e = p - t $$
 *
 * Barron's general loss at $\alpha = -2$, as in Kornia, which has it at scale 1. Not convex: the gradient is largest at
 * $|e| = 2c / \sqrt 3$ and falls beyond.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `scale` ($c$ > 0, default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { gemanMcClure } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await gemanMcClure(tensor([0.5, -1.5, 3]), [0, 1, 2.5]).item(); // => 0.484935
 * await gemanMcClure(tensor([2]), [0], { scale: 1 }).item(); // => 1
 * @category Regression
 * @reference Geman & McClure (1985), Bayesian image analysis: an application to single photon emission tomography; Barron (2019),
 * A General and Adaptive Robust Loss Function, https://arxiv.org/abs/1701.03077
 */
export function gemanMcClure(prediction: Tensor, target: TensorLike, options: GemanMcClureOptions = {}): Tensor {
  return robustLoss("gemanMcClure", prediction, target, options, (z) => {
    const square = z.square();
    const share = square.add(4).reciprocal();
    // Two forms of the same: the first keeps the digits of small losses, the second those of small gradients.
    return where(square.less(4), square.mul(2).mul(share), share.mul(-8).add(2));
  });
}
