import type { Node } from "../node.js";
import { literal, Tag } from "../node.js";
import {
  abs,
  add,
  div,
  erf,
  exp,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  sigmoid as sigmoidOp,
  sub,
} from "../ops/elementwise.js";
import { detach } from "../ops/movement.js";
import { reduce } from "../ops/reduce.js";

const largest = 3.4e38;

/** Largest entry along the axes, cut from differentiation: in a softmax its gradient cancels exactly. */
const shift = (x: Node, axes: readonly number[]): Node => detach(reduce("max", x, axes));

/** exp(x) / sum(exp(x)), with the largest entry taken out so that nothing overflows. */
export function softmax(x: Node, axis: number): Node {
  const e = exp(sub(x, shift(x, [axis])));
  const result = div(e, reduce("sum", e, [axis]));
  result.tag = Tag.softmax;
  return result;
}

/** log(softmax(x)) without taking the logarithm of anything small. */
export function logSoftmax(x: Node, axis: number): Node {
  const shifted = sub(x, shift(x, [axis]));
  const result = sub(shifted, log(reduce("sum", exp(shifted), [axis])));
  result.tag = Tag.logProbability;
  return result;
}

/** log(sum(exp(x))); where the largest entry is infinite it is the result. */
export function logSumExp(x: Node, axes: readonly number[]): Node {
  const top = shift(x, axes);
  // Without this, a row of -Infinity or an entry of +Infinity would be Infinity - Infinity.
  const finite = maximum(minimum(top, literal(largest)), literal(-largest));
  return add(log(reduce("sum", exp(sub(x, finite)), axes)), finite);
}

export function sigmoid(x: Node): Node {
  const result = sigmoidOp(x);
  result.tag = Tag.sigmoid;
  return result;
}

/** log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)). `maximum` shares the gradient at 0, which makes it exactly 1/2 there. */
export function softplus(x: Node): Node {
  return add(maximum(x, literal(0)), log1p(exp(neg(abs(x)))));
}

/** x Φ(x), with the exact normal distribution function. */
export function gelu(x: Node): Node {
  return mul(mul(x, literal(0.5)), add(erf(mul(x, literal(Math.SQRT1_2))), literal(1)));
}

export function silu(x: Node): Node {
  return mul(x, sigmoidOp(x));
}
