import type { Tensor } from "@downhill/tensor";
import { penalty } from "./penalty.js";

/**
 * Sum of squares: a penalty to add to a loss that pulls large weights to 0 more than small ones.
 *
 * $$ \lambda \sum_i w_i^2 $$
 *
 * There is no factor ½, as in Keras; so the gradient is $2 \lambda w$, and `l2(parameters, 0.005)` is what
 * `weightDecay: 0.01` is to `SGD`. Biases are usually left out: pass
 * `model.parameters().filter((each) => each.rank > 1)`.
 *
 * @param parameters - at least one float32 tensor, each of any shape
 * @param strength - $\lambda$, a finite number of at least 0. Default 0.01
 * @returns a scalar
 * @throws TypeError when something is no float32 tensor, RangeError when there is none or `strength` is out of its range
 * @example
 * ```ts
 * import { l2 } from "@downhill/regularizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([[1, -2], [0, 3]]);
 * const penalty = l2([weight], 0.1);
 * await penalty.item(); // => 1.4
 * penalty.backward();
 * await weight.grad?.array(); // => [[0.2, -0.4], [0, 0.6]]
 * ```
 * @reference Hoerl & Kennard (1970), Ridge Regression, https://doi.org/10.1080/00401706.1970.10488634; factor and default as in Keras, https://keras.io/api/layers/regularizers/
 */
export function l2(parameters: Iterable<Tensor>, strength = 0.01): Tensor {
  return penalty("l2", parameters, strength, (x) => x.square().sum());
}
