import type { TensorLike } from "@downhill/tensor";
import { describe } from "@downhill/tensor";

/** What becomes of the losses of the single elements or examples. */
export type Reduction = "mean" | "sum" | "none";

/** Options that every loss takes. */
export interface LossOptions {
  /**
   * `"mean"`, `"sum"`, or `"none"` for one loss per element (or per example, see the loss). The mean of nothing is 0.
   *
   * @defaultValue "mean"
   */
  readonly reduction?: Reduction | undefined;
  /**
   * Importance of each sample, finite and >= 0: `[n]` for losses of shape `[n, ...]`, or of any longer part of that shape,
   * counted from the front. The mean becomes the weighted mean: it divides by the sum of the weights. What has weight 0 is
   * left out, whatever its loss.
   *
   * @defaultValue all 1
   */
  readonly sampleWeight?: TensorLike | undefined;
}

/** The names of the options that every loss takes. */
export const common: readonly string[] = ["reduction", "sampleWeight"];

/** Throws unless `options` is an object with no other options than these: a mistyped one must not be ignored. */
export function checkNames(fn: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${fn}: "options" expected an object, got ${describe(options)}`);
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new TypeError(`${fn}: "options" expected only ${names.join(", ")}, got ${describe(name)}`);
}

/** The reduction, after a look at the names of all options. */
export function checkOptions(fn: string, options: LossOptions, own: readonly string[] = []): Reduction {
  checkNames(fn, options, [...own, ...common]);
  const { reduction = "mean" } = options;
  // Not by checkChoice: every bundle has this check, and many have no other.
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none")
    throw new RangeError(`${fn}: "reduction" expected "mean", "sum" or "none", got ${describe(reduction)}`);
  return reduction;
}
