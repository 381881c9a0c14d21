import type { NestedArray } from "@downhill/tensor";
import type { LossFunction } from "@downhill/testing";

/** Every loss on three examples of two entries, and at ±1e4. */
export interface Case {
  readonly loss: LossFunction;
  readonly inputs: readonly NestedArray[];
  readonly target: NestedArray;
  readonly extreme: readonly NestedArray[];
}
export const scores = [
  [0.5, -1.5],
  [2, 0.25],
  [-0.75, 3],
];
export const probabilities = [
  [0.5, 0.25],
  [0.75, 0.125],
  [0.9375, 0.5],
];
export const other = [
  [1, 0],
  [0.5, 1],
  [0, 0.25],
];
export const signs = [
  [1, -1],
  [-1, -1],
  [1, 1],
];
export const huge = [
  [1e4, -1e4],
  [-1e4, 1e4],
  [1e4, 1e4],
];
