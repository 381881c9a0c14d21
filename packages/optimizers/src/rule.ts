import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";
import type { NumberOption } from "./number-option.js";

/** What every optimizer is given: options with no default left open. */
export interface RuleSettings {
  /** Learning rate: a number, or a schedule that each step reads. */
  readonly lr: number | Schedule;
}

/** The value of an option at one step: a number in place of a schedule. */
export type ValueAtStep<Value> = Value extends readonly unknown[]
  ? { readonly [Index in keyof Value]: Exclude<Value[Index], Schedule> }
  : Exclude<Value, Schedule>;

/** Settings at one step: every schedule is replaced by its number. */
export type Resolved<Settings> = { readonly [Name in keyof Settings]: ValueAtStep<Settings[Name]> };

/** Where training stands when a parameter is updated. */
export interface StepInfo {
  /** Which update of this parameter it is: 1 for the first. */
  readonly step: number;
  /** The learning rate of this step. */
  readonly lr: number;
  /** The numbers that the rule keeps, as the last update of this parameter left them, see {@link Rule.kept}. */
  readonly kept: Readonly<Record<string, number>>;
}

/** What a parameter becomes. */
export interface Update<Slots extends object = object> {
  /** The new value, in the parameter's shape. */
  readonly parameter: Tensor;
  /** The new value of every slot; one that is left out stays as it is. */
  readonly slots: { readonly [Name in keyof Slots]?: Tensor };
}

/** What all parameters of a step have in common, see {@link Rule.share}. */
export interface Shared<Slots extends object = object> {
  /** The new value of every shared slot. */
  readonly slots: { readonly [Name in keyof Slots]: Tensor };
  /** What `update` is given as its last argument. */
  readonly values: Readonly<Record<string, Tensor>>;
}

/**
 * The update rule of an optimizer for ONE parameter, without state of its own: what lasts from step to step is in slots.
 * {@link Optimizer} applies it to all parameters. A new optimizer is a new rule.
 *
 * What parameters have in common (a global norm, one step size for all) is a sum over them: `measure` gives the scalars of
 * one parameter, `share` makes of their sums what `update` is given; everything is graph, in the same evaluation.
 *
 * @typeParam Settings - the options, complete
 * @typeParam Slots - the slots of a parameter by name
 * @typeParam Numbers - names of the numbers that a step shares between parameters
 * @typeParam SharedSlots - the slots that all parameters share, by name
 * @example
 * ```ts
 * import { Optimizer, type Rule, type RuleSettings } from "@downhill/optimizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const signDescent: Rule<RuleSettings, object, "lr"> = {
 *   name: "SignDescent",
 *   defaults: { lr: 0.1 },
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
  SharedSlots extends object = object,
> {
  /** Name of the optimizer in errors and state dicts. */
  readonly name: string;
  /** All options of the rule and their defaults. `lr`, `maximize` and, beside a `weightDecay`, `decay` are checked by the base. */
  readonly defaults: Settings;
  /** Ranges of the options that are numbers, or lists of them; one that is not named may be any finite number. */
  readonly ranges?: Readonly<Record<string, NumberOption>>;
  /** Numbers that are kept for each parameter from step to step, and what they are before its first update. */
  readonly kept?: Readonly<Record<string, number>>;
  /** Throws when options don't fit together, or one is neither a number nor true or false and is wrong. */
  check?(settings: Settings): void;
  /** Throws when this parameter can't be trained by the rule. */
  accept?(parameter: Parameter, name: string): void;
  /** The slots of a parameter before its first update, see {@link slot}. */
  init(parameter: Parameter, settings: Settings): Slots;
  /** Every number that `update` needs, as JavaScript doubles: they are inputs of the plan and may change at each step. */
  numbers(settings: Resolved<Settings>, info: StepInfo): Readonly<Record<Numbers, number>>;
  /** What becomes of the numbers that are kept. */
  keep?(settings: Resolved<Settings>, info: StepInfo): Readonly<Record<string, number>>;
  /** The slots that all parameters share, before the first step; with the settings of the first group. */
  initShared?(settings: Settings): SharedSlots;
  /** Scalars of one parameter that are summed over all parameters of the step. */
  measure?(
    gradient: Tensor,
    slots: Slots,
    parameter: Tensor,
    numbers: Readonly<Record<Numbers, Tensor>>,
    settings: Settings,
    shared: SharedSlots,
  ): Readonly<Record<string, Tensor>>;
  /** Of those sums the new shared slots and what `update` is given; with numbers and settings of the first group that has a gradient. */
  share?(
    totals: Readonly<Record<string, Tensor>>,
    shared: SharedSlots,
    numbers: Readonly<Record<Numbers, Tensor>>,
    settings: Settings,
  ): Shared<SharedSlots>;
  /** The new parameter and slots as graph. Only settings, which stay, may decide about the form of the graph. */
  update(
    gradient: Tensor,
    slots: Slots,
    parameter: Tensor,
    numbers: Readonly<Record<Numbers, Tensor>>,
    settings: Settings,
    shared: Readonly<Record<string, Tensor>>,
  ): Update<Slots>;
}
