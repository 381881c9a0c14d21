import type { Tensor } from "@downhill/tensor";
import { where, zerosLike } from "@downhill/tensor";
import type { Reduction } from "./options.js";

/** How losses are weighted: the factor of each (null: 1), and what a mean divides by (null: their number). */
export interface Weighting {
  readonly factor: Tensor | null;
  readonly total: number | Tensor | null;
}

/** Every loss counts once. */
export const unweighted: Weighting = { factor: null, total: null };

/** Weights and reduces losses of single elements or examples. With nothing to average the mean is 0, and so is its gradient. */
export function reduceLosses(losses: Tensor, reduction: Reduction, { factor, total }: Weighting): Tensor {
  // Chosen, not only multiplied: 0 times an infinite loss would be NaN.
  const weighted = factor === null ? losses : where(factor.equal(0), zerosLike(factor), losses.mul(factor));
  if (reduction === "none") return weighted;
  if (reduction === "sum" || losses.size === 0) return weighted.sum();
  if (total === null) return weighted.mean();
  // A number is an input of the plan: batches with different totals share one plan, in which the mean is one kernel.
  if (typeof total === "number") return weighted.sum().mul(total === 0 ? 0 : 1 / total);
  return weighted.sum().div(where(total.equal(0), 1, total));
}
