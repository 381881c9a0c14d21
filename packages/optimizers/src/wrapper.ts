import type { Parameter, Tensor } from "@downhill/tensor";
import { describe } from "@downhill/tensor";
import type { ParameterGroup } from "./groups.js";
import { Optimizer } from "./optimizer.js";
import type { OptimizerState } from "./state-dict.js";

/** An optimizer, or one in a wrapper. */
export type AnyOptimizer = Optimizer | OptimizerWrapper;

/**
 * What wrappers of an optimizer have in common: they have its face, train its parameters, and what they remember is in its state
 * dict. Wrappers can be wrapped.
 *
 * @example
 * ```ts
 * import { EMA, Lookahead, OptimizerWrapper, SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const optimizer = new EMA(new Lookahead(new SGD([parameter([1])])));
 * optimizer instanceof OptimizerWrapper; // => true
 * optimizer.lr; // => 1e-3
 * (await optimizer.stateDict()).optimizer; // => "EMA(Lookahead(SGD))"
 * ```
 * @reference The wrappers of pytorch_optimizer, https://github.com/kozistr/pytorch_optimizer
 */
export abstract class OptimizerWrapper {
  /** What is wrapped. */
  readonly optimizer: AnyOptimizer;
  /** @internal The optimizer inside of all wrappers. */
  readonly root: Optimizer;

  /**
   * @param name - of the wrapper, for errors
   * @param optimizer - an optimizer, or one in a wrapper
   * @throws TypeError when it is none
   */
  constructor(name: string, optimizer: AnyOptimizer) {
    if (!(optimizer instanceof Optimizer) && !(optimizer instanceof OptimizerWrapper))
      throw new TypeError(
        `${name}: "optimizer" expected an optimizer such as new Adam(model.parameters()), got ${describe(optimizer)}`,
      );
    this.optimizer = optimizer;
    this.root = optimizer instanceof OptimizerWrapper ? optimizer.root : optimizer;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.root.steps;
  }

  /** Learning rate that the next step uses; with groups, that of the first. */
  get lr(): number {
    return this.root.lr;
  }

  /** What it trains, in the order of the groups. */
  get parameters(): Parameter[] {
    return this.root.parameters;
  }

  /** Trains more parameters from now on, see {@link Optimizer.addGroup}. */
  addGroup(group: ParameterGroup): void {
    this.root.addGroup(group);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    this.root.zeroGrad();
  }

  /**
   * A step of the optimizer inside, and what the wrapper adds.
   *
   * @throws what the step of the optimizer throws, as rejections
   */
  step(): Promise<void>;
  /**
   * The same with a closure, for optimizers that ask for the loss again; the others call it once.
   *
   * @param closure - clears the gradients, computes the loss, calls `backward()` and returns the loss
   * @returns the loss of the closure
   */
  step(closure: () => Tensor): Promise<Tensor>;
  async step(closure?: () => Tensor): Promise<unknown> {
    if (closure !== undefined) return this.optimizer.step(closure);
    await this.optimizer.step();
    return undefined;
  }

  /**
   * One step on a loss: clears the gradients, computes the loss, its gradients and the update.
   *
   * @param loss - gives the loss, a scalar
   * @returns the loss before the update
   */
  minimize(loss: () => Tensor): Promise<Tensor> {
    return this.optimizer.minimize(loss);
  }

  /** Everything that the optimizer and its wrappers remember, see {@link Optimizer.stateDict}; options of wrappers are not saved. */
  stateDict(): Promise<OptimizerState> {
    return this.root.stateDict();
  }

  /**
   * Goes on from a state of `stateDict()`, which must be of the same optimizer in the same wrappers.
   *
   * @param state - what `stateDict()` gave
   */
  loadStateDict(state: OptimizerState): void {
    this.root.loadStateDict(state);
  }
}

/** Throws when an optimizer is wrapped twice in a way that can't be. */
export function refuseTwice(
  name: string,
  optimizer: AnyOptimizer,
  kind: abstract new (...args: never[]) => object,
): void {
  for (let each: AnyOptimizer = optimizer; each instanceof OptimizerWrapper; each = each.optimizer)
    if (each instanceof kind)
      throw new TypeError(
        `${name}: "optimizer" expected one that is not in such a wrapper yet, got ${describe(optimizer)}`,
      );
}
