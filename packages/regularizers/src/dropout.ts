import type { Layer } from "@downhill/tensor";
import { bernoulliMask, describe, inRange, number, Tensor, where } from "@downhill/tensor";

/**
 * A layer that sets each element to 0 with probability $p$ while training, so that no unit can rely on another one.
 *
 * $$ y_i = \begin{cases} 0 & \text{with probability } p \\ x_i / (1 - p) & \text{else} \end{cases} $$
 *
 * What stays is scaled up, so that the expected value is that of `x`. When `training` is false, and with $p = 0$, the
 * result is `x`; with $p = 1$ all is 0. Masks follow `manualSeed()`; every call of `forward` draws a new one.
 *
 * @example
 * ```ts
 * import { Dropout } from "@downhill/regularizers";
 * import { manualSeed, ones } from "@downhill/tensor";
 *
 * manualSeed(0);
 * const dropout = new Dropout(0.25);
 * const y = dropout.forward(ones([1000]));
 * await y.max().item(); // => 1.3333333
 * Math.abs((await y.mean().item()) - 1) < 0.1; // => true
 * dropout.training = false;
 * await dropout.forward(ones([3])).array(); // => [1, 1, 1]
 * ```
 * @reference Srivastava et al. (2014), Dropout: A Simple Way to Prevent Neural Networks from Overfitting, https://jmlr.org/papers/v15/srivastava14a.html
 */
export class Dropout implements Layer {
  /** Probability of a 0, in [0, 1]. */
  readonly p: number;
  /** Whether to drop anything; `fit` and `model.train()` set it. @defaultValue true */
  training = true;

  /**
   * @param p - probability of a 0, in [0, 1]. Default 0.5
   * @throws TypeError when `p` is no number, RangeError when it is outside
   */
  constructor(p = 0.5) {
    inRange("Dropout", "p", p, 0, 1);
    this.p = p;
  }

  /**
   * @param x - any shape, float32
   * @returns the shape of `x`
   * @throws TypeError when `x` is no float32 tensor
   */
  forward(x: Tensor): Tensor {
    if (!(x instanceof Tensor)) throw new TypeError(`Dropout: "x" expected a tensor, got ${describe(x)}`);
    if (x.dtype !== "float32")
      throw new TypeError(`Dropout: "x" expected float32, got ${x.dtype}; use cast("float32")`);
    if (!this.training || this.p === 0) return x;
    // Nothing stays with p = 1; an infinite scale would make NaN of the zeros' gradients.
    const scale = this.p === 1 ? 0 : 1 / (1 - this.p);
    return where(bernoulliMask(x.shape, this.p), x.mul(number(scale)), 0);
  }
}
