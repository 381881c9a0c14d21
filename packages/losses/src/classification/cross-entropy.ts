import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { classInputs, classOptions, classWeight, surpriseLoss } from "../shared/classes.js";
import { checkOptions } from "../shared/options.js";
import type { WeightedClassLossOptions } from "./class-options.js";

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends WeightedClassLossOptions {
  /** Share of the target that is spread evenly over all classes, from 0 to 1. @defaultValue 0 */
  readonly labelSmoothing?: number | undefined;
}

/**
 * Cross entropy of logits: the usual loss of a classification into exclusive classes. The softmax is part of the loss.
 *
 * $$ \ell(x, q) = -\sum_c w_c \, q_c \ln \mathrm{softmax}(x)_c $$
 *
 * For a class index $y$, $q$ is 1 at $y$ and 0 elsewhere. `labelSmoothing` $\varepsilon$ makes it
 * $(1 - \varepsilon)\,q + \varepsilon / C$ for $C$ classes. The mean over class indices is
 * $\sum_i \ell_i / \sum_i w_{y_i}$ over the labels that are neither ignored nor masked; when all are, the loss is 0 and so is its
 * gradient (PyTorch: NaN).
 *
 * @param prediction - `[..., classes]`, logits: any real numbers, before a softmax. The output of a log-softmax gives the same loss
 * @param target - class indices `[...]`, integers from 0 to classes - 1 or `ignoreIndex`; or probabilities of the shape of
 * `prediction`, from 0 to 1 (one-hot rows among them)
 * @param options - `weight` (default all 1), `ignoreIndex` (default -100), `labelSmoothing` (0 to 1, default 0), `mask` (per
 * example, default all count), `axis` (default the last), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class index is out of range or no integer (naming it; one that the device computes is found when it is
 * used), a probability is outside [0, 1], a shape or an option does not fit; TypeError when the prediction comes out of a softmax
 * or sigmoid
 * @example
 * import { crossEntropy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * await crossEntropy(logits, [0, 2]).item(); // => 0.621627
 * await crossEntropy(logits, [[1, 0, 0], [0, 0, 1]]).item(); // => 0.621627
 * await crossEntropy(logits, [0, 2], { weight: [1, 2, 3] }).item(); // => 0.811785
 * await crossEntropy(logits, [0, -100], { labelSmoothing: 0.1 }).item(); // => 0.391311
 * const tokens = tensor([[[2, -1, 0.5], [0.1, 0.2, 0.3]]]); // [batch, time, classes]
 * await crossEntropy(tokens, [[0, 7]], { mask: [[true, false]], labelSmoothing: 0.1 }).item(); // => 0.391311
 * crossEntropy(logits, [0, 3]); // throws RangeError: crossEntropy: "target" expected class indices from 0 to 2 or "ignoreIndex"
 * // -100, got 3 at position 1; classes are counted from 0
 * crossEntropy(logits.softmax(), [0, 2]); // throws TypeError: crossEntropy: "prediction" expected logits, got the output of a
 * // softmax; remove the softmax, the loss applies its own
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.CrossEntropyLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function crossEntropy(prediction: Tensor, target: TensorLike, options: CrossEntropyOptions = {}): Tensor {
  const fn = "crossEntropy";
  const reduction = checkOptions(fn, options, ["weight", "labelSmoothing", ...classOptions]);
  const { labelSmoothing = 0 } = options;
  inRange(fn, "labelSmoothing", labelSmoothing, 0, 1);
  const inputs = classInputs(fn, prediction, target, options);
  const weight = classWeight(fn, "weight", options.weight, inputs.classes);
  return surpriseLoss(inputs, reduction, null, { weight, smoothing: labelSmoothing });
}
