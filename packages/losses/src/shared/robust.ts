import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { pairOf, reduced } from "./elementwise.js";
import type { LossOptions } from "./options.js";
import { checkOptions } from "./options.js";

/** A loss of the error in units of `scale`. */
export function robustLoss(
  fn: string,
  prediction: Tensor,
  target: TensorLike,
  options: LossOptions & { readonly scale?: number | undefined },
  formula: (z: Tensor) => Tensor,
): Tensor {
  const reduction = checkOptions(fn, options, ["scale"]);
  const { scale = 1 } = options;
  inRange(fn, "scale", scale, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  return reduced(fn, formula(p.sub(t).div(scale)), reduction, options);
}
