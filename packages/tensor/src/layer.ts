import type { Parameter } from "./parameter.js";
import type { Tensor } from "./tensor.js";

/** What a layer is to the rest of the family: anything with `forward`. */
export interface Layer {
  /** The output for an input. */
  forward(x: Tensor): Tensor;
  /** Parameters in a fixed order; none when left out. */
  parameters?(): Parameter[];
  /** Layers that act differently while training (dropout) read this. */
  training?: boolean;
}
