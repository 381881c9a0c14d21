import { axisIndex } from "../check.js";
import {
  gelu as geluOf,
  logSoftmax as logSoftmaxOf,
  silu as siluOf,
  softmax as softmaxOf,
  softplus as softplusOf,
} from "../compose/activations.js";
import type { ReduceOptions } from "../compose/reductions.js";
import type { Node } from "../node.js";
import { cast } from "../ops/elementwise.js";
import type { TensorLike } from "../tensor.js";
import { Tensor, toNode } from "../tensor.js";

const apply = (fn: string, x: TensorLike, f: (x: Node) => Node): Tensor =>
  new Tensor(f(cast(toNode(fn, "x", x), "float32")));

/**
 * $\mathrm{softmax}(x)_i = e^{x_i} / \sum_j e^{x_j}$ along an axis: positive numbers that sum to 1.
 *
 * @param x - `[...]`, any real numbers
 * @param axis - the axis of the classes. Default last
 * @returns the shape of `x`
 * @throws RangeError when there is no such axis
 * @example
 * import { softmax } from "@downhill/tensor";
 * await softmax([0, 0]).array(); // => [0.5, 0.5]
 */
export function softmax(x: TensorLike, axis = -1): Tensor {
  return apply("softmax", x, (node) => softmaxOf(node, axisIndex("softmax", axis, node.shape.rank)));
}

/**
 * $\ln \mathrm{softmax}(x)$ along an axis, accurate where the probability is tiny.
 *
 * @param x - `[...]`, any real numbers
 * @param axis - the axis of the classes. Default last
 * @returns the shape of `x`
 * @throws RangeError when there is no such axis
 * @example
 * import { logSoftmax } from "@downhill/tensor";
 * await logSoftmax([0, 1000]).array(); // => [-1000, 0]
 */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  return apply("logSoftmax", x, (node) => logSoftmaxOf(node, axisIndex("logSoftmax", axis, node.shape.rank)));
}

/**
 * $\ln \sum_i e^{x_i}$ without overflow.
 *
 * @param x - `[...]`, any real numbers
 * @param options - axis (all by default), keepDims
 * @throws RangeError when there is no such axis
 * @example
 * import { logSumExp } from "@downhill/tensor";
 * await logSumExp([1000, 1000]).item(); // => 1000.6931
 */
export function logSumExp(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply("logSumExp", x, (node) => node).logSumExp(options);
}

/**
 * $\sigma(x) = 1 / (1 + e^{-x})$, elementwise.
 *
 * @param x - `[...]`, any real numbers
 * @returns the shape of `x`, in (0, 1)
 * @example
 * import { sigmoid } from "@downhill/tensor";
 * await sigmoid([0, 1000]).array(); // => [0.5, 1]
 */
export function sigmoid(x: TensorLike): Tensor {
  return apply("sigmoid", x, (node) => node).sigmoid();
}

/**
 * $\max(x, 0)$, elementwise; the gradient at 0 is 0.
 *
 * @param x - `[...]`
 * @returns the shape of `x`
 * @example
 * import { relu } from "@downhill/tensor";
 * await relu([-1, 2]).array(); // => [0, 2]
 */
export function relu(x: TensorLike): Tensor {
  return apply("relu", x, (node) => node).relu();
}

/**
 * $\ln(1 + e^x)$, elementwise, without overflow: a smooth relu.
 *
 * @param x - `[...]`, any real numbers
 * @returns the shape of `x`, positive
 * @example
 * import { softplus } from "@downhill/tensor";
 * await softplus([0, 100]).array(); // => [0.69315, 100]
 */
export function softplus(x: TensorLike): Tensor {
  return apply("softplus", x, softplusOf);
}

/**
 * $x\,\Phi(x)$, elementwise, with the exact distribution function of the normal distribution.
 *
 * @param x - `[...]`, any real numbers
 * @returns the shape of `x`
 * @example
 * import { gelu } from "@downhill/tensor";
 * await gelu([0, 1]).array(); // => [0, 0.84134]
 * @reference Hendrycks & Gimpel (2016), Gaussian Error Linear Units, https://arxiv.org/abs/1606.08415
 */
export function gelu(x: TensorLike): Tensor {
  return apply("gelu", x, geluOf);
}

/**
 * $x\,\sigma(x)$, elementwise; also called swish.
 *
 * @param x - `[...]`, any real numbers
 * @returns the shape of `x`
 * @example
 * import { silu } from "@downhill/tensor";
 * await silu([0, 1]).array(); // => [0, 0.73106]
 */
export function silu(x: TensorLike): Tensor {
  return apply("silu", x, siluOf);
}
