import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, describe, noGrad, number } from "@downhill/tensor";
import type { Group, Member, OptimizerOptions, Trainable } from "./groups.js";
import { makeGroups } from "./groups.js";
import type { Rule } from "./rule.js";
import type { OptimizerState } from "./state-dict.js";
import { restore, save } from "./state-dict.js";

/**
 * Applies the update rule of one parameter to all of them: groups, learning rate, shared numbers, state and the single
 * evaluation per step are here, for every optimizer.
 *
 * A step is taken at the call of `step()`; `await` means that there is room for more work.
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
  readonly #rule: Rule;
  readonly #groups: readonly Group[];
  #steps = 0;

  /**
   * @param rule - the update of one parameter
   * @param parameters - parameters, or groups `{ parameters, ...options }`
   * @param options - options for all groups that don't say otherwise
   * @throws TypeError when something is no trainable Parameter, an option is unknown or of the wrong kind
   * @throws RangeError when there is no parameter, one is there twice, or an option is out of its range
   */
  constructor(rule: Rule, parameters: Trainable, options: OptimizerOptions = {}) {
    this.#rule = rule;
    this.#groups = makeGroups(rule, parameters, options);
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Learning rate that the next step uses; with groups, that of the first. */
  get lr(): number {
    return this.#rate(this.#groups[0] as Group);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const { members } of this.#groups) for (const { parameter } of members) parameter.zeroGrad();
  }

  /**
   * Updates every parameter that has a gradient, all in one evaluation; the others stay as they are. When anything is
   * refused, nothing has changed. After the first step, parameters without a gradient are named in a warning.
   *
   * @throws Error (a rejection) when no parameter has a gradient
   * @throws RangeError (a rejection) when the schedule gives no finite rate of at least 0
   */
  async step(): Promise<void> {
    const { name } = this.#rule;
    const updated: Member[] = [];
    const writes: [Parameter, Tensor][] = [];
    noGrad(() => {
      for (const group of this.#groups) this.#update(group, updated, writes);
    });
    if (updated.length === 0)
      throw new Error(`${name}.step: no parameter has a gradient that is not used yet; call backward() before step()`);
    // What is refused throws here; the promise only says when there is room for more work.
    const room = assignAll(writes, { consumed: updated.map(({ parameter }) => parameter) });
    this.#steps++;
    for (const each of updated) each.updates++;
    if (this.#steps === 1) this.#warnAboutIdle();
    await room;
  }

  /**
   * Everything that the optimizer remembers, as plain data: step count, options, and per parameter its slots. A schedule
   * is code and not saved. Taken at the call, whatever happens before it is awaited.
   */
  stateDict(): Promise<OptimizerState> {
    return save(this.#rule.name, this.#steps, this.#groups);
  }

  /**
   * Goes on from a state dict. Saved options replace those of the constructor, as in PyTorch; a schedule stays and goes on
   * at the saved step. In each group parameters are found by name when all names are there, else by position.
   *
   * @param state - what `stateDict()` gave
   * @throws TypeError when it is no state dict, or that of another optimizer
   * @throws RangeError when groups, parameters, shapes or slots don't fit; nothing has changed then
   */
  loadStateDict(state: OptimizerState): void {
    this.#steps = restore(this.#rule, this.#groups, state);
  }

  #update(group: Group, updated: Member[], writes: [Parameter, Tensor][]): void {
    const rule = this.#rule;
    const { members, settings } = group;
    const lr = this.#rate(group);
    const numbers = new Map<number, Readonly<Record<string, Tensor>>>();
    for (const member of members) {
      const { parameter, updates } = member;
      if (!parameter.hasGrad) continue;
      let shared = numbers.get(updates);
      if (shared === undefined) {
        shared = asInputs(rule.numbers(settings, { step: updates + 1, lr }));
        numbers.set(updates, shared);
      }
      member.slots ??= rule.init(parameter, settings) as Readonly<Record<string, Parameter>>;
      const next = rule.update(parameter.grad as Tensor, member.slots, parameter, shared, settings);
      const slots = next.slots as Readonly<Record<string, Tensor>>;
      writes.push([parameter, next.parameter]);
      for (const key in slots) writes.push([member.slots[key] as Parameter, slots[key] as Tensor]);
      updated.push(member);
    }
  }

  #rate({ settings: { lr } }: Group): number {
    if (typeof lr === "number") return lr;
    const rate = lr(this.#steps);
    if (typeof rate === "number" && rate >= 0 && rate < Number.POSITIVE_INFINITY) return rate;
    throw new RangeError(
      `${this.#rule.name}: "lr" expected a schedule that gives finite numbers of at least 0, got ${describe(rate)} at step ${this.#steps}`,
    );
  }

  #warnAboutIdle(): void {
    const idle = this.#groups.flatMap(({ members }) => members.filter(({ updates }) => updates === 0));
    if (idle.length === 0) return;
    const names = idle.map(({ parameter }) => JSON.stringify(parameter.name)).join(", ");
    console.warn(
      `${this.#rule.name}: no gradient reached ${names}, so the first step left ${idle.length === 1 ? "it" : "them"} unchanged; does the loss depend on ${idle.length === 1 ? "it" : "them"}?`,
    );
  }
}

function asInputs(numbers: Readonly<Record<string, number>>): Readonly<Record<string, Tensor>> {
  const inputs: Record<string, Tensor> = {};
  for (const name in numbers) inputs[name] = number(numbers[name] as number);
  return inputs;
}
