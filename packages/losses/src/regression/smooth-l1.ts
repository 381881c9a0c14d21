import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link smoothL1}. */
export interface SmoothL1Options extends LossOptions {
  /** Error from which on the loss is linear, in the units of the target: finite and >= 0; 0 gives |e|. @defaultValue 1 */
  readonly beta?: number | undefined;
}

/**
 * Smooth L1 loss: the absolute error with its corner rounded off, the usual loss of box coordinates.
 *
 * $$ \ell(e) = \begin{cases} \tfrac{1}{2 \beta} e^2 & |e| < \beta \\ |e| - \tfrac12 \beta & \text{otherwise} \end{cases}
 *    \qquad e = p - t $$
 *
 * It is {@link huber} divided by $\beta$: its slope far away is 1 for every $\beta$.
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `beta` (>= 0, default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { smoothL1 } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const prediction = tensor([0.5, -1.5, 3]);
 * await smoothL1(prediction, [0, 1, 2.5]).item(); // => 0.75
 * await smoothL1(prediction, [0, 1, 2.5], { beta: 0.3 }).item(); // => 1.016667
 * @category Regression
 * @reference Girshick (2015), Fast R-CNN, https://arxiv.org/abs/1504.08083; PyTorch 2.13, torch.nn.SmoothL1Loss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export function smoothL1(prediction: Tensor, target: TensorLike, options: SmoothL1Options = {}): Tensor {
  const fn = "smoothL1";
  const reduction = checkOptions(fn, options, ["beta"]);
  const { beta = 1 } = options;
  inRange(fn, "beta", beta, 0, Number.POSITIVE_INFINITY);
  const [p, t] = pairOf(fn, prediction, target);
  const error = p.sub(t);
  // Where float32 can't hold 1/β there is no difference to 0.
  if (Math.fround(1 / beta) === Number.POSITIVE_INFINITY) return reduced(fn, error.abs(), reduction, options);
  // c/β (e - c/2) with c = e cut at ±β: both cases in one formula, whose gradient is c/β.
  const cut = error.clip(-beta, beta);
  return reduced(fn, cut.mul(1 / beta).mul(error.sub(cut.mul(0.5))), reduction, options);
}
