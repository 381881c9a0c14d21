import type { Tensor, TensorLike } from "@downhill/tensor";
import { axisIndex, inRange, norm, where } from "@downhill/tensor";
import { pairOf, reduced } from "../shared/elementwise.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { show } from "../shared/weights.js";

/** Options of {@link cosineDistance}. */
export interface CosineDistanceOptions extends LossOptions {
  /** Axis of the components of the vectors. @defaultValue -1, the last */
  readonly axis?: number | undefined;
  /** Smallest length that a vector is divided by: finite and > 0. @defaultValue 1e-8 */
  readonly eps?: number | undefined;
}

/**
 * Cosine distance: how far the directions of two vectors are apart, from 0 (the same) over 1 (at right angles) to 2 (opposite).
 *
 * $$ \ell(p, t) = 1 - \frac{p \cdot t}{\max(\lVert p \rVert, \varepsilon) \, \max(\lVert t \rVert, \varepsilon)} $$
 *
 * Optax's form, with PyTorch's $\varepsilon$; Keras's CosineSimilarity loss is this minus 1. A vector of zeros is at distance 1
 * from every other, with a gradient of the size $1 / \varepsilon$.
 *
 * @param prediction - `[..., components]`, any real numbers
 * @param target - `[..., components]`, the shape of `prediction`; nothing is broadcast
 * @param options - `axis` (default the last), `eps` (> 0, default 1e-8), `reduction`, `sampleWeight` (per vector)
 * @returns the mean over all vectors (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when the shapes differ, vectors have no components or an option is out of its range; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { cosineDistance } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const prediction = tensor([[3, 4], [1, 0], [0, 2]]);
 * await cosineDistance(prediction, [[6, 8], [0, 1], [0, -1]], { reduction: "none" }).array(); // => [0, 1, 2]
 * @category Regression
 * @reference Optax, cosine_distance, https://optax.readthedocs.io/en/latest/api/losses.html#optax.losses.cosine_distance; PyTorch
 * 2.13, torch.nn.CosineSimilarity, https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 */
export function cosineDistance(prediction: Tensor, target: TensorLike, options: CosineDistanceOptions = {}): Tensor {
  const fn = "cosineDistance";
  const reduction = checkOptions(fn, options, ["axis", "eps"]);
  const { axis = -1, eps = 1e-8 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  if (p.rank === 0)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the components), got a scalar`);
  const at = axisIndex(fn, axis, p.rank);
  if (p.shape[at] === 0)
    throw new RangeError(`${fn}: "prediction" expected vectors of at least 1 component, got shape ${show(p.shape)}`);
  const [x, y] = [direction(p, at, eps), direction(t, at, eps)];
  // 1 - x·y = |x - y|²/2 for unit vectors: this keeps the digits of small distances, and is never below 0.
  const distance = x.unit.sub(y.unit).square().sum({ axis: at }).mul(0.5);
  return reduced(fn, distance.add(x.missing).add(y.missing), reduction, options);
}

/** The vectors divided by their length or `eps`, and (1 - |x|²)/2 of those, which is 0 but for vectors shorter than `eps`. */
function direction(x: Tensor, axis: number, eps: number): { unit: Tensor; missing: Tensor } {
  const length = norm(x, { axis, keepDims: true });
  const divisor = length.clip(eps, Number.POSITIVE_INFINITY);
  const share = length.div(divisor);
  const missing = where(length.less(eps), share.square().mul(-0.5).add(0.5), 0).squeeze(axis);
  return { unit: x.div(divisor), missing };
}
