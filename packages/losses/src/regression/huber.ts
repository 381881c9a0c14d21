import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link huber}. */
export interface HuberOptions extends LossOptions {
  /** Error from which on the loss grows linearly, in the units of the target: finite and > 0. @defaultValue 1 */
  readonly delta?: number | undefined;
}

/**
 * Huber loss: squared for small errors, linear for large ones, so that outliers do not dominate.
 *
 * $$ \ell(e) = \begin{cases} \tfrac12 e^2 & |e| < \delta \\ \delta \, (|e| - \tfrac12 \delta) & \text{otherwise} \end{cases}
 *    \qquad e = p - t $$
 *
 * @param prediction - `[...shape]`, any real numbers
 * @param target - `[...shape]`, the shape of `prediction`; nothing is broadcast
 * @param options - `delta` (> 0, default 1), `reduction`, `sampleWeight`
 * @returns the mean over all elements (a scalar); `[...shape]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { huber } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const prediction = tensor([0.5, -1.5, 3]);
 * await huber(prediction, [0, 1, 2.5]).item(); // => 0.75
 * await huber(prediction, [0, 1, 2.5], { delta: 0.3 }).item(); // => 0.305
 * @category Regression
 * @reference Huber (1964), Robust Estimation of a Location Parameter, https://doi.org/10.1214/aoms/1177703732; PyTorch 2.13,
 * torch.nn.HuberLoss, https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export function huber(prediction: Tensor, target: TensorLike, options: HuberOptions = {}): Tensor {
  const fn = "huber";
  const reduction = checkOptions(fn, options, ["delta"]);
  const { delta = 1 } = options;
  inRange(fn, "delta", delta, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  const error = p.sub(t);
  // c (e - c/2) with c = e cut at ±δ: both cases in one formula, whose gradient is c.
  const cut = error.clip(-delta, delta);
  return reduced(fn, cut.mul(error.sub(cut.mul(0.5))), reduction, options);
}
