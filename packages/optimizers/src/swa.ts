import { integer } from "@downhill/tensor";
import { WeightAverage } from "./weight-average.js";
import type { AnyOptimizer } from "./wrapper.js";
import { complete } from "./wrapper-options.js";

/** Options of {@link SWA}. */
export interface SWAOptions {
  /** Steps before the average begins, an integer of at least 0; usually three quarters of training. @defaultValue 0 */
  readonly start?: number | undefined;
  /** From then on every such step is taken in, an integer of at least 1; often an epoch. @defaultValue 1 */
  readonly every?: number | undefined;
}

/**
 * Stochastic weight averaging: the plain mean of weights along the end of training, with a rate that stays large.
 *
 * $$ a_{n+1} = a_n + \frac{\theta_t - a_n}{n + 1} \qquad \text{for } t = s + 1, s + 1 + e, s + 1 + 2e \dots $$
 *
 * where `start` is $s$ and `every` is $e$, in the evaluation of the step. `swap()` exchanges weights and averages. One slot is
 * kept, `average`, of the parameter's shape, in the state dict of the optimizer. Buffers, such as the running statistics of batch
 * normalization, are no parameters, and those of the weights don't fit the average: let some batches through the model in
 * training mode after `swap()`, as PyTorch's `update_bn` does, and once more after swapping back. The rate is up to a schedule,
 * which PyTorch calls SWALR.
 *
 * The constructor takes an optimizer, or one in another wrapper, and options: `start` (an integer of at least 0, default 0),
 * `every` (an integer of at least 1, default 1).
 *
 * @throws TypeError when there is no optimizer, its weights are averaged already, or an option is of the wrong kind
 * @throws RangeError when an option is out of its range
 * @example
 * ```ts
 * import { SGD, SWA } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([8]);
 * const optimizer = new SWA(new SGD([weight], { lr: 0.25 }), { start: 1 });
 * for (let step = 0; step < 3; step++) await optimizer.minimize(() => weight.square().sum());
 * await weight.item(); // => 1
 * await optimizer.swap();
 * // The mean of 2 and 1; the first step, to 4, was before the start.
 * await weight.item(); // => 1.5
 * ```
 * @reference Izmailov et al. (2018), Averaging Weights Leads to Wider Optima and Better Generalization, https://arxiv.org/abs/1803.05407; PyTorch's AveragedModel, https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 */
export class SWA extends WeightAverage {
  constructor(optimizer: AnyOptimizer, options: SWAOptions = {}) {
    const { start, every } = complete("SWA", { start: 0, every: 1 }, options);
    integer("SWA", "start", start, 0);
    integer("SWA", "every", every, 1);
    super(optimizer, {
      name: "SWA",
      takes: (step) => step >= start && (step - start) % every === 0,
      keeps: (count) => count / (count + 1),
    });
  }
}
