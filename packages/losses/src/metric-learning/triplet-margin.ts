import type { Tensor } from "@downhill/tensor";
import { describe, inRange, sameShape, where } from "@downhill/tensor";
import { averageOf, countedTotal } from "../shared/embedding-pairs.js";
import { safeSqrt } from "../shared/embeddings.js";
import { checkFlag } from "../shared/flag.js";
import { predictionOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import { sampleWeighting, show } from "../shared/weights.js";

/** Options of {@link tripletMargin}. */
export interface TripletMarginOptions extends LossOptions {
  /** How much farther the negative shall be than the positive, finite and > 0. @defaultValue 1 */
  readonly margin?: number | undefined;
  /** The norm that measures distances: 1 or more, Infinity for the largest difference. @defaultValue 2 */
  readonly p?: number | undefined;
  /** Whether the distance from positive to negative counts where it is the smaller one. @defaultValue false */
  readonly swap?: boolean | undefined;
  /** Added to every difference, as PyTorch does: finite and >= 0. @defaultValue 1e-6 */
  readonly eps?: number | undefined;
  /**
   * What the mean is over: all triplets, as in PyTorch, or those whose loss is not 0, as in pytorch-metric-learning.
   *
   * @defaultValue "all"
   */
  readonly average?: "nonZero" | "all" | undefined;
}

/**
 * Triplet margin loss: an anchor shall be closer to a positive than to a negative, by a margin.
 *
 * $$ \ell(a, p, n) = \max(0,\; d(a, p) - d(a, n) + m) \qquad d(u, v) = \lVert u - v + \varepsilon \rVert_p $$
 *
 * With `swap`, $d(a, n)$ is replaced by $\min(d(a, n), d(p, n))$. {@link batchHard} and {@link semiHard} find triplets in a batch.
 *
 * @param anchor - `[..., dims]`, any real numbers
 * @param positive - `[..., dims]`, what belongs to the anchor
 * @param negative - `[..., dims]`, what does not
 * @param options - `margin` (> 0, default 1), `p` (1 to Infinity, default 2), `swap` (default false), `eps` (>= 0, default 1e-6),
 * `average` ("all" or "nonZero", default "all"), `reduction`, `sampleWeight` (per triplet)
 * @returns the mean over all triplets (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when the shapes differ or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { tripletMargin } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const anchor = tensor([[0, 0], [1, 1]]);
 * const [positive, negative] = [tensor([[0, 1], [1, 2]]), tensor([[0, 1.5], [3, 1]])];
 * await tripletMargin(anchor, positive, negative).item(); // => 0.25
 * await tripletMargin(anchor, positive, negative, { swap: true }).item(); // => 0.75
 * @category Metric learning
 * @reference Balntas et al. (2016), Learning Local Feature Descriptors with Triplets and Shallow Convolutional Neural Networks,
 * https://doi.org/10.5244/C.30.119; PyTorch 2.13, torch.nn.TripletMarginLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export function tripletMargin(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  const fn = "tripletMargin";
  const reduction = checkOptions(fn, options, ["margin", "p", "swap", "eps", "average"]);
  const { margin = 1, p = 2, swap = false, eps = 1e-6 } = options;
  inRange(fn, "margin", margin, 0, Number.POSITIVE_INFINITY, "low");
  if (typeof p !== "number") throw new TypeError(`${fn}: "p" expected a number, got ${describe(p)}`);
  if (!(p >= 1)) throw new RangeError(`${fn}: "p" expected a norm, a number of at least 1 or Infinity, got ${p}`);
  checkFlag(fn, "swap", swap);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY);
  const average = averageOf(fn, options.average, "all");
  const [a, b, c] = [
    predictionOf(fn, "anchor", anchor),
    predictionOf(fn, "positive", positive),
    predictionOf(fn, "negative", negative),
  ];
  sameShape(fn, { anchor: a, positive: b, negative: c });
  if (a.rank === 0 || a.shape.at(-1) === 0)
    throw new RangeError(
      `${fn}: "anchor" expected shape [..., dims] with at least 1 of dims, got shape ${show(a.shape)}`,
    );
  const distance = (u: Tensor, v: Tensor): Tensor => length(u.sub(v).add(eps), p);
  let violation: Tensor;
  if (a.size === 0) violation = a.sum({ axis: -1 });
  else {
    const toNegative = swap ? distance(a, c).minimum(distance(b, c)) : distance(a, c);
    violation = distance(a, b).sub(toNegative).add(margin);
  }
  // PyTorch's slope at the margin is that of a triplet inside it.
  const losses = where(violation.less(0), 0, violation);
  const weighting = sampleWeighting(fn, options.sampleWeight, losses.shape);
  const total = average === "nonZero" ? countedTotal(losses, weighting.factor) : weighting.total;
  return reduceLosses(losses, reduction, { factor: weighting.factor, total });
}

/** The p-norm along the last axis; gradient 0 at 0. */
function length(difference: Tensor, p: number): Tensor {
  const last = { axis: -1 };
  if (p === 2) return safeSqrt(difference.square().sum(last));
  const size = difference.abs();
  if (p === 1) return size.sum(last);
  const largest = size.max({ axis: -1, keepDims: true });
  if (p === Number.POSITIVE_INFINITY) return largest.squeeze(-1);
  // A norm grows with its argument: what is taken out as a constant, so that no power overflows, changes no gradient.
  const scale = where(largest.equal(0), 1, largest).detach();
  const sum = size.div(scale).pow(p).sum(last);
  const zero = sum.equal(0);
  return where(zero, 0, where(zero, 1, sum).pow(1 / p)).mul(scale.squeeze(-1));
}
