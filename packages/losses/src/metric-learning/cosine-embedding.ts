import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, sameShape, where } from "@downhill/tensor";
import { reduced } from "../shared/elementwise.js";
import { checkSigns, predictionOf, tensorOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { same } from "../shared/same.js";
import { show } from "../shared/weights.js";

/** Options of {@link cosineEmbedding}. */
export interface CosineEmbeddingOptions extends LossOptions {
  /** Cosine up to which pairs that do not belong together cost nothing, from -1 to 1. @defaultValue 0 */
  readonly margin?: number | undefined;
}

// Added to every squared length, as in PyTorch: the cosine with a vector of zeros is 0.
const epsilon = 1e-12;

/**
 * Cosine embedding loss: pairs that belong together point the same way, others do not.
 *
 * $$ \ell(a, b, y) = \begin{cases} 1 - \cos(a, b) & y = 1 \\ \max(0,\; \cos(a, b) - m) & y = -1 \end{cases}
 *    \qquad \cos(a, b) = \frac{a \cdot b}{\sqrt{(a \cdot a + \varepsilon)(b \cdot b + \varepsilon)}} $$
 *
 * with $\varepsilon = 10^{-12}$. As in PyTorch, a pair exactly at the margin still gets the gradient of one above it.
 *
 * @param x1 - `[..., dims]`, any real numbers
 * @param x2 - `[..., dims]`, the shape of `x1`
 * @param y - `[...]`, 1 where the two belong together, -1 where they do not
 * @param options - `margin` (-1 to 1, default 0), `reduction`, `sampleWeight` (per pair)
 * @returns the mean over all pairs (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a `y` is neither -1 nor 1 (naming it; what the device computes is not checked), the shapes do not fit or
 * an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { cosineEmbedding } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const [x1, x2] = [tensor([[0, 1], [1, 2]]), tensor([[0, 1.5], [3, 1]])];
 * await cosineEmbedding(x1, x2, [1, -1]).item(); // => 0.353553391
 * await cosineEmbedding(x1, x2, [1, -1], { margin: 0.5 }).item(); // => 0.103553391
 * @category Metric learning
 * @reference PyTorch 2.13, torch.nn.CosineEmbeddingLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export function cosineEmbedding(x1: Tensor, x2: Tensor, y: TensorLike, options: CosineEmbeddingOptions = {}): Tensor {
  const fn = "cosineEmbedding";
  const reduction = checkOptions(fn, options, ["margin"]);
  const { margin = 0 } = options;
  inRange(fn, "margin", margin, -1, 1);
  const a = predictionOf(fn, "x1", x1);
  const b = predictionOf(fn, "x2", x2);
  const sign = tensorOf(fn, "y", y, "float32");
  sameShape(fn, { x1: a, x2: b });
  if (a.rank === 0 || a.shape.at(-1) === 0)
    throw new RangeError(`${fn}: "x1" expected shape [..., dims] with at least 1 of dims, got shape ${show(a.shape)}`);
  const pairs = a.shape.slice(0, -1);
  if (!same(sign.shape, pairs))
    throw new RangeError(
      `${fn}: "y" expected one sign per pair, shape ${show(pairs)}, got shape ${show(sign.shape)}${
        sign.rank === a.rank && sign.shape.at(-1) === 1 ? '; drop the last axis of "y" with .squeeze(-1)' : ""
      }`,
    );
  checkSigns(fn, "y", sign);
  const dot = (u: Tensor, v: Tensor): Tensor => u.mul(v).sum({ axis: -1 });
  const length = (u: Tensor): Tensor => dot(u, u).add(epsilon).sqrt();
  const cosine = dot(a, b).div(length(a)).div(length(b));
  const above = cosine.sub(margin);
  const apart = where(above.less(0), 0, above);
  return reduced(fn, where(sign.greater(0), cosine.neg().add(1), apart), reduction, options);
}
