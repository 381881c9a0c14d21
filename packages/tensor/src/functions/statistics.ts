import { inRange } from "../check.js";
import type { ReduceOptions } from "../compose/reductions.js";
import { over } from "../compose/reductions.js";
import { countAlong, safeSqrt, variance as varianceOf } from "../compose/statistics.js";
import type { Node } from "../node.js";
import { cast, mul } from "../ops/elementwise.js";
import { reduce } from "../ops/reduce.js";
import { show } from "../shape.js";
import type { TensorLike } from "../tensor.js";
import { Tensor, toNode } from "../tensor.js";

/** Options of {@link variance} and {@link std}. */
export interface VarianceOptions extends ReduceOptions {
  /** What the count is lowered by in the denominator: 1 estimates from a sample, 0 describes the data. @defaultValue 1 */
  readonly correction?: number | undefined;
}

/**
 * Variance $\frac{1}{n - c} \sum (x_i - \bar x)^2$ along the axes.
 *
 * @param x - `[...]`
 * @param options - axis (all by default), keepDims, correction (1 by default, as in PyTorch)
 * @throws RangeError when fewer than `correction + 1` elements are left to average
 * @example
 * import { variance } from "@downhill/tensor";
 * await variance([1, 2, 3, 4]).item(); // => 1.66667
 */
export function variance(x: TensorLike, options: VarianceOptions = {}): Tensor {
  return spread("variance", x, options, (v) => v);
}

/**
 * Standard deviation, the square root of {@link variance}; the gradient where it is 0 is 0.
 *
 * @param x - `[...]`
 * @param options - axis (all by default), keepDims, correction (1 by default, as in PyTorch)
 * @throws RangeError when fewer than `correction + 1` elements are left to average
 * @example
 * import { std } from "@downhill/tensor";
 * await std([1, 2, 3, 4], { correction: 0 }).item(); // => 1.11803
 */
export function std(x: TensorLike, options: VarianceOptions = {}): Tensor {
  return spread("std", x, options, safeSqrt);
}

/**
 * Euclidean norm $\sqrt{\sum x_i^2}$ along the axes; the gradient at 0 is 0.
 *
 * @param x - `[...]`
 * @param options - axis (all by default), keepDims
 * @throws RangeError when there is no such axis
 * @example
 * import { norm } from "@downhill/tensor";
 * await norm([3, 4]).item(); // => 5
 */
export function norm(x: TensorLike, options: ReduceOptions = {}): Tensor {
  const node = cast(toNode("norm", "x", x), "float32");
  return new Tensor(over("norm", node, options, (x, axes) => safeSqrt(reduce("sum", mul(x, x), axes))));
}

function spread(fn: string, x: TensorLike, options: VarianceOptions, then: (v: Node) => Node): Tensor {
  const along = (x: Node, axes: readonly number[]): Node => {
    const { correction = 1 } = options;
    inRange(fn, "correction", correction, 0, Number.POSITIVE_INFINITY);
    if (countAlong(x, axes) <= correction)
      throw new RangeError(
        `${fn}: "x" expected more than ${correction} elements to average over, got shape ${show(x.shape)}; a smaller correction allows fewer`,
      );
    return then(varianceOf(x, axes, correction));
  };
  return new Tensor(over(fn, cast(toNode(fn, "x", x), "float32"), options, along));
}
