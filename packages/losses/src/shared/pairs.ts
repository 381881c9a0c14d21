import type { Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import type { Lists } from "./lists.js";

// What is of shape [..., items, items] here fuses with the sum over its last axis that follows. Only the second item of the pairs
// is copied into that shape, one copy for each of its numbers: so masks go into the numbers that are compared.

/** The first item of each ordered pair: `[..., items, 1]`. */
export function first(x: Tensor): Tensor {
  return x.unsqueeze(-1);
}

/** The second item of each ordered pair: `[..., 1, items]`. */
export function second(x: Tensor): Tensor {
  return x.unsqueeze(-2);
}

/** By how much the first item of each pair has more than the second. */
export function differences(x: Tensor): Tensor {
  return first(x).sub(second(x));
}

/** Pairs that have an order to learn: the first item is more relevant than the second. */
export function preferred({ relevance, mask }: Lists): Tensor {
  if (mask === null) return first(relevance).greater(second(relevance));
  return first(where(mask, relevance, -beyond)).greater(second(where(mask, relevance, beyond)));
}

/** Sum over the pairs of each list. */
export function overPairs(x: Tensor): Tensor {
  return x.sum({ axis: -1 }).sum({ axis: -1 });
}

/** No relevance is above it, or below its negative. */
const beyond = 3.4e38;
