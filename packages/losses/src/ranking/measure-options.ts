import type { ListOptions } from "./list-options.js";

/** Options of measures of rankings. */
export interface RankingMeasureOptions extends ListOptions {
  /** How many of the first ranks are looked at, an integer of at least 1. @defaultValue all */
  readonly k?: number | undefined;
  /** What a list without relevant items is worth: 0, 1, or nothing (it is left out of the mean). @defaultValue "zero" */
  readonly withoutRelevant?: "zero" | "one" | "skip" | undefined;
}

/** Options of measures that know only relevant items and others. */
export interface BinaryRankingMeasureOptions extends RankingMeasureOptions {
  /** Smallest relevance of a relevant item, finite and > 0. @defaultValue 1 */
  readonly threshold?: number | undefined;
}
