import type { TensorLike } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";

/** Options of losses over exclusive classes. */
export interface ClassLossOptions extends LossOptions {
  /** Class index of examples that are left out, an integer; only with class indices. @defaultValue -100 */
  readonly ignoreIndex?: number | undefined;
  /**
   * Which examples count, `[...]`: false (or 0) for places that only fill up a short sequence. It is as if these were not there:
   * their predictions and labels may be anything. (Probabilities are checked all the same, and so are labels when only the device
   * knows the mask.)
   *
   * @defaultValue all count
   */
  readonly mask?: TensorLike | undefined;
  /** Axis of the classes. PyTorch has them on axis 1. @defaultValue -1, the last */
  readonly axis?: number | undefined;
}

/** Options of losses over exclusive classes that weight the classes. */
export interface WeightedClassLossOptions extends ClassLossOptions {
  /**
   * Factor of each class, finite and >= 0: `[classes]`; see {@link balancedWeights}. With class indices the mean divides by the sum
   * of the factors of the labels, with probabilities by the number of examples, both as in PyTorch.
   *
   * @defaultValue all 1
   */
  readonly weight?: TensorLike | undefined;
}
