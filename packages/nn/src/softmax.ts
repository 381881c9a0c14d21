import type { Tensor } from "@downhill/tensor";
import { integer } from "@downhill/tensor";
import { Module } from "./module.js";

/**
 * Softmax, $e^{x_i} / \sum_j e^{x_j}$, along an axis: positive numbers that sum to 1. A model that is trained with
 * `crossEntropy` needs none at its end: that loss contains it, and refuses its output.
 *
 * @param axis - along which axis; negative ones count from the back. Default -1, the last
 * @throws RangeError when `axis` is no integer, and from `forward` when there is no such axis
 * @example
 * import { Softmax } from "@downhill/nn";
 * import { tensor } from "@downhill/tensor";
 * await new Softmax().forward(tensor([0, Math.log(3)])).array(); // => [0.25, 0.75]
 */
export class Softmax extends Module {
  constructor(
    /** Along which axis. */
    readonly axis: number = -1,
  ) {
    super();
    integer("Softmax", "axis", axis, -Number.MAX_SAFE_INTEGER);
  }

  override forward(x: Tensor): Tensor {
    return x.softmax(this.axis);
  }
}
