import type { Tensor, TensorLike } from "@downhill/tensor";
import { classWeight } from "../shared/classes.js";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkProbabilities, refuseProbabilities } from "../shared/inputs.js";
import { logisticLoss } from "../shared/logistic.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { show } from "../shared/weights.js";

/** Options of {@link multiLabelSoftMargin}. */
export interface MultiLabelSoftMarginOptions extends LossOptions {
  /** Factor of each label, finite and >= 0: `[labels]`. It leaves the divisor of the mean alone. @defaultValue all 1 */
  readonly weight?: TensorLike | undefined;
}

/**
 * Multi-label soft margin loss: one binary cross entropy of logits per label, averaged over the labels of each example.
 *
 * $$ \ell(x, t) = \frac1C \sum_c w_c \, \bigl( t_c \ln(1 + e^{-x_c}) + (1 - t_c) \ln(1 + e^{x_c}) \bigr) $$
 *
 * for $C$ labels.
 *
 * @param prediction - `[..., labels]`, logits: any real numbers, before a sigmoid
 * @param target - `[..., labels]`, the shape of `prediction`: 0, 1 or a probability between them
 * @param options - `weight` (default all 1), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a target is outside [0, 1] (naming it; targets that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when the prediction comes out of a sigmoid or softmax
 * @example
 * import { multiLabelSoftMargin } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await multiLabelSoftMargin(logits, [[1, 0, 1], [0, 1, 0]]).item(); // => 0.518526
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.MultiLabelSoftMarginLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export function multiLabelSoftMargin(
  prediction: Tensor,
  target: TensorLike,
  options: MultiLabelSoftMarginOptions = {},
): Tensor {
  const fn = "multiLabelSoftMargin";
  const reduction = checkOptions(fn, options, ["weight"]);
  const [x, t] = pairOf(fn, prediction, target);
  refuseProbabilities(fn, prediction, "logits");
  checkProbabilities(fn, "target", t);
  const labels = x.shape.at(-1);
  if (labels === undefined)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the labels), got a scalar`);
  if (labels === 0) throw new RangeError(`${fn}: "prediction" expected at least 1 label, got shape ${show(x.shape)}`);
  const weight = classWeight(fn, "weight", options.weight, labels);
  const each = logisticLoss(x, t);
  const losses = (weight === null ? each : each.mul(weight)).sum({ axis: -1 }).mul(1 / labels);
  return reduced(fn, losses, reduction, options);
}
