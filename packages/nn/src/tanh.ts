import type { Tensor } from "@downhill/tensor";
import { Module } from "./module.js";

/**
 * Hyperbolic tangent, $(e^x - e^{-x}) / (e^x + e^{-x})$, elementwise.
 *
 * @example
 * import { Tanh } from "@downhill/nn";
 * import { tensor } from "@downhill/tensor";
 * await new Tanh().forward(tensor([-1, 0, 2])).array(); // => [-0.761594, 0, 0.964028]
 */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return x.tanh();
  }
}
