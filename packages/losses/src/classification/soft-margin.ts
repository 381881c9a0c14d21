import type { Tensor, TensorLike } from "@downhill/tensor";
import { softplus } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkSigns, refuseProbabilities } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/**
 * Soft margin loss: logistic regression with labels -1 and 1; the binary cross entropy of logits in other labels.
 *
 * $$ \ell(x, y) = \ln(1 + e^{-y\,x}) $$
 *
 * @param prediction - `[...shape]`, logits: any real numbers, before a sigmoid
 * @param target - `[...shape]`, the shape of `prediction`: -1 or 1
 * @param options - `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is neither -1 nor 1 (naming it; targets that the device computes are not checked), the shapes
 * differ or an option is out of its range; TypeError when the prediction comes out of a sigmoid or softmax
 * @example
 * import { softMargin } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await softMargin(tensor([0.5, -1.5, 3]), [1, -1, 1]).item(); // => 0.241359
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.SoftMarginLoss, https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
 */
export function softMargin(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "softMargin";
  const reduction = checkOptions(fn, options);
  const [x, label] = pairOf(fn, prediction, target);
  refuseProbabilities(fn, prediction, "logits");
  checkSigns(fn, "target", label);
  return reduced(fn, softplus(label.mul(x).neg()), reduction, options);
}
