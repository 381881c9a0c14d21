import type { Tensor } from "@downhill/tensor";
import { arange, softplus, where } from "@downhill/tensor";
import { checkChoice } from "./choice.js";
import type { Groups } from "./embeddings.js";
import { logSoftmaxTerms } from "./log-softmax-terms.js";
import type { LossOptions, Reduction } from "./options.js";
import { reduceLosses } from "./reduce.js";
import type { Factors } from "./weights.js";
import { isHost, product, sampleFactors, sampleWeighting, sum, weightingOf } from "./weights.js";

/** Far below any score, and finite, so that 0 times it is 0 and the difference of two is a number. */
const absent = -1e30;

/** Which pairs of a batch belong together. */
export interface Pairs {
  /** `[batch, batch]`: other embeddings of the same label. */
  readonly positive: Tensor;
  /** `[batch, batch]`: embeddings of other labels. */
  readonly negative: Tensor;
  /** `[batch, batch]`: all but the embedding itself. */
  readonly other: Tensor;
  /** How many positives each embedding has. */
  readonly positives: Factors;
  /** How many negatives each embedding has. */
  readonly negatives: Factors;
}

/** The pairs that labels make. */
export function pairsOf({ index, host }: Groups): Pairs {
  const batch = index.size;
  const [row, column] = [index.reshape([batch, 1]), index.reshape([1, batch])];
  const place = arange(batch);
  const other = place.reshape([batch, 1]).notEqual(place.reshape([1, batch]));
  const positive = row.equal(column).logicalAnd(other);
  const negative = row.notEqual(column);
  if (host === null) {
    const count = (mask: Tensor): Tensor => mask.cast("float32").sum({ axis: -1 });
    return { positive, negative, other, positives: count(positive), negatives: count(negative) };
  }
  // Counted here, a mean costs no further kernel.
  const sizes = groupSizes(host);
  const size = Array.from(host, (label) => sizes.get(label) as number);
  return {
    positive,
    negative,
    other,
    positives: size.map((each) => each - 1),
    negatives: size.map((each) => batch - each),
  };
}

/** How many embeddings have each label. */
function groupSizes(labels: ArrayLike<number>): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    sizes.set(label, (sizes.get(label) ?? 0) + 1);
  }
  return sizes;
}

/** 1 where the count is not 0. */
export function some(counts: Factors): Factors {
  if (isHost(counts)) return Array.from(counts, (count) => (count > 0 ? 1 : 0));
  return counts.greater(0).cast("float32");
}

/** log of the sum of exp(x) over the entries of each row that `mask` keeps; about -1e30 where it keeps none. */
export function maskedLogSumExp(x: Tensor, mask: Tensor): Tensor {
  return kept(x, mask).logSumExp({ axis: -1 });
}

/** log(1 + the sum of exp(x)) over the entries of each row that `mask` keeps. */
export function maskedSoftplus(x: Tensor, mask: Tensor): Tensor {
  return softplus(maskedLogSumExp(x, mask));
}

/** The parts of a log-softmax over the entries of each row that `mask` keeps. */
export function maskedSoftmaxTerms(x: Tensor, mask: Tensor): ReturnType<typeof logSoftmaxTerms> {
  return logSoftmaxTerms(kept(x, mask));
}

function kept(x: Tensor, mask: Tensor): Tensor {
  return where(mask, x, absent);
}

/** What a mean is taken over, after a look at the option `average`. */
export function averageOf(
  fn: string,
  value: "nonZero" | "all" | undefined,
  standard: "nonZero" | "all",
): "nonZero" | "all" {
  const average = value ?? standard;
  checkChoice(fn, "average", average, ["nonZero", "all"]);
  return average;
}

/**
 * Reduces one loss per pair, `[batch, batch]`, over the pairs of `mask`; `counts` of them in each row. `sampleWeight` belongs to
 * the anchors (or to the pairs). With `average: "nonZero"` the mean is over the losses above 0.
 */
export function reducePairs(
  fn: string,
  losses: Tensor,
  mask: Tensor,
  counts: Factors,
  reduction: Reduction,
  { sampleWeight }: LossOptions,
  average: "nonZero" | "all" = "all",
): Tensor {
  const { shape } = losses;
  const { factor: weight } = sampleWeighting(fn, sampleWeight, shape);
  const factor = weight === null ? mask.cast("float32") : where(mask, weight, 0);
  if (average === "nonZero") return reduceLosses(losses, reduction, { factor, total: countedTotal(losses, factor) });
  const perAnchor = weight === null || (weight.shape[1] === 1 && losses.size > 1);
  const anchors = shape.slice(0, 1);
  const total = perAnchor
    ? sum(product(anchors, counts, weight === null ? null : sampleFactors(fn, sampleWeight, anchors)) ?? [])
    : factor.sum();
  return reduceLosses(losses, reduction, { factor, total });
}

/** Reduces one loss per anchor, `[batch]`. With `average: "nonZero"` the mean is over the anchors of `valid`, else over all. */
export function reduceAnchors(
  fn: string,
  losses: Tensor,
  valid: Factors,
  reduction: Reduction,
  { sampleWeight }: LossOptions,
  average: "nonZero" | "all",
): Tensor {
  const { shape } = losses;
  const sample = sampleFactors(fn, sampleWeight, shape);
  const counted = weightingOf(shape, product(shape, valid, sample));
  if (average === "nonZero") return reduceLosses(losses, reduction, counted);
  return reduceLosses(losses, reduction, {
    factor: counted.factor,
    total: sample === null ? losses.size : sum(sample),
  });
}

/** Sum of the factors of losses above 0. */
export function countedTotal(losses: Tensor, factor: Tensor | null): Tensor {
  const counts = losses.greater(0);
  return factor === null ? counts.cast("float32").sum() : where(counts, factor, 0).sum();
}

/** Losses of a batch without embeddings, which reductions along rows could not take. */
export function emptyLosses(x: Tensor, rank: 1 | 2): Tensor {
  return x.sum({ axis: -1 }).reshape(rank === 1 ? [0] : [0, 0]);
}
