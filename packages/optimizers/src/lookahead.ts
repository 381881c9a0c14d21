import type { Parameter, Tensor } from "@downhill/tensor";
import { inRange, integer } from "@downhill/tensor";
import { extend } from "./extend.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import type { AnyOptimizer } from "./wrapper.js";
import { OptimizerWrapper, refuseTwice } from "./wrapper.js";
import { complete } from "./wrapper-options.js";

/** Options of {@link Lookahead}. */
export interface LookaheadOptions {
  /** Steps from one synchronization to the next, an integer of at least 1. @defaultValue 5 */
  readonly k?: number | undefined;
  /** How far the slow weights go towards the fast ones, in [0, 1]. @defaultValue 0.5 */
  readonly alpha?: number | undefined;
}

/**
 * Lookahead: k steps forward, one step back. The optimizer inside runs ahead, and every k-th step slow weights $\phi$ follow part
 * of the way; training goes on from there. It calms whatever is inside.
 *
 * $$ \phi \leftarrow \phi + \alpha (\theta_{t} - \phi), \qquad \theta_t \leftarrow \phi
 * \qquad \text{for } t = k, 2k, 3k \dots $$
 *
 * Before the first update of a parameter $\phi$ is the parameter. Momentum stays as it is. All is in the evaluation of the step;
 * there is one plan for the steps between, and one for those that synchronize. One slot is kept, `slow`, of the parameter's
 * shape, in the state dict of the optimizer.
 *
 * The constructor takes an optimizer, or one in another wrapper, and options: `k` (an integer of at least 1, default 5, as in
 * the paper's code; timm has 6), `alpha` (in [0, 1], default 0.5).
 *
 * @throws TypeError when there is no optimizer, it is in a Lookahead already, or an option is of the wrong kind
 * @throws RangeError when an option is out of its range
 * @example
 * ```ts
 * import { Lookahead, SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([8]);
 * const optimizer = new Lookahead(new SGD([weight], { lr: 0.25 }), { k: 2 });
 * await optimizer.minimize(() => weight.square().sum());
 * await weight.item(); // => 4
 * await optimizer.minimize(() => weight.square().sum());
 * // The step ends at 2, half way back from there to 8.
 * await weight.item(); // => 5
 * ```
 * @reference Zhang et al. (2019), Lookahead Optimizer: k steps forward, 1 step back, https://arxiv.org/abs/1907.08610; https://github.com/michaelrzhang/lookahead
 */
export class Lookahead extends OptimizerWrapper {
  constructor(optimizer: AnyOptimizer, options: LookaheadOptions = {}) {
    super("Lookahead", optimizer);
    refuseTwice("Lookahead", optimizer, Lookahead);
    const { k, alpha } = complete("Lookahead", { k: 5, alpha: 0.5 }, options);
    integer("Lookahead", "k", k, 1);
    inRange("Lookahead", "alpha", alpha, 0, 1);
    const { root } = this;
    extend(
      root.core,
      (rule: Rule): Rule => ({
        ...rule,
        name: `Lookahead(${rule.name})`,
        init: (parameter, settings) => ({
          ...rule.init(parameter, settings),
          slow: slot(parameter, "slow", { start: parameter }),
        }),
        update(gradient, slots, parameter, numbers, settings, shared) {
          const next = rule.update(gradient, slots, parameter, numbers, settings, shared);
          if ((root.steps + 1) % k !== 0) return next;
          const { slow } = slots as { readonly slow: Parameter };
          const synchronized = slow.add(next.parameter.sub(slow).mul(alpha));
          const more: Record<string, Tensor> = { ...next.slots, slow: synchronized };
          return { parameter: synchronized, slots: more };
        },
      }),
    );
  }
}
