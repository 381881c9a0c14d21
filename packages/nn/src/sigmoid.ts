import type { Tensor } from "@downhill/tensor";
import { Module } from "./module.js";

/**
 * Logistic function, $1 / (1 + e^{-x})$, elementwise. A model that ends in it gives probabilities: train it with
 * `binaryCrossEntropy`, or leave it out and use `binaryCrossEntropyWithLogits`, which is safer.
 *
 * @example
 * import { Sigmoid } from "@downhill/nn";
 * import { tensor } from "@downhill/tensor";
 * await new Sigmoid().forward(tensor([-1, 0, 2])).array(); // => [0.268941, 0.5, 0.880797]
 */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}
