import type { Tensor } from "@downhill/tensor";
import { arange, cumsum, gather, sort, where } from "@downhill/tensor";

/**
 * The Lovász extension of the Jaccard loss, one number per row: errors `[rows, pixels]`, `isTarget` (0 or 1) in the same shape. Errors
 * below 0 count as 0.
 *
 * The weight of the k-th largest error is what the Jaccard loss grows by when that pixel becomes wrong, too. As a fraction of its own
 * it keeps the digits that a difference of two losses near 1 would lose.
 */
export function lovaszExtension(errors: Tensor, isTarget: Tensor): Tensor {
  if (errors.size === 0) return errors.sum({ axis: -1 });
  const { values, indices } = sort(errors, { descending: true });
  const hit = gather(isTarget, indices, -1);
  const targets = isTarget.sum({ axis: -1, keepDims: true });
  const found = cumsum(hit);
  const place = arange(1, (errors.shape.at(-1) as number) + 1).cast("float32");
  // Targets and wrong others among the first k pixels.
  const union = targets.add(place).sub(found);
  const ofOther = targets.sub(found).div(union.mul(union.sub(1).maximum(1)));
  const weight = where(hit, union.reciprocal(), where(union.equal(1), 1, ofOther));
  return values.relu().mul(weight).sum({ axis: -1 });
}
