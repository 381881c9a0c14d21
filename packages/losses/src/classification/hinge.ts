import type { Tensor, TensorLike } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkSigns } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/**
 * Hinge loss: two classes apart by a margin, as in support vector machines.
 *
 * $$ \ell(s, y) = \max(0,\; 1 - y\,s) $$
 *
 * The gradient exactly at the margin is 0.
 *
 * @param prediction - `[...shape]`, scores: the sign is the class, the size the confidence
 * @param target - `[...shape]`, the shape of `prediction`: -1 or 1
 * @param options - `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is neither -1 nor 1 (naming it; targets that the device computes are not checked), the shapes
 * differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { hinge } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await hinge(tensor([0.5, -1.5, 3, -0.25]), [1, 1, 1, -1]).item(); // => 0.9375
 * hinge(tensor([0.5, -1.5]), [1, 0]); // throws RangeError: hinge: "target" expected only -1 and 1, got 0 at position 1;
 * // turn labels 0 and 1 into -1 and 1 with .mul(2).sub(1)
 * @category Classification
 * @reference Cortes & Vapnik (1995), Support-Vector Networks, https://doi.org/10.1007/BF00994018
 */
export function hinge(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "hinge";
  const reduction = checkOptions(fn, options);
  const [score, label] = pairOf(fn, prediction, target);
  checkSigns(fn, "target", label);
  return reduced(fn, label.mul(score).neg().add(1).relu(), reduction, options);
}
