import { inRange } from "@downhill/tensor";
import { Sharpness } from "./sharpness.js";
import type { AnyOptimizer } from "./wrapper.js";
import { complete } from "./wrapper-options.js";

/** Options of {@link SAM}. */
export interface SAMOptions {
  /** How far uphill the gradient is looked for, at least 0. @defaultValue 0.05 */
  readonly rho?: number | undefined;
}

/**
 * Sharpness-aware minimization: looks for flat valleys, by stepping with the gradient at the worst point nearby.
 *
 * $$ \hat\theta = \theta_{t-1} + \rho \frac{\nabla L(\theta_{t-1})}{\lVert \nabla L(\theta_{t-1}) \rVert + 10^{-12}} $$
 *
 * and the optimizer inside makes its step from $\theta_{t-1}$ with $\nabla L(\hat\theta)$. The norm is over all parameters that
 * have a gradient. Two forward and backward passes a step: `step(closure)` calls the closure twice, each time one evaluation, so
 * it must use the same batch both times. A copy of the parameters is held, which is no state. Batch normalization sees both passes; the reference pauses its running
 * statistics in the second.
 *
 * The constructor takes an optimizer, or one in another wrapper, and options: `rho` (at least 0, default 0.05). `step()` without
 * a closure is refused; `minimize(loss)` calls `loss` twice.
 *
 * @throws TypeError when there is no optimizer, it is in SAM or ASAM already, or an option is of the wrong kind
 * @throws RangeError when an option is out of its range
 * @example
 * ```ts
 * import { SAM, SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([3, 4]);
 * const optimizer = new SAM(new SGD([weight], { lr: 0.1 }), { rho: 0.5 });
 * const loss = await optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const value = weight.square().sum();
 *   value.backward();
 *   return value;
 * });
 * await loss.item(); // => 25
 * // The gradient at [3.3, 4.4].
 * await weight.array(); // => [2.34, 3.12]
 * ```
 * @reference Foret et al. (2021), Sharpness-Aware Minimization for Efficiently Improving Generalization, https://arxiv.org/abs/2010.01412; in the form of https://github.com/davda54/sam
 */
export class SAM extends Sharpness {
  constructor(optimizer: AnyOptimizer, options: SAMOptions = {}) {
    const { rho } = complete("SAM", { rho: 0.05 }, options);
    inRange("SAM", "rho", rho, 0, Number.POSITIVE_INFINITY);
    super("SAM", optimizer, rho, false);
  }
}
