import type { Tensor } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { differences, second } from "./pairs.js";

/**
 * The rank of each item in descending order of the scores, from 1, with sigmoids of differences instead of comparisons. Each item
 * meets itself, too: that is a half.
 */
export function approximateRanks(scores: Tensor, mask: Tensor | null, temperature: number): Tensor {
  const above = differences(scores)
    .mul(-1 / temperature)
    .sigmoid();
  const counted = mask === null ? above : where(second(mask), above, 0);
  return counted.sum({ axis: -1 }).add(0.5);
}
