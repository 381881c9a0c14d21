import type { Tensor, TensorLike } from "@downhill/tensor";
import { sameShape, tensor, where } from "@downhill/tensor";
import { rowsOf } from "./embeddings.js";
import type { Factors } from "./weights.js";
import { isHost, sampleFactors, sum } from "./weights.js";

/** Two views of a batch, and the share of each example in its statistics. */
export interface Views {
  readonly first: Tensor;
  readonly second: Tensor;
  /** Sums up to 1: `[batch, 1]`, or one number for all. */
  readonly share: Tensor | number;
  /** 1 - the sum of squared shares: what a covariance is divided by to be unbiased; (n - 1) / n for equal shares. */
  readonly correction: Tensor | number;
}

/** Checks two views and their weights; null when there is nothing to compute statistics of: the batch is empty or has no weight. */
export function viewsOf(fn: string, first: Tensor, second: Tensor, sampleWeight: TensorLike | undefined): Views | null {
  const a = rowsOf(fn, "first", first);
  const b = rowsOf(fn, "second", second);
  sameShape(fn, { first: a, second: b });
  const batch = a.shape[0] as number;
  const factors = sampleFactors(fn, sampleWeight, [batch]);
  const known = factors === null || isHost(factors);
  const counted = factors === null ? batch : known ? Array.from(factors).filter((each) => each > 0).length : batch;
  if (counted === 0) return null;
  if (counted === 1)
    throw new RangeError(
      `${fn}: "first" expected at least 2 examples${batch > 1 ? ' with a "sampleWeight" above 0' : ""} to compare, got 1`,
    );
  if (factors === null) return { first: a, second: b, share: 1 / batch, correction: 1 - 1 / batch };
  const { share, correction } = sharesOf(factors, batch);
  // What has no weight is left out, whatever it is.
  const left = (x: Tensor): Tensor => where(share.equal(0), 0, x);
  return { first: left(a), second: left(b), share, correction };
}

function sharesOf(factors: Factors, batch: number): { share: Tensor; correction: Tensor | number } {
  if (!isHost(factors)) {
    const total = factors.sum();
    const share = factors.div(where(total.equal(0), 1, total)).reshape([batch, 1]);
    // 0 without any weight, and with a single one.
    return { share, correction: share.sub(share.square()).sum() };
  }
  const total = sum(factors) as number;
  const shares = Float64Array.from(factors, (factor) => factor / total);
  return {
    share: tensor(shares, { shape: [batch, 1] }),
    correction: shares.reduce((rest, share) => rest - share * share, 1),
  };
}

/** Distance of every entry from the mean of its column. */
export function centered(x: Tensor, share: Tensor | number): Tensor {
  return x.sub(x.mul(share).sum({ axis: 0, keepDims: true }));
}

/** The sum of products of columns of `a` and `b`, weighted by the shares: `[dims, dims]`. */
export function crossProducts(a: Tensor, b: Tensor, share: Tensor | number): Tensor {
  return a.mul(share).transpose().matmul(b);
}

/** The losses per dim of views without examples: zeros `[dims]`, in the graph of both. */
export function noLosses(first: Tensor, second: Tensor): Tensor {
  return where(true, 0, first.cast("float32").add(second.cast("float32"))).sum({ axis: 0 });
}

/** The losses, or 0 where the device finds that less than two examples have a weight. */
export function orNothing(losses: Tensor, { correction }: Views): Tensor {
  return typeof correction === "number" ? losses : where(correction.greater(1e-6), losses, 0);
}
