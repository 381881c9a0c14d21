import type { Tensor } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import type { Areas } from "./overlap.js";
import { missing } from "./overlap.js";

/** 1 - the Tversky index of each class. */
export function tverskyLosses(fn: string, areas: Areas, alpha: number, beta: number): Tensor {
  inRange(fn, "alpha", alpha, 0, Number.POSITIVE_INFINITY);
  inRange(fn, "beta", beta, 0, Number.POSITIVE_INFINITY);
  const { shared, predicted, wanted } = areas;
  const errors = predicted.sub(shared).mul(alpha).add(wanted.sub(shared).mul(beta));
  return missing(shared, shared.add(errors), areas);
}
