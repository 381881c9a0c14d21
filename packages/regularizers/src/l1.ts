import type { Tensor } from "@downhill/tensor";
import { penalty } from "./penalty.js";

/**
 * Sum of absolute values: a penalty to add to a loss that pulls every weight to 0 with the same force, and many all the way.
 *
 * $$ \lambda \sum_i |w_i| $$
 *
 * The gradient is $\lambda$ times the sign of the weight, 0 at 0. Biases are usually left out: pass
 * `model.parameters().filter((each) => each.rank > 1)`.
 *
 * @param parameters - at least one float32 tensor, each of any shape
 * @param strength - $\lambda$, a finite number of at least 0. Default 0.01
 * @returns a scalar
 * @throws TypeError when something is no float32 tensor, RangeError when there is none or `strength` is out of its range
 * @example
 * ```ts
 * import { l1 } from "@downhill/regularizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([[1, -2], [0, 3]]);
 * const penalty = l1([weight], 0.1);
 * await penalty.item(); // => 0.6
 * penalty.backward();
 * await weight.grad?.array(); // => [[0.1, -0.1], [0, 0.1]]
 * ```
 * @reference Tibshirani (1996), Regression Shrinkage and Selection via the Lasso, https://doi.org/10.1111/j.2517-6161.1996.tb02080.x; factor and default as in Keras, https://keras.io/api/layers/regularizers/
 */
export function l1(parameters: Iterable<Tensor>, strength = 0.01): Tensor {
  return penalty("l1", parameters, strength, (x) => x.abs().sum());
}
