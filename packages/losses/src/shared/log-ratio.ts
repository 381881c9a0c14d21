import type { Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";

/** ln(a / b) for positive numbers, from `difference` = a - b where both are close: its digits would be lost in the ratio. */
export function logRatio(a: Tensor, b: Tensor, difference: Tensor): Tensor {
  const relative = difference.div(b);
  const near = relative.abs().less(0.5);
  return where(near, where(near, relative, 0).log1p(), a.div(b).log());
}
