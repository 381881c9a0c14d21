import type { Parameter, Tensor } from "@downhill/tensor";
import { inRange, noGrad, number, tensor } from "@downhill/tensor";
import { Attached, replaceGradient, withGradients } from "./gradient.js";

/** Options of {@link clipGradNorm}. */
export interface ClipGradNormOptions {
  /** Which norm: above 0, or Infinity for the largest magnitude. @defaultValue 2 */
  readonly normType?: number | undefined;
}

/**
 * Scales all gradients together so that their norm, taken as if they were one vector, is at most `maxNorm`. To be called
 * between `backward()` and `step()`; it is computed with the step, in the same evaluation.
 *
 * $$ g \leftarrow g \cdot \min\left(1, \frac{m}{\|g\|_p + 10^{-6}}\right), \qquad
 * \|g\|_p = \Bigl(\sum |g_i|^p\Bigr)^{1/p} $$
 *
 * A norm that is not finite (or is beyond float32's range, about 1e19 for `normType` 2) makes the gradients NaN, which the
 * step refuses with a {@link NonFiniteError}; PyTorch would make most of them 0 in silence.
 *
 * @param parameters - one parameter, or several; those without a gradient are left alone
 * @param maxNorm - the largest norm, above 0; Infinity only measures
 * @param options - normType (above 0 or Infinity, default 2)
 * @returns the norm before, a scalar: reading it after the step costs nothing, before the step it is computed for itself
 * @throws TypeError when something is no Parameter; RangeError when a number is out of range; Error when a gradient was used
 * by a step already
 * @example
 * ```ts
 * import { clipGradNorm, SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([0, 0]);
 * const optimizer = new SGD([weight], { lr: 1 });
 * weight.mul([30, 40]).sum().backward();
 * const norm = clipGradNorm([weight], 5);
 * await optimizer.step();
 * await weight.array(); // => [-3, -4]
 * await norm.item(); // => 50
 * ```
 * @reference Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks, https://arxiv.org/abs/1211.5063, in the form of PyTorch's clip_grad_norm_, https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradNorm(
  parameters: Parameter | Iterable<Parameter>,
  maxNorm: number,
  { normType = 2 }: ClipGradNormOptions = {},
): Tensor {
  const fn = "clipGradNorm";
  const found = withGradients(fn, parameters);
  if (maxNorm !== Number.POSITIVE_INFINITY) inRange(fn, "maxNorm", maxNorm, 0, Number.POSITIVE_INFINITY, "low");
  if (normType !== Number.POSITIVE_INFINITY) inRange(fn, "normType", normType, 0, Number.POSITIVE_INFINITY, "low");
  if (found.length === 0) return tensor(0);
  return noGrad(() => {
    const gradients = found.map(({ gradient }) => gradient);
    const norm = new Attached(
      normOf(gradients, normType),
      found.map(({ parameter }) => parameter),
    );
    if (maxNorm === Number.POSITIVE_INFINITY) return norm;
    // A norm that is not finite makes NaN of itself times 0.
    const factor = number(maxNorm).div(norm.add(1e-6)).minimum(1).add(norm.mul(0));
    for (const { parameter, gradient } of found) replaceGradient(parameter, gradient.mul(factor));
    return norm;
  });
}

function normOf(gradients: readonly Tensor[], p: number): Tensor {
  if (p === Number.POSITIVE_INFINITY) {
    const largest = gradients.filter(({ size }) => size > 0).map((each) => each.abs().max());
    return largest.length === 0 ? tensor(0) : largest.reduce((a, b) => a.maximum(b));
  }
  const power = (each: Tensor): Tensor => (p === 2 ? each.square() : p === 1 ? each.abs() : each.abs().pow(p));
  const sum = gradients.map((each) => power(each).sum()).reduce((a, b) => a.add(b));
  return p === 1 ? sum : p === 2 ? sum.sqrt() : sum.pow(1 / p);
}
