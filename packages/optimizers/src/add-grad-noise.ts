import type { Parameter } from "@downhill/tensor";
import { inRange, integer, number, randn } from "@downhill/tensor";
import { changeGradients } from "./gradient.js";

/** Options of {@link addGradNoise}. */
export interface AddGradNoiseOptions {
  /** Number of the step, 0 for the first: pass `optimizer.steps`. */
  readonly step: number;
  /** Variance of the first step, at least 0; the paper tries 0.01, 0.3 and 1. @defaultValue 0.01 */
  readonly eta?: number | undefined;
  /** Power by which the variance falls, at least 0. @defaultValue 0.55 */
  readonly gamma?: number | undefined;
}

/**
 * Adds normal noise to the gradients, less at each step: it helps very deep networks out of bad starts. To be called between
 * `backward()` and `step()`; it is computed with the step, in the same evaluation. `manualSeed` makes it repeatable.
 *
 * $$ g \leftarrow g + \mathcal{N}(0, \sigma_t^2), \qquad \sigma_t^2 = \frac{\eta}{(1 + t)^\gamma} $$
 *
 * @param parameters - one parameter, or several; those without a gradient are left alone
 * @param options - step ($t$, an integer of at least 0), eta (at least 0, default 0.01), gamma (at least 0, default 0.55)
 * @throws TypeError when something is no Parameter; RangeError when a number is out of range; Error when a gradient was used
 * by a step already
 * @example
 * ```ts
 * import { addGradNoise, SGD } from "@downhill/optimizers";
 * import { manualSeed, parameter } from "@downhill/tensor";
 *
 * manualSeed(0);
 * const weight = parameter([1, 2]);
 * const optimizer = new SGD([weight]);
 * weight.sum().backward();
 * addGradNoise([weight], { step: optimizer.steps, eta: 0.3 });
 * await optimizer.step();
 * (await weight.array()).toString() !== "0.999,1.999"; // => true
 * ```
 * @reference Neelakantan et al. (2015), Adding Gradient Noise Improves Learning for Very Deep Networks, https://arxiv.org/abs/1511.06807
 */
export function addGradNoise(
  parameters: Parameter | Iterable<Parameter>,
  { step, eta = 0.01, gamma = 0.55 }: AddGradNoiseOptions,
): void {
  integer("addGradNoise", "step", step, 0);
  inRange("addGradNoise", "eta", eta, 0, Number.POSITIVE_INFINITY);
  inRange("addGradNoise", "gamma", gamma, 0, Number.POSITIVE_INFINITY);
  const deviation = number(Math.sqrt(eta / (1 + step) ** gamma));
  changeGradients("addGradNoise", parameters, (gradient) => gradient.add(randn(gradient.shape).mul(deviation)));
}
