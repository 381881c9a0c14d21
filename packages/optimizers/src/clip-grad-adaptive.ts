import type { Parameter, Tensor } from "@downhill/tensor";
import { inRange, norm, number, where } from "@downhill/tensor";
import { changeGradients, unitAxes } from "./gradient.js";

/** Options of {@link clipGradAdaptive}. */
export interface ClipGradAdaptiveOptions {
  /** Least norm that a unit's weights count with, above 0. @defaultValue 1e-3 */
  readonly eps?: number | undefined;
}

/**
 * Adaptive clipping: scales the gradient of every unit so that its norm is at most `clipFactor` times that of the unit's
 * weights. To be called between `backward()` and `step()`; it is computed with the step, in the same evaluation.
 *
 * $$ g_i \leftarrow \begin{cases} \lambda \frac{w_i}{\|g_i\|} g_i & \text{if } \|g_i\| \ge \lambda w_i \\
 * g_i & \text{else} \end{cases}, \qquad w_i = \max(\|\theta_i\|, \epsilon) $$
 *
 * A unit is everything behind one index of the first axis (the weights of one output); a vector or a number is one unit.
 * The paper leaves out the last layer: pass the parameters of the others.
 *
 * @param parameters - one parameter, or several; those without a gradient are left alone
 * @param clipFactor - $\lambda$, a finite number above 0. Default 0.01
 * @param options - eps ($\epsilon$, above 0, default 1e-3)
 * @throws TypeError when something is no Parameter; RangeError when a number is out of range; Error when a gradient was used
 * by a step already
 * @example
 * ```ts
 * import { clipGradAdaptive } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([[3, 4], [0, 0.1]]);
 * weight.mul([[0.6, 0.8], [0, 0.0005]]).sum().backward();
 * clipGradAdaptive([weight], 0.1);
 * await weight.grad?.array(); // => [[0.3, 0.4], [0, 0.0005]]
 * ```
 * @reference Brock et al. (2021), High-Performance Large-Scale Image Recognition Without Normalization, https://arxiv.org/abs/2102.06171, in the form of timm's adaptive_clip_grad, https://github.com/huggingface/pytorch-image-models/blob/main/timm/utils/agc.py
 */
export function clipGradAdaptive(
  parameters: Parameter | Iterable<Parameter>,
  clipFactor = 0.01,
  { eps = 1e-3 }: ClipGradAdaptiveOptions = {},
): void {
  inRange("clipGradAdaptive", "clipFactor", clipFactor, 0, Number.POSITIVE_INFINITY, "low");
  inRange("clipGradAdaptive", "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [factor, least] = [number(clipFactor), number(eps)];
  changeGradients("clipGradAdaptive", parameters, (gradient, parameter) => {
    const axis = unitAxes(parameter.rank);
    const length = (x: Tensor): Tensor => (axis.length === 0 ? norm(x) : norm(x, { axis, keepDims: true }));
    const own = length(gradient);
    const most = length(parameter).maximum(least).mul(factor);
    // NaN is not below anything: it stays, and the step refuses it.
    return where(own.less(most), gradient, gradient.mul(most.div(own.maximum(1e-6))));
  });
}
