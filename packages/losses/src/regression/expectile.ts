import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { reduced } from "../shared/elementwise.js";
import { levelErrors } from "../shared/levels.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link expectile}. */
export interface ExpectileOptions extends LossOptions {
  /**
   * The expectile to predict, between 0 and 1, both excluded; or several of them, for which the last axis of the prediction has
   * one entry each.
   *
   * @defaultValue 0.5, the mean
   */
  readonly expectile?: number | readonly number[] | undefined;
}

/**
 * Expectile loss: a squared error that weighs errors to one side more; to the mean what the pinball loss is to the median.
 *
 * $$ \ell(p, t) = \begin{cases} \tau \, (t - p)^2 & p \le t \\ (1 - \tau) \, (t - p)^2 & p > t \end{cases} $$
 *
 * At the default $\tau = \tfrac12$ it is half the squared error.
 *
 * @param prediction - `[...shape]`, any real numbers; `[...shape, expectiles]` for several expectiles
 * @param target - `[...shape]`; nothing is broadcast but the target over the expectiles
 * @param options - `expectile` (between 0 and 1, or an array of such numbers; default 0.5), `reduction`, `sampleWeight`
 * @returns the mean over all elements and expectiles (a scalar); the shape of `prediction` for reduction `"none"`
 * @throws RangeError when the shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { expectile } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await expectile(tensor([1, 3]), [3, 1], { expectile: 0.9 }).item(); // => 2
 * await expectile(tensor([[0, 2]]), [1], { expectile: [0.5, 0.9] }).item(); // => 0.3
 * @category Regression
 * @reference Newey & Powell (1987), Asymmetric Least Squares Estimation and Testing, https://doi.org/10.2307/1911031
 */
export function expectile(prediction: Tensor, target: TensorLike, options: ExpectileOptions = {}): Tensor {
  const fn = "expectile";
  const reduction = checkOptions(fn, options, ["expectile"]);
  const { error, level, rest } = levelErrors(fn, "expectile", prediction, target, options.expectile ?? 0.5);
  return reduced(fn, where(error.less(0), rest, level).mul(error.square()), reduction, options);
}
