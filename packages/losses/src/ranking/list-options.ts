import type { TensorLike } from "@downhill/tensor";
import type { LossOptions } from "../shared/options.js";

/** Options of losses and measures over lists of items. */
export interface ListOptions extends LossOptions {
  /**
   * Which items count, in the shape of the target: false (or 0) for those that only fill up a short list. What they hold does not
   * matter. A list without any item is left out of the mean.
   *
   * @defaultValue all count
   */
  readonly mask?: TensorLike | undefined;
}

/**
 * What a relevance y is worth: $2^y - 1$ (`"exponential"`, so that a few very relevant items count most) or y (`"linear"`).
 */
export type Gain = "exponential" | "linear";
