import type { Tensor, TensorLike } from "@downhill/tensor";
import { kindOf, where } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import { checkProbabilities } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { elementWeight } from "../shared/weights.js";

/** Options of {@link binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /**
   * Factor of each element, finite and >= 0, in a shape that broadcasts to that of the prediction, such as `[labels]`. Unlike
   * `sampleWeight` it leaves the divisor of the mean alone.
   *
   * @defaultValue 1
   */
  readonly weight?: TensorLike | undefined;
}

const edge = 1e-12;
const smallest = Math.exp(-100);

/**
 * Binary cross entropy of probabilities: each element is a yes-or-no question of its own. Prefer
 * {@link binaryCrossEntropyWithLogits}, which stays accurate where a sigmoid saturates.
 *
 * $$ \ell(p, t) = -w \, \bigl( t \ln p + (1 - t) \ln (1 - p) \bigr) $$
 *
 * As in PyTorch, no logarithm counts as less than -100 and the gradient is $w\,(p - t) / \max(p\,(1 - p),\, 10^{-12})$: both are
 * finite at 0 and 1.
 *
 * @param prediction - `[...shape]`, probabilities from 0 to 1, such as the output of a sigmoid
 * @param target - `[...shape]`, the shape of `prediction`: 0, 1 or a probability between them
 * @param options - `weight` (default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a value that JavaScript knows is outside [0, 1] (naming it; computed ones give NaN), the shapes differ
 * or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { binaryCrossEntropy } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await binaryCrossEntropy(tensor([0.8, 0.25]), [1, 0]).item(); // => 0.25541
 * await binaryCrossEntropy(tensor([0]), [1]).item(); // => 100
 * binaryCrossEntropy(tensor([1.5]), [1]); // throws RangeError: binaryCrossEntropy: "prediction" expected probabilities from 0 to 1,
 * // got 1.5 at position 0; for logits use binaryCrossEntropyWithLogits
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.BCELoss, https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 */
export function binaryCrossEntropy(
  prediction: Tensor,
  target: TensorLike,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const fn = "binaryCrossEntropy";
  const reduction = checkOptions(fn, options, ["weight"]);
  const [p, t] = pairOf(fn, prediction, target);
  if (kindOf(p) === "logProbabilities")
    throw new TypeError(
      `${fn}: "prediction" expected probabilities, got log-probabilities; use softmax or sigmoid instead`,
    );
  checkProbabilities(fn, "prediction", p, "; for logits use binaryCrossEntropyWithLogits");
  checkProbabilities(fn, "target", t);
  const weight = options.weight === undefined ? null : elementWeight(fn, "weight", options.weight, p.shape);

  const q = p.neg().add(1);
  const exact = t
    .mul(boundedLog(p))
    .add(t.neg().add(1).mul(boundedLog(q)))
    .neg();
  // Near 0 and 1 the value stays and the slope becomes PyTorch's: the added term is 0, its derivative (p - t) / 1e-12.
  const slope = p
    .sub(t)
    .detach()
    .mul(1 / edge);
  const losses = where(p.mul(q).less(edge), exact.detach().add(p.sub(p.detach()).mul(slope)), exact);
  return reduced(fn, weight === null ? losses : losses.mul(weight), reduction, options);
}

/** max(log x, -100), with a finite gradient at 0. */
function boundedLog(x: Tensor): Tensor {
  // Of the size, so that the logarithm of a negative number stays NaN.
  const tiny = x.abs().less(smallest);
  return where(tiny, -100, where(tiny, 1, x).log());
}
