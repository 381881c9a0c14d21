import type { Tensor } from "@downhill/tensor";
import { Module } from "./module.js";

/**
 * Rectifier, $\max(x, 0)$, elementwise; its gradient at 0 is 0.
 *
 * @example
 * import { ReLU } from "@downhill/nn";
 * import { tensor } from "@downhill/tensor";
 * await new ReLU().forward(tensor([-1, 0, 2])).array(); // => [0, 0, 2]
 */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return x.relu();
  }
}
