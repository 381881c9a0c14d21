import type { Tensor } from "@downhill/tensor";
import { arange } from "@downhill/tensor";
import type { Lists } from "./lists.js";

// Everything here is of shape [..., items, items], and is never stored as such: it fuses into the sum over its last axis.

/** The first item of each ordered pair: `[..., items, 1]`. */
export function first(x: Tensor): Tensor {
  return x.unsqueeze(-1);
}

/** The second item of each ordered pair: `[..., 1, items]`. */
export function second(x: Tensor): Tensor {
  return x.unsqueeze(-2);
}

/** By how much the first item of each pair scores more than the second. */
export function differences(x: Tensor): Tensor {
  return first(x).sub(second(x));
}

/** Whether both items of a pair are there; null when all are. */
export function bothPresent(mask: Tensor | null): Tensor | null {
  return mask === null ? null : first(mask).logicalAnd(second(mask));
}

/** Pairs that have an order to learn: the first item is more relevant than the second. */
export function preferred({ relevance, mask }: Lists): Tensor {
  const above = first(relevance).greater(second(relevance));
  return mask === null ? above : above.logicalAnd(bothPresent(mask) as Tensor);
}

/** Whether the second item of a pair comes before the first in descending order of `x`; at a tie the one with the lower position. */
function comesBefore(x: Tensor, mask: Tensor | null): Tensor {
  const place = arange(x.shape.at(-1) as number);
  const tie = second(x)
    .equal(first(x))
    .logicalAnd(second(place).less(first(place)));
  const before = second(x).greater(first(x)).logicalOr(tie);
  return mask === null ? before : before.logicalAnd(second(mask));
}

/**
 * The rank of each item in descending order of `x`, from 1; at a tie the one with the lower position comes first. Counted in
 * pairs: where pairs are needed anyway that costs less than to sort, to gather and to scatter back.
 */
export function ranks(x: Tensor, mask: Tensor | null): Tensor {
  return comesBefore(x, mask).cast("float32").sum({ axis: -1 }).add(1);
}

/** Whether the second item of a pair is the first itself or comes after it in descending order of `x`. */
export function notBefore(x: Tensor, mask: Tensor | null): Tensor {
  const rest = comesBefore(x, null).logicalNot();
  return mask === null ? rest : rest.logicalAnd(second(mask));
}
