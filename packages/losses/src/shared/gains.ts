import type { Tensor } from "@downhill/tensor";
import { integer, sort, tensor, where } from "@downhill/tensor";
import { checkChoice } from "./choice.js";
import { positions } from "./ranks.js";

/** Throws unless `gain` names a gain. */
export function checkGain(fn: string, gain: string): void {
  checkChoice(fn, "gain", gain, ["exponential", "linear"]);
}

/**
 * The gain of each relevance (at least 0) times a factor per list: measures that are normalised by the best list don't see it.
 * 2^y - 1 is taken relative to the largest of the list, as 2^(y - max) (1 - 2^-y), so that nothing overflows or cancels.
 */
export function scaledGains(relevance: Tensor, gain: string): Tensor {
  if (gain === "linear") return relevance;
  const top = relevance.max({ axis: -1, keepDims: true });
  return relevance.sub(top).mul(Math.LN2).exp().mul(relevance.mul(-Math.LN2).expm1().neg());
}

/** 1 / ln(1 + rank) for ranks from 1, and 0 beyond `k`: the base of the logarithm cancels in what is normalised. */
export function discounts(rank: Tensor, k: number): Tensor {
  const each = rank.log1p().reciprocal();
  return k === Number.POSITIVE_INFINITY ? each : where(rank.lessEqual(k), each, 0);
}

/** x / y, and 0 where y is 0. */
export function ratio(x: Tensor, y: Tensor): Tensor {
  const none = y.equal(0);
  return where(none, 0, x.div(where(none, 1, y)));
}

/** Gains divided by the DCG of the best order among the first `k`: what each item adds to NDCG at rank 1, but for the logarithm. */
export function normalizedGains(relevance: Tensor, gain: string, k: number): Tensor {
  const gains = scaledGains(relevance, gain);
  return ratio(gains, bestDcg(gains, k).unsqueeze(-1));
}

/** DCG of gains at ranks 1, 2, ..., one per list. */
export function dcg(gains: Tensor, k: number): Tensor {
  const items = gains.shape.at(-1) as number;
  const discount = positions(items).map((rank) => (rank > k ? 0 : 1 / Math.log1p(rank)));
  return gains.mul(tensor(discount)).sum({ axis: -1 });
}

/** DCG of the best order among the first `k`, one per list. Items that are not there have gain 0 and add nothing. */
export function bestDcg(gains: Tensor, k: number): Tensor {
  return dcg(sort(gains, { descending: true }).values, k);
}

/** The option `k`, Infinity when left out; throws unless it is an integer of at least 1. */
export function checkCutoff(fn: string, k: number | undefined): number {
  if (k === undefined) return Number.POSITIVE_INFINITY;
  integer(fn, "k", k, 1);
  return k;
}
