import type { Tensor, TensorLike } from "@downhill/tensor";
import { sameShape, where } from "@downhill/tensor";
import { checkDomain, nonnegative } from "./domain.js";
import { predictionOf, tensorOf } from "./inputs.js";
import { same } from "./same.js";
import { show } from "./weights.js";

/** The center of a predicted distribution, called `name`, and the target as float32 tensors of one shape. */
export function centerOf(
  fn: string,
  name: string,
  center: Tensor,
  target: TensorLike,
): [center: Tensor, target: Tensor] {
  const c = predictionOf(fn, name, center);
  const t = tensorOf(fn, "target", target, "float32");
  sameShape(fn, { [name]: c, target: t });
  return [c, t];
}

/**
 * Another parameter of the distribution, of at least `eps`: of the shape of `center`, of that shape with 1 as last extent or
 * without the last axis (one for all entries of the last axis, as in PyTorch's Gaussian NLL), or a single number.
 */
export function parameterOf(
  fn: string,
  name: string,
  value: TensorLike,
  center: string,
  shape: readonly number[],
  eps: number,
): Tensor {
  const given = tensorOf(fn, name, value, "float32");
  const rows = shape.slice(0, -1);
  const fits = (expected: readonly number[]): boolean => same(given.shape, expected);
  const hasRows = shape.length > 0;
  const perRow = hasRows && fits(rows);
  if (given.rank > 0 && !fits(shape) && !perRow && !(hasRows && fits([...rows, 1]))) {
    const others = hasRows ? `, ${show([...rows, 1])}, ${show(rows)}` : "";
    throw new RangeError(
      `${fn}: "${name}" expected the shape of "${center}" ${show(shape)}${others} or a number, got ${show(given.shape)}`,
    );
  }
  checkDomain(fn, name, given, nonnegative);
  if (given.rank === 0) return atLeast(given, eps);
  // In the full shape the gradient has it too, and stays in the kernel of the loss.
  return atLeast((perRow ? given.unsqueeze(-1) : given).expand(shape), eps);
}

/** `x`, or `eps` where it is from 0 to `eps`, with the slope of `x` everywhere, as in PyTorch's Gaussian NLL; NaN below 0. */
export function atLeast(x: Tensor, eps: number): Tensor {
  const missing = where(x.less(eps), where(x.less(0), Number.NaN, x.neg().add(eps)), 0);
  return x.add(missing.detach());
}
