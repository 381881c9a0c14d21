import type { Tensor, TensorLike } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkSigns } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/**
 * Squared hinge loss: two classes apart by a margin, smooth at the edge of it, and harder on large violations than {@link hinge}.
 *
 * $$ \ell(s, y) = \max(0,\; 1 - y\,s)^2 $$
 *
 * @param prediction - `[...shape]`, scores: the sign is the class, the size the confidence
 * @param target - `[...shape]`, the shape of `prediction`: -1 or 1
 * @param options - `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is neither -1 nor 1 (naming it; targets that the device computes are not checked), the shapes
 * differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { squaredHinge } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await squaredHinge(tensor([0.5, -1.5, 3, -0.25]), [1, 1, 1, -1]).item(); // => 1.765625
 * squaredHinge(tensor([0.5, -1.5]), [1, 0]); // throws RangeError: squaredHinge: "target" expected only -1 and 1, got 0 at position 1;
 * // turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)
 * @category Classification
 * @reference Keras 3, squared_hinge, https://keras.io/api/losses/hinge_losses/
 */
export function squaredHinge(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "squaredHinge";
  const reduction = checkOptions(fn, options);
  const [score, label] = pairOf(fn, prediction, target);
  checkSigns(fn, "target", label);
  return reduced(fn, label.mul(score).neg().add(1).relu().square(), reduction, options);
}
