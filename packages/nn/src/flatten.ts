import type { Tensor } from "@downhill/tensor";
import { integer } from "@downhill/tensor";
import { Module } from "./module.js";

/**
 * Joins all axes from `from` on into one: `[n, 28, 28]` becomes `[n, 784]`.
 *
 * @param from - the first axis to join; negative ones count from the back. Default 1, which keeps the batch axis
 * @throws RangeError when `from` is no integer, and from `forward` when there is no such axis
 * @example
 * import { Flatten } from "@downhill/nn";
 * import { zeros } from "@downhill/tensor";
 * new Flatten().forward(zeros([5, 28, 28])).shape; // => [5, 784]
 */
export class Flatten extends Module {
  constructor(
    /** The first axis to join. */
    readonly from: number = 1,
  ) {
    super();
    integer("Flatten", "from", from, -Number.MAX_SAFE_INTEGER);
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.from);
  }
}
