import type { Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";

/** `a / b` of two norms, and 1 where one of `a` and `known` is 0: a layer at zero would never leave it. */
export function trustRatio(a: Tensor, b: Tensor, known: Tensor = b): Tensor {
  return where(a.greater(0).logicalAnd(known.greater(0)), a.div(b), 1);
}
