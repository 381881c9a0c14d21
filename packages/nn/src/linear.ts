import type { Parameter } from "@downhill/tensor";
import { describe, integer, parameter, rand, Tensor } from "@downhill/tensor";
import { Module } from "./module.js";

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Add a learnable bias. @defaultValue true */
  readonly bias?: boolean | undefined;
}

/**
 * A fully connected layer, $y = x W^\top + b$: `[..., inFeatures]` to `[..., outFeatures]`. Weight `[out, in]` and bias
 * `[out]` start uniform in $\pm 1 / \sqrt{\text{in}}$, as in PyTorch.
 *
 * @param inFeatures - length of the last axis of the input, at least 1
 * @param outFeatures - length of the last axis of the output, at least 1
 * @param options - `bias` (default true)
 * @throws RangeError when a size is no integer of at least 1, and from `forward` when the last axis differs
 * @example
 * import { Linear } from "@downhill/nn";
 * import { tensor } from "@downhill/tensor";
 * const layer = new Linear(3, 2);
 * layer.weight.assign([[1, 0, 0], [0, 1, 1]]);
 * layer.bias?.assign([10, 20]);
 * await layer.forward(tensor([[1, 2, 3]])).array(); // => [[11, 25]]
 * layer.forward(tensor([[1, 2]])); // throws RangeError: Linear(3, 2): "x" expected shape [..., 3], got [1, 2]
 * @reference PyTorch, torch.nn.Linear
 */
export class Linear extends Module {
  /** `[outFeatures, inFeatures]` */
  readonly weight: Parameter;
  /** `[outFeatures]`, or null without bias */
  readonly bias: Parameter | null;

  constructor(
    /** Length of the last axis of the input. */
    readonly inFeatures: number,
    /** Length of the last axis of the output. */
    readonly outFeatures: number,
    { bias = true }: LinearOptions = {},
  ) {
    super();
    integer("Linear", "inFeatures", inFeatures, 1);
    integer("Linear", "outFeatures", outFeatures, 1);
    const bound = 1 / Math.sqrt(inFeatures);
    const uniform = (shape: number[], name: string): Parameter =>
      parameter(
        rand(shape)
          .mul(2 * bound)
          .sub(bound),
        { name },
      );
    this.weight = uniform([outFeatures, inFeatures], "weight");
    this.bias = bias ? uniform([outFeatures], "bias") : null;
  }

  override forward(x: Tensor): Tensor {
    const { inFeatures, weight, bias } = this;
    if (!(x instanceof Tensor)) throw new TypeError(`${this.#named()}: "x" expected a tensor, got ${describe(x)}`);
    if (x.shape.at(-1) !== inFeatures) {
      const fits = x.rank > 2 && x.size === (x.shape[0] as number) * inFeatures;
      const fix = fits ? "; put a Flatten before it" : "";
      throw new RangeError(
        `${this.#named()}: "x" expected shape [..., ${inFeatures}], got [${x.shape.join(", ")}]${fix}`,
      );
    }
    const product = x.matmul(weight.transpose());
    return bias === null ? product : product.add(bias);
  }

  #named(): string {
    return `Linear(${this.inFeatures}, ${this.outFeatures})`;
  }
}
