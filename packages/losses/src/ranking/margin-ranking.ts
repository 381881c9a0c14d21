import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, sameShape, where } from "@downhill/tensor";
import { reduced } from "../shared/elementwise.js";
import { checkSigns, predictionOf, tensorOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link marginRanking}. */
export interface MarginRankingOptions extends LossOptions {
  /** How far apart the scores of a pair shall be, a finite number. @defaultValue 0 */
  readonly margin?: number | undefined;
}

/**
 * Margin ranking loss: of two scores, the one that should rank higher shall be larger by a margin.
 *
 * $$ \ell(x_1, x_2, y) = \max(0,\; -y\,(x_1 - x_2) + m) $$
 *
 * As in PyTorch, a pair exactly at the margin still gets the gradient of a pair inside it.
 *
 * @param x1 - `[...shape]`, scores of the first of each pair
 * @param x2 - `[...shape]`, scores of the second
 * @param y - `[...shape]`, 1 where the first should rank higher, -1 where the second should
 * @param options - `margin` (default 0), `reduction`, `sampleWeight`
 * @returns the mean over all pairs (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when a target is neither -1 nor 1 (naming it; targets that the device computes are not checked), the shapes
 * differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { marginRanking } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const [x1, x2] = [tensor([0.5, -1.5, 3]), tensor([0, 1, 2.5])];
 * await marginRanking(x1, x2, [1, 1, -1], { margin: 0.5 }).item(); // => 1.33333
 * @category Ranking
 * @reference PyTorch 2.13, torch.nn.MarginRankingLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 */
export function marginRanking(x1: Tensor, x2: Tensor, y: TensorLike, options: MarginRankingOptions = {}): Tensor {
  const fn = "marginRanking";
  const reduction = checkOptions(fn, options, ["margin"]);
  const { margin = 0 } = options;
  inRange(fn, "margin", margin, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const first = predictionOf(fn, "x1", x1);
  const second = predictionOf(fn, "x2", x2);
  const label = tensorOf(fn, "y", y, "float32");
  sameShape(fn, { x1: first, x2: second, y: label });
  checkSigns(fn, "y", label);
  const missing = label.mul(second.sub(first)).add(margin);
  return reduced(fn, where(missing.less(0), 0, missing), reduction, options);
}
