import type { Parameter } from "@downhill/tensor";
import { changeGradients, unitAxes } from "./gradient.js";

/**
 * Subtracts from the gradient of every unit its mean, so that the mean of its weights stays: a cheap regularizer for dense
 * and convolution layers. To be called between `backward()` and `step()`; it is computed with the step, in the same
 * evaluation.
 *
 * $$ g_i \leftarrow g_i - \operatorname{mean}(g_i) $$
 *
 * A unit is everything behind one index of the first axis (the weights of one output). Gradients with fewer than two axes
 * stay as they are.
 *
 * @param parameters - one parameter, or several; those without a gradient are left alone
 * @throws TypeError when something is no Parameter; Error when a gradient was used by a step already
 * @example
 * ```ts
 * import { centralizeGrad } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([[0, 0], [0, 0]]);
 * weight.mul([[1, 3], [5, 5]]).sum().backward();
 * centralizeGrad([weight]);
 * await weight.grad?.array(); // => [[-1, 1], [0, 0]]
 * ```
 * @reference Yong et al. (2020), Gradient Centralization: A New Optimization Technique for Deep Neural Networks, https://arxiv.org/abs/2004.01461
 */
export function centralizeGrad(parameters: Parameter | Iterable<Parameter>): void {
  changeGradients("centralizeGrad", parameters, (gradient) =>
    gradient.rank < 2 || gradient.size === 0
      ? gradient
      : gradient.sub(gradient.mean({ axis: unitAxes(gradient.rank), keepDims: true })),
  );
}
