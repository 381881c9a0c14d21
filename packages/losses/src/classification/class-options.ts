import type { TensorLike } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";

/** Options of losses over exclusive classes. */
export interface ClassLossOptions extends LossOptions {
  /** Class index of examples that are left out, an integer; only with class indices. @defaultValue -100 */
  readonly ignoreIndex?: number | undefined;
  /**
   * Which examples count, `[...]`: false (or 0) for places that only fill up a short sequence. They may hold anything; it is as if
   * they were not there.
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
