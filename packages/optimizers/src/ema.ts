import { inRange } from "@downhill/tensor";
import { WeightAverage } from "./weight-average.js";
import type { AnyOptimizer } from "./wrapper.js";
import { complete } from "./wrapper-options.js";

/** Options of {@link EMA}. */
export interface EMAOptions {
  /** How much of the average stays at each step, in [0, 1). @defaultValue 0.999 */
  readonly decay?: number | undefined;
  /** Let the decay rise to `decay`: at most (1 + n) / (10 + n) after n steps, so that the first steps are forgotten. @defaultValue false */
  readonly warmup?: boolean | undefined;
}

/**
 * Exponential moving average of the weights: a second set of them, smoother and usually better on unseen data.
 *
 * $$ a_1 = \theta_1, \qquad a_t = \delta a_{t-1} + (1 - \delta) \theta_t, \qquad
 * \delta = \min \left( \text{decay}, \frac{t}{9 + t} \right) \text{ with warm-up} $$
 *
 * after every step, in its evaluation. The first step is taken whole, as PyTorch's AveragedModel does. `swap()` exchanges
 * weights and averages. One slot is kept, `average`, of the parameter's shape, in the state dict of the optimizer. Buffers, such
 * as the running statistics of batch normalization, are no parameters: after `swap()` they are those of the weights; let some
 * batches through the model in training mode, and once more after swapping back, if they matter.
 *
 * The constructor takes an optimizer, or one in another wrapper, and options: `decay` (in [0, 1), default 0.999), `warmup`
 * (default false; the form is TensorFlow's `num_updates`).
 *
 * @throws TypeError when there is no optimizer, its weights are averaged already, or an option is of the wrong kind
 * @throws RangeError when an option is out of its range
 * @example
 * ```ts
 * import { EMA, SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([8]);
 * const optimizer = new EMA(new SGD([weight], { lr: 0.25 }), { decay: 0.5 });
 * await optimizer.minimize(() => weight.square().sum());
 * await optimizer.minimize(() => weight.square().sum());
 * await weight.item(); // => 2
 * await optimizer.swap();
 * // The mean of 4 and 2; validate and save here.
 * await weight.item(); // => 3
 * await optimizer.swap();
 * await weight.item(); // => 2
 * ```
 * @reference Polyak & Juditsky (1992), Acceleration of Stochastic Approximation by Averaging, https://doi.org/10.1137/0330046; PyTorch's AveragedModel with get_ema_multi_avg_fn(0.999), https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema; warm-up as in https://www.tensorflow.org/api_docs/python/tf/train/ExponentialMovingAverage
 */
export class EMA extends WeightAverage {
  constructor(optimizer: AnyOptimizer, options: EMAOptions = {}) {
    const { decay, warmup } = complete("EMA", { decay: 0.999, warmup: false }, options);
    inRange("EMA", "decay", decay, 0, 1, "high");
    super(optimizer, {
      name: "EMA",
      takes: () => true,
      keeps: (count) => (warmup ? Math.min(decay, (1 + count) / (10 + count)) : decay),
    });
  }
}
