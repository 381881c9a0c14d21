import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, describe, where } from "@downhill/tensor";
import { call } from "./call.js";
import type { Ready } from "./move-aside.js";
import { moveAside } from "./move-aside.js";
import { NonFiniteError } from "./non-finite-error.js";
import { update } from "./update.js";
import type { AnyOptimizer } from "./wrapper.js";
import { OptimizerWrapper, refuseTwice } from "./wrapper.js";

/** Steps in two passes: the optimizer inside gets the gradient that is found uphill of the weights. */
export abstract class Sharpness extends OptimizerWrapper {
  readonly #name: string;
  readonly #rho: number;
  readonly #adaptive: boolean;
  /** Where parameters were before the first pass; it means nothing between steps. */
  readonly #before = new WeakMap<Parameter, Parameter>();

  constructor(name: string, optimizer: AnyOptimizer, rho: number, adaptive: boolean) {
    super(name, optimizer);
    refuseTwice(name, optimizer, Sharpness);
    this.#name = name;
    this.#rho = rho;
    this.#adaptive = adaptive;
  }

  /** Refused: there are two passes, so a closure is needed. */
  override step(): Promise<never>;
  /**
   * Calls the closure twice: at the weights, and uphill of them; then the optimizer inside makes its step from the weights, with
   * the second gradient. Each pass is one evaluation.
   *
   * @param closure - clears the gradients, computes the loss, calls `backward()` and returns the loss; of the same batch, both times
   * @returns the loss at the weights
   * @throws TypeError (a rejection) without a closure
   * @throws what the step of the optimizer throws, as rejections; the weights are as before, then
   */
  override step(closure: () => Tensor): Promise<Tensor>;
  override async step(closure?: () => Tensor): Promise<Tensor> {
    if (typeof closure !== "function")
      throw new TypeError(
        `${this.#name}.step: "closure" expected a function that clears the gradients, computes the loss, calls backward() and returns the loss, got ${describe(closure)}; it is called twice`,
      );
    const first = call(`${this.#name}.step`, "closure", closure);
    const from = moveAside(this.root.core, this.#before, (ready) => this.#climb(ready));
    try {
      await update(this.root.core, call(`${this.#name}.step`, "closure", closure), { from });
    } catch (error) {
      // A step that is refused for its numbers has put the parameters back.
      if (!(error instanceof NonFiniteError)) await assignAll(from);
      throw error;
    }
    return first;
  }

  override minimize(loss: () => Tensor): Promise<Tensor> {
    return this.step(() => {
      this.zeroGrad();
      const value = call(`${this.#name}.minimize`, "loss", loss);
      value.backward();
      return value;
    });
  }

  /** The weights, moved along their gradients, by a length of rho. */
  #climb(ready: readonly Ready[]): Tensor[] {
    const scaled = ready.map(({ parameter, gradient }) => (this.#adaptive ? gradient.mul(parameter.abs()) : gradient));
    const squares = scaled.map((g) => g.square().sum()).reduce((sum, each) => sum.add(each));
    const reach = squares.sqrt().add(1e-12).reciprocal().mul(this.#rho);
    // A gradient that is not finite moves nothing: it comes again in the second pass, and the optimizer says so.
    const finite = squares.sub(squares).equal(0);
    return ready.map(({ parameter }, i) => {
      const slope = this.#adaptive ? (scaled[i] as Tensor).mul(parameter.abs()) : (scaled[i] as Tensor);
      return parameter.add(where(finite, slope.mul(reach), 0));
    });
  }
}
