import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, kindOf } from "@downhill/tensor";
import { parameterOf } from "../shared/distribution.js";
import { reduced } from "../shared/elementwise.js";
import { predictionOf, tensorOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { same } from "../shared/same.js";
import { show } from "../shared/weights.js";

/** Options of {@link mixtureDensity}. */
export interface MixtureDensityOptions extends LossOptions {
  /** Smallest standard deviation that counts, in the units of the target: finite and > 0. @defaultValue 1e-6 */
  readonly eps?: number | undefined;
}

/**
 * Mixture density loss: negative log-likelihood of a mixture of Gaussians, for targets with several likely values.
 *
 * $$ \ell = -\ln \sum_k \mathrm{softmax}(x)_k \, \prod_d \mathcal{N}(t_d \mid \mu_{kd}, \sigma_{kd}^2) $$
 *
 * The density itself, with its constants, as in PyTorch's MixtureSameFamily. Standard deviations below $\varepsilon$ count as
 * $\varepsilon$, but keep the gradient that there is at $\varepsilon$: a component can not fall onto one target.
 *
 * @param mean - $\mu$, `[..., components]`, or `[..., components, features]` for targets of several features; any real numbers
 * @param target - $t$, `[...]`, or `[..., features]`
 * @param standardDeviation - $\sigma$, of at least 0: the shape of `mean`; its last extent may be 1 or its last axis missing; or one
 * number for all
 * @param logits - $x$, `[..., components]`, any real numbers, before a softmax
 * @param options - `eps` (> 0, default 1e-6), `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a standard deviation that JavaScript knows is negative or not finite (naming it; computed negative ones
 * give NaN), the shapes do not fit or an option is out of its range; TypeError when an argument is of the wrong kind or the logits
 * come out of a softmax
 * @example
 * import { mixtureDensity } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const [mean, deviation] = [tensor([[-1, 2], [0, 3]]), tensor([[0.5, 1], [1, 2]])];
 * await mixtureDensity(mean, [-0.5, 3], deviation, tensor([[0, 0], [2, -1]])).item(); // => 2.837525
 * @category Likelihoods
 * @reference Bishop (1994), Mixture Density Networks, https://publications.aston.ac.uk/id/eprint/373/; PyTorch 2.13,
 * torch.distributions.MixtureSameFamily, https://docs.pytorch.org/docs/stable/distributions.html#mixturesamefamily
 */
export function mixtureDensity(
  mean: Tensor,
  target: TensorLike,
  standardDeviation: TensorLike,
  logits: Tensor,
  options: MixtureDensityOptions = {},
): Tensor {
  const fn = "mixtureDensity";
  const reduction = checkOptions(fn, options, ["eps"]);
  const { eps = 1e-6 } = options;
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const m = predictionOf(fn, "mean", mean);
  const t = tensorOf(fn, "target", target, "float32");
  const x = predictionOf(fn, "logits", logits);
  if (kindOf(x) === "probabilities")
    throw new TypeError(
      `${fn}: "logits" expected logits, got the output of a softmax; remove the softmax, the loss applies its own`,
    );
  const features = checkShapes(fn, m, t, x);
  const sigma = parameterOf(fn, "standardDeviation", standardDeviation, "mean", m.shape, eps);

  const z = t
    .unsqueeze(features ? -2 : -1)
    .sub(m)
    .div(sigma);
  const each = z
    .square()
    .mul(-0.5)
    .sub(sigma.log())
    .sub(0.5 * Math.log(2 * Math.PI));
  const density = features ? each.sum({ axis: -1 }) : each;
  return reduced(fn, x.logSoftmax().add(density).logSumExp({ axis: -1 }).neg(), reduction, options);
}

/** Whether the target has an axis of features. */
function checkShapes(fn: string, { shape }: Tensor, target: Tensor, logits: Tensor): boolean {
  if (logits.rank === 0 || logits.shape.at(-1) === 0)
    throw new RangeError(
      `${fn}: "logits" expected a last axis of at least 1 component, got shape ${show(logits.shape)}`,
    );
  const features = shape.length === logits.rank + 1;
  if (!same(features ? shape.slice(0, -1) : shape, logits.shape))
    throw new RangeError(
      `${fn}: "mean" expected the shape of "logits" ${show(logits.shape)}, or this and an axis of features, got ${show(shape)}`,
    );
  const examples = logits.shape.slice(0, -1);
  const expected = features ? [...examples, shape.at(-1) as number] : examples;
  if (!same(target.shape, expected))
    throw new RangeError(
      `${fn}: "target" expected the shape of "mean" without the axis of components ${show(expected)}, got ${show(target.shape)}`,
    );
  return features;
}
