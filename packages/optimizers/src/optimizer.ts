import type { Parameter, Tensor } from "@downhill/tensor";
import { describe } from "@downhill/tensor";
import { call } from "./call.js";
import type { Core } from "./core.js";
import { membersOf, rateAt } from "./core.js";
import type { Group, OptimizerOptions, ParameterGroup, Trainable } from "./groups.js";
import { makeGroup, setUp } from "./groups.js";
import { Guard } from "./guard.js";
import type { Rule } from "./rule.js";
import type { OptimizerState } from "./state-dict.js";
import { restore, save } from "./state-dict.js";
import { update } from "./update.js";

/**
 * Applies the update rule of one parameter to all of them: groups, learning rate, shared numbers, state and the single
 * evaluation per step are here, for every optimizer.
 *
 * A step is taken at the call of `step()`; `await` means that there is room for more work. It is taken whole or not at all:
 * when a gradient is NaN or infinite, parameters and state stay as they are and a {@link NonFiniteError} says where, unless
 * `errorIfNonFinite` is false. That check reads every gradient once more: about a fifth of a step of Adam that does nothing
 * else, a few percent of the training of a network.
 *
 * Options that every optimizer has: `maximize` (go uphill), `errorIfNonFinite`, and beside a `weightDecay` the mask `decay`,
 * which says for each parameter whether it decays.
 *
 * @example
 * ```ts
 * import { SGD } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const [weight, bias] = [parameter([1, 2]), parameter([3])];
 * const optimizer = new SGD([{ parameters: [weight] }, { parameters: [bias], lr: 0.5 }], { lr: 0.1 });
 * weight.mul(bias).sum().backward();
 * await optimizer.step();
 * await weight.array(); // => [0.7, 1.7]
 * await bias.array(); // => [1.5]
 * ```
 * @reference Groups, options and state dicts as in PyTorch's torch.optim.Optimizer, https://docs.pytorch.org/docs/stable/optim.html; the rule for one parameter as in MLX, https://ml-explore.github.io/mlx/build/html/python/optimizers.html
 */
export class Optimizer {
  /** @internal */
  readonly core: Core;

  /**
   * @param rule - the update of one parameter
   * @param parameters - parameters, pairs of a name and a parameter, or groups `{ parameters, ...options }`
   * @param options - options for all groups that don't say otherwise
   * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
   * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
   */
  constructor(rule: Rule, parameters: Trainable, options: OptimizerOptions = {}) {
    const { base, groups, errorIfNonFinite } = setUp(rule, parameters, options);
    this.core = { rule, base, groups, guard: null, along: [], shared: null, steps: 0 };
    if (errorIfNonFinite) this.core.guard = new Guard(rule.name, this.core);
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.core.steps;
  }

  /** Learning rate that the next step uses; with groups, that of the first. */
  get lr(): number {
    const { rule, groups, steps } = this.core;
    return rateAt(rule.name, (groups[0] as Group).settings, steps);
  }

  /** What it trains, in the order of the groups. */
  get parameters(): Parameter[] {
    return membersOf(this.core).map(({ parameter }) => parameter);
  }

  /**
   * Trains more parameters from now on.
   *
   * @param group - `{ parameters, ...options }`; options left out are those of the constructor
   * @throws as the constructor does; nothing has changed then
   */
  addGroup(group: ParameterGroup): void {
    const { rule, groups, base } = this.core;
    if (typeof group !== "object" || group === null || !("parameters" in group))
      throw new TypeError(
        `${rule.name}.addGroup: "group" expected an object such as { parameters: layer.parameters() }, got ${describe(group)}`,
      );
    groups.push(makeGroup(rule, "group", group, base, new Set(this.parameters)));
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const each of this.parameters) each.zeroGrad();
  }

  /**
   * Updates every parameter that has a gradient, all in one evaluation; the others stay as they are. When anything is
   * refused, nothing has changed. After the first step, parameters without a gradient are named in a warning.
   *
   * @throws Error (a rejection) when no parameter has a gradient
   * @throws RangeError (a rejection) when a schedule gives a number out of range
   * @throws NonFiniteError (a rejection) when a gradient is not finite
   */
  step(): Promise<void>;
  /**
   * The same with a closure, for optimizers that ask for the loss again; the others call it once.
   *
   * @param closure - clears the gradients, computes the loss, calls `backward()` and returns the loss
   * @returns the loss of the closure, which can be read for ever
   * @throws what `step()` throws, and NonFiniteError (a rejection) when the loss is not finite
   */
  step(closure: () => Tensor): Promise<Tensor>;
  async step(closure?: () => Tensor): Promise<unknown> {
    const { guard, rule } = this.core;
    guard?.check();
    const loss = closure === undefined ? null : call(`${rule.name}.step`, "closure", closure);
    await update(this.core, loss);
    return loss ?? undefined;
  }

  /**
   * One step on a loss: clears the gradients, computes the loss, its gradients and the update, all in one evaluation.
   *
   * @param loss - gives the loss, a scalar
   * @returns the loss before the update
   * @throws what `step()` throws, as rejections
   * @example
   * ```ts
   * import { SGD } from "@downhill/optimizers";
   * import { parameter } from "@downhill/tensor";
   *
   * const weight = parameter([3, 4]);
   * const optimizer = new SGD([weight], { lr: 0.5 });
   * const loss = await optimizer.minimize(() => weight.square().sum());
   * await loss.item(); // => 25
   * await weight.array(); // => [0, 0]
   * ```
   */
  async minimize(loss: () => Tensor): Promise<Tensor> {
    return this.step(() => {
      this.zeroGrad();
      const value = call(`${this.core.rule.name}.minimize`, "loss", loss);
      value.backward();
      return value;
    });
  }

  /**
   * Everything that the optimizer remembers, as plain data: step count, options, and per parameter its slots. Schedules and
   * the mask `decay` are code and not saved. Taken at the call, whatever happens before it is awaited.
   *
   * @throws NonFiniteError (a rejection) when it comes out that a step before the call was not taken
   */
  async stateDict(): Promise<OptimizerState> {
    this.core.refuse?.("stateDict");
    const saved = save(this.core);
    // A state that can't be used must not be one more rejection that nobody listens to.
    saved.catch(() => {});
    await this.core.guard?.settled();
    return saved;
  }

  /**
   * Goes on from a state of `stateDict()`: step count, options and slots are replaced. A schedule stays as it is and goes on
   * at the saved step. In each group parameters are found by name when all names are there, else by position.
   *
   * @param state - what `stateDict()` gave
   * @throws TypeError when it is no state dict, or that of another optimizer
   * @throws RangeError when groups, parameters, shapes or slots don't fit; nothing has changed then
   */
  loadStateDict(state: OptimizerState): void {
    this.core.refuse?.("loadStateDict");
    restore(this.core, state);
    this.core.guard?.reset();
  }
}
