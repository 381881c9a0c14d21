import type { Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { absentScore } from "./lists.js";
import { first, second } from "./pairs.js";

/**
 * The rank of each item in descending order of the scores, from 1, with sigmoids of differences instead of comparisons. Each item
 * meets itself, too: that is a half.
 */
export function approximateRanks(scores: Tensor, mask: Tensor | null, temperature: number): Tensor {
  const others = mask === null ? scores : where(mask, scores, absentScore);
  const above = second(others).sub(first(scores)).div(temperature).sigmoid();
  return above.sum({ axis: -1 }).add(0.5);
}
