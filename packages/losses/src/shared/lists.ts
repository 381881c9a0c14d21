import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, sameShape, where } from "@downhill/tensor";
import { pairOf } from "./elementwise.js";
import { refuseProbabilities, tensorOf } from "./inputs.js";
import type { LossOptions, Reduction } from "./options.js";
import { reduceLosses } from "./reduce.js";
import type { Factors } from "./weights.js";
import { product, sampleFactors, show, weightingOf } from "./weights.js";

/** Far below any score, and finite, so that 0 times it is 0: the score of an absent item in a softmax. */
export const absentScore = -1e30;

/** A range of relevances, and how errors call it. */
export interface RelevanceRange {
  readonly low: number;
  readonly high: number;
  readonly wanted: string;
}

// Up to what float32 holds.
const finite: RelevanceRange = { low: -3.4e38, high: 3.4e38, wanted: "relevances, finite numbers" };
export const nonnegative: RelevanceRange = { low: 0, high: 3.4e38, wanted: "relevances, finite numbers of at least 0" };

/** Lists of items, `[...lists, items]` each. */
export interface Lists {
  /** Scores, with a finite number of the caller's choice where an item is absent. */
  readonly scores: Tensor;
  /** Relevances, likewise. */
  readonly relevance: Tensor;
  /** Not 0 where an item is there; null when all are. */
  readonly mask: Tensor | null;
}

/** What a formula makes of lists. */
export interface PerList {
  /** One loss per list. */
  readonly losses: Tensor;
  /** What the mean divides by, per list: how many terms it has. @defaultValue 1 */
  readonly terms?: Tensor;
  /** Not 0 for lists that count. @defaultValue all */
  readonly counts?: Tensor | null;
}

/** How a loss takes its lists. */
export interface ListRules {
  /** Which relevances have a meaning. @defaultValue all finite ones */
  readonly relevances?: RelevanceRange;
  /** Whether the loss takes a softmax of the scores itself, so that the output of one is refused. @defaultValue false */
  readonly softmax?: boolean;
  /** What stands for absent items. @defaultValue 0 */
  readonly absent?: { readonly score?: number; readonly relevance?: number };
}

/** Options of which this file takes care. */
interface MaskedOptions extends LossOptions {
  readonly mask?: TensorLike | undefined;
}

/** Checks lists, applies a formula to them, weights and reduces its losses. A list without items is left out of the mean. */
export function listLoss(
  fn: string,
  [prediction, target]: readonly [Tensor, TensorLike],
  options: MaskedOptions,
  reduction: Reduction,
  rules: ListRules,
  formula: (lists: Lists) => PerList,
): Tensor {
  const [scores, relevance] = pairOf(fn, prediction, target);
  const shape = scores.shape.slice(0, -1);
  if (rules.softmax === true) refuseProbabilities(fn, prediction, "scores");
  checkItems(fn, scores.shape);
  const mask = maskOf(fn, options.mask, { prediction: scores });
  checkRelevances(fn, relevance, mask, rules.relevances ?? finite);
  const sample = sampleFactors(fn, options.sampleWeight, shape);
  if (scores.size === 0) return reduceLosses(scores.sum({ axis: -1 }), reduction, weightingOf(shape, sample));
  const { score = 0, relevance: worth = 0 } = rules.absent ?? {};
  const fill = (x: Tensor, value: number): Tensor => (mask === null ? x : where(mask, x, value));
  const { losses, terms, counts } = formula({ scores: fill(scores, score), relevance: fill(relevance, worth), mask });
  // A list with terms has items: the terms alone say what the mean divides by.
  const present = mask === null || terms !== undefined ? null : nonEmpty(mask);
  const factors = product(shape, product(shape, sample, present), counts?.notEqual(0).cast("float32") ?? null);
  return reduceLosses(losses, reduction, weightingOf(shape, factors, terms ?? null));
}

/** Throws for lists that have no room for an item; no lists at all are fine. */
export function checkItems(fn: string, shape: readonly number[]): void {
  if (shape.length === 0)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the items), got a scalar`);
  if (shape.at(-1) === 0 && !shape.slice(0, -1).includes(0))
    throw new RangeError(
      `${fn}: "prediction" expected at least 1 item per list, got shape ${show(shape)}; leave empty lists out`,
    );
}

/** The mask as a tensor, of the shape of this argument; null when there is none. */
export function maskOf(
  fn: string,
  value: TensorLike | undefined,
  like: Readonly<Record<string, Tensor>>,
): Tensor | null {
  if (value === undefined) return null;
  const mask = tensorOf(fn, "mask", value);
  sameShape(fn, { ...like, mask });
  return mask;
}

/**
 * Throws for a relevance outside of its range or not finite (a comparison would drop NaN without a word), where JavaScript knows
 * the values. What absent items hold does not matter.
 */
export function checkRelevances(
  fn: string,
  relevance: Tensor,
  mask: Tensor | null,
  { low, high, wanted }: RelevanceRange,
): void {
  const host = hostValues(relevance);
  const kept = mask === null ? null : hostValues(mask);
  if (host === null || (mask !== null && kept === null)) return;
  for (let i = 0; i < host.length; i++) {
    const value = host[i] as number;
    if ((value >= low && value <= high) || (kept !== null && kept[i] === 0)) continue;
    const fix = value === -1 ? '; mark padding by the option "mask"' : "";
    throw new RangeError(
      `${fn}: "target" expected ${wanted}, got ${value}${relevance.rank === 0 ? "" : ` at position ${i}`}${fix}`,
    );
  }
}

/** 1 for lists with an item, 0 for others. */
export function nonEmpty(mask: Tensor): Factors {
  const host = hostValues(mask);
  if (host === null) return mask.any({ axis: -1 }).cast("float32");
  const items = mask.shape.at(-1) as number;
  const lists = mask.shape.slice(0, -1).reduce((extents, extent) => extents * extent, 1);
  return Array.from({ length: lists }, (_, i) =>
    Number(host.subarray(i * items, (i + 1) * items).some((value) => value !== 0)),
  );
}
