import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";

/** What every optimizer is given: options with no default left open. */
export interface RuleSettings {
  /** Learning rate: a number, or a schedule that each step reads. */
  readonly lr: number | Schedule;
}

/** Where training stands when a parameter is updated. */
export interface StepInfo {
  /** Which update of this parameter it is: 1 for the first. */
  readonly step: number;
  /** The learning rate of this step. */
  readonly lr: number;
}

/** What a parameter becomes. */
export interface Update<Slots extends object = object> {
  /** The new value, in the parameter's shape. */
  readonly parameter: Tensor;
  /** The new value of every slot. */
  readonly slots: { readonly [Name in keyof Slots]: Tensor };
}

/**
 * The update rule of an optimizer for ONE parameter, without state of its own: what lasts from step to step is in slots.
 * {@link Optimizer} applies it to all parameters. A new optimizer is a new rule.
 *
 * @typeParam Settings - the options, complete
 * @typeParam Slots - the slots of a parameter by name
 * @typeParam Numbers - names of the numbers that a step shares between parameters
 * @example
 * ```ts
 * import { Optimizer, type Rule, type RuleSettings } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const signDescent: Rule<RuleSettings, object, "lr"> = {
 *   name: "SignDescent",
 *   defaults: { lr: 0.1 },
 *   check() {},
 *   init: () => ({}),
 *   numbers: (_settings, { lr }) => ({ lr }),
 *   update: (gradient, _slots, weight, { lr }) => ({ parameter: weight.sub(gradient.sign().mul(lr)), slots: {} }),
 * };
 * const weight = parameter([1, -2]);
 * const optimizer = new Optimizer(signDescent, [weight]);
 * weight.square().sum().backward();
 * await optimizer.step();
 * await weight.array(); // => [0.9, -1.9]
 * ```
 */
export interface Rule<
  Settings extends RuleSettings = RuleSettings,
  Slots extends object = object,
  Numbers extends string = string,
> {
  /** Name of the optimizer in errors and state dicts. */
  readonly name: string;
  /** All options and their defaults. */
  readonly defaults: Settings;
  /** Throws when options other than `lr` are out of their range or don't fit together. */
  check(settings: Settings): void;
  /** The slots of a parameter before its first update, see {@link slot}. */
  init(parameter: Parameter, settings: Settings): Slots;
  /** Every number that `update` needs, as JavaScript doubles: they are inputs of the plan and may change at each step. */
  numbers(settings: Settings, info: StepInfo): Readonly<Record<Numbers, number>>;
  /** The new parameter and slots as graph. Only settings, which stay, may decide about the form of the graph. */
  update(
    gradient: Tensor,
    slots: Slots,
    parameter: Tensor,
    numbers: Readonly<Record<Numbers, Tensor>>,
    settings: Settings,
  ): Update<Slots>;
}
