import type { Tensor } from "@downhill/tensor";

/** The two parts of a log-softmax along the last axis: -log softmax(x) = logSum - x', neither below 0, so that nothing cancels. */
export interface LogSoftmaxTerms {
  /** x' = x - max(x), at most 0. */
  readonly shifted: Tensor;
  /** log of the sum of exp(x'), at least 0, one per row. */
  readonly logSum: Tensor;
}

/** The largest entry is cut from differentiation: the softmax does not depend on it. */
export function logSoftmaxTerms(x: Tensor): LogSoftmaxTerms {
  const shifted = x.sub(x.max({ axis: -1, keepDims: true }).detach());
  return { shifted, logSum: shifted.exp().sum({ axis: -1 }).log() };
}

/** Sum over the classes of q · -log softmax(x), one per row. */
export function crossEntropyWith(q: Tensor, { shifted, logSum }: LogSoftmaxTerms): Tensor {
  return logSum.mul(q.sum({ axis: -1 })).sub(q.mul(shifted).sum({ axis: -1 }));
}
