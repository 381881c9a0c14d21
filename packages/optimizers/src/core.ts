import type { Parameter, Tensor } from "@downhill/tensor";
import { describe, noGrad } from "@downhill/tensor";
import type { Group, GroupSettings } from "./groups.js";
import type { Guard } from "./guard.js";
import type { Member } from "./members.js";
import type { Rule, RuleSettings } from "./rule.js";

export type Slots = Readonly<Record<string, Parameter>>;
export type Values = Readonly<Record<string, Tensor>>;

/** What a state dict is made of. */
export interface Remembered {
  rule: Rule;
  readonly groups: Group[];
  /** The slots that all parameters share; null before the first step. */
  shared: Slots | null;
  steps: number;
}

/** What an optimizer consists of and remembers. Functions that not every optimizer needs work on it, from files of their own. */
export interface Core extends Remembered {
  readonly base: GroupSettings;
  guard: Guard | null;
  /** What a step computes for others is written here, see along.ts. */
  readonly along: Parameter[];
  /** Throws when the parameters are not what a method expects; for optimizers that move them between steps. */
  refuse?(method: string): void;
}

export function membersOf({ groups }: Core): Member[] {
  return groups.flatMap(({ members }) => members);
}

/** The settings of a member: with weight decay or without. */
export function settingsOf({ settings, exempt }: Group, { decays }: Member): RuleSettings {
  return decays ? settings : exempt;
}

/** The slots of a member, which begin with its first update. */
export function slotsOf({ rule }: Core, group: Group, member: Member): Slots {
  member.slots ??= noGrad(() => rule.init(member.parameter, settingsOf(group, member))) as Slots;
  return member.slots;
}

/** The gradient that a member goes down along. */
export function gradientOf({ maximize }: Group, { parameter }: Member): Tensor {
  const gradient = parameter.grad as Tensor;
  return maximize ? gradient.neg() : gradient;
}

/** The learning rate at a step. */
export function rateAt(name: string, { lr }: RuleSettings, step: number): number {
  if (typeof lr === "number") return lr;
  const rate: unknown = lr(step);
  if (typeof rate === "number" && rate >= 0 && rate < Number.POSITIVE_INFINITY) return rate;
  throw new RangeError(
    `${name}: "lr" expected a schedule that gives finite numbers of at least 0, got ${describe(rate)} at step ${step}`,
  );
}

export function withoutGradient({ rule }: Core, method: string): Error {
  return new Error(
    `${rule.name}.${method}: no parameter has a gradient that is not used yet; call backward() before ${method}()`,
  );
}
