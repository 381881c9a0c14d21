import type { Tensor, TensorLike } from "@downhill/tensor";
import { gather, inRange, measure, tensor, where } from "@downhill/tensor";
import { checkChoice } from "./choice.js";
import { pairOf } from "./elementwise.js";
import { checkCutoff } from "./gains.js";
import { checkItems, checkRelevances, maskOf, nonEmpty, nonnegative } from "./lists.js";
import type { LossOptions } from "./options.js";
import { checkOptions } from "./options.js";
import { descending, positions } from "./ranks.js";
import { reduceLosses } from "./reduce.js";
import { product, sampleFactors, weightingOf } from "./weights.js";

/** Options of which this file takes care. */
interface MeasureOptions extends LossOptions {
  readonly k?: number | undefined;
  readonly withoutRelevant?: "zero" | "one" | "skip" | undefined;
  readonly mask?: TensorLike | undefined;
}

/** What a measure of a ranking is computed from. */
export interface Ranking {
  /** Relevances in descending order of the scores, 0 where there is no item. */
  readonly sorted: Tensor;
  /** Relevances in their own order, 0 where there is no item. */
  readonly relevance: Tensor;
  /** Not 0 where an item is there; null when all are. */
  readonly mask: Tensor | null;
  /** The cutoff, Infinity when there is none. */
  readonly k: number;
}

/** Value of a list, and what is 0 for lists without relevant items. */
export interface Measured {
  readonly value: Tensor;
  readonly relevant: Tensor;
}

/**
 * Checks options (`own` has those of one measure, by name) and lists, sorts these by score, applies a formula, weights and reduces
 * what it gives. No gradient comes out of it.
 */
export function listMeasure(
  fn: string,
  [prediction, target]: readonly [Tensor, TensorLike],
  options: MeasureOptions,
  own: Readonly<Record<string, () => void>>,
  trainOn: string,
  formula: (ranking: Ranking) => Measured,
): Tensor {
  const reduction = checkOptions(fn, options, ["k", ...Object.keys(own), "withoutRelevant", "mask"]);
  for (const check of Object.values(own)) check();
  const k = checkCutoff(fn, options.k);
  const { withoutRelevant = "zero" } = options;
  checkChoice(fn, "withoutRelevant", withoutRelevant, ["zero", "one", "skip"]);
  const [scores, relevance] = pairOf(fn, prediction, target);
  checkItems(fn, scores.shape);
  const shape = scores.shape.slice(0, -1);
  const mask = maskOf(fn, options.mask, { prediction: scores });
  checkRelevances(fn, relevance, mask, nonnegative);
  let factors = product(shape, sampleFactors(fn, options.sampleWeight, shape), mask === null ? null : nonEmpty(mask));
  const finish = (values: Tensor): Tensor =>
    measure(
      reduceLosses(values, reduction, weightingOf(shape, factors)),
      scores,
      `${fn}: has no useful gradient; train on ${trainOn} and report ${fn}`,
    );
  if (scores.size === 0) return finish(scores.sum({ axis: -1 }));
  const fill = (x: Tensor, value: number): Tensor => (mask === null ? x : where(mask, x, value));
  const order = descending(scores, mask);
  const present = fill(relevance, 0);
  const { value, relevant } = formula({ sorted: gather(present, order, -1), relevance: present, mask, k });
  const none = relevant.equal(0);
  if (withoutRelevant === "skip") factors = product(shape, factors, none.logicalNot().cast("float32"));
  // A score that is not a number has no rank: the measure is none either.
  const broken = fill(scores, 0);
  const known = where(none, withoutRelevant === "one" ? 1 : 0, value);
  return finish(where(broken.notEqual(broken).any({ axis: -1 }), Number.NaN, known));
}

/** What a measure of relevant items and others is computed from. */
export interface Hits {
  /** 1 at ranks up to k with a relevant item, 0 at others. */
  readonly hits: Tensor;
  /** 1, 2, ... */
  readonly rank: Tensor;
  /** Relevant items of each list, at any rank. */
  readonly total: Tensor;
  /** Ranks up to k that hold an item; 1 for a list without items. */
  readonly looked: Tensor | number;
}

/** A measure that knows only relevant items and others. */
export function binaryMeasure(
  fn: string,
  lists: readonly [Tensor, TensorLike],
  options: MeasureOptions & { readonly threshold?: number | undefined },
  trainOn: string,
  formula: (hits: Hits) => Tensor,
): Tensor {
  const threshold = (): number => options.threshold ?? 1;
  const own = {
    threshold: (): void => inRange(fn, "threshold", threshold(), 0, Number.POSITIVE_INFINITY, "low"),
  };
  return listMeasure(fn, lists, options, own, trainOn, ({ sorted, mask, k }) => {
    const items = sorted.shape.at(-1) as number;
    const rank = tensor(positions(items));
    const relevant = sorted.greaterEqual(threshold());
    const hits = relevant.logicalAnd(rank.lessEqual(Math.min(k, items))).cast("float32");
    const total = relevant.cast("float32").sum({ axis: -1 });
    const count = mask === null ? items : mask.cast("bool").cast("float32").sum({ axis: -1 });
    const looked = typeof count === "number" ? Math.min(k, count) : count.clip(1, k);
    return { value: formula({ hits, rank, total, looked }), relevant: total };
  });
}
