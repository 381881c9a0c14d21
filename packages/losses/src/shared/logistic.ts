import type { Tensor } from "@downhill/tensor";

/** The binary cross entropy of logits and probabilities, elementwise: ln(1 + exp(x)) - t x. */
export function logisticLoss(x: Tensor, t: Tensor): Tensor {
  // In this order a confident right answer keeps its digits: large parts cancel exactly before the small tail is added.
  return x.maximum(0).sub(x.mul(t)).add(logisticTail(x));
}

/** ln(1 + exp(-|x|)) */
export function logisticTail(x: Tensor): Tensor {
  return x.abs().neg().exp().log1p();
}
