import { inRange } from "@downhill/tensor";
import { Sharpness } from "./sharpness.js";
import type { AnyOptimizer } from "./wrapper.js";
import { complete } from "./wrapper-options.js";

/** Options of {@link ASAM}. */
export interface ASAMOptions {
  /** How far uphill the gradient is looked for, in units of the weights; at least 0. @defaultValue 0.5 */
  readonly rho?: number | undefined;
}

/**
 * Adaptive sharpness-aware minimization: {@link SAM} that measures the distance of the worst point in units of each weight, so
 * that it doesn't depend on the scale of layers.
 *
 * $$ \hat\theta = \theta_{t-1} + \rho \frac{\theta_{t-1}^2 \nabla L(\theta_{t-1})}
 * {\lVert \, |\theta_{t-1}| \nabla L(\theta_{t-1}) \rVert + 10^{-12}} $$
 *
 * and the optimizer inside makes its step from $\theta_{t-1}$ with $\nabla L(\hat\theta)$. Products are elementwise, the norm is
 * over all parameters that have a gradient. As in the reference every parameter is treated so, biases too, and there is no
 * $\eta$ added to $|\theta|$, which is 0.01 in the paper. The rest is as in SAM.
 *
 * The constructor takes an optimizer, or one in another wrapper, and options: `rho` (at least 0, default 0.5: ten times that of
 * SAM; the reference asks for 2 on CIFAR). `step()` without a closure is refused; `minimize(loss)` calls `loss` twice.
 *
 * @throws TypeError when there is no optimizer, it is in SAM or ASAM already, or an option is of the wrong kind
 * @throws RangeError when an option is out of its range
 * @example
 * ```ts
 * import { ASAM, SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([2, 0]);
 * const optimizer = new ASAM(new SGD([weight], { lr: 0.25 }));
 * await optimizer.minimize(() => weight.sub([0, 1]).square().sum());
 * // The first gradient is [4, -2], the second, at [3, 0], is [6, -2].
 * await weight.array(); // => [0.5, 0.5]
 * ```
 * @reference Kwon et al. (2021), ASAM: Adaptive Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural Networks, https://arxiv.org/abs/2102.11600; in the form of `adaptive=True` in https://github.com/davda54/sam
 */
export class ASAM extends Sharpness {
  constructor(optimizer: AnyOptimizer, options: ASAMOptions = {}) {
    const { rho } = complete("ASAM", { rho: 0.5 }, options);
    inRange("ASAM", "rho", rho, 0, Number.POSITIVE_INFINITY);
    super("ASAM", optimizer, rho, true);
  }
}
