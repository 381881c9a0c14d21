import type { Parameter } from "@downhill/tensor";
import { describe, integer, tensor } from "@downhill/tensor";
import type { Group, Member, OptimizerOptions } from "./groups.js";
import { merge } from "./groups.js";
import type { Rule, RuleSettings } from "./rule.js";

/** What an optimizer remembers about one parameter. */
export interface ParameterState {
  /** Its name. */
  readonly name: string;
  /** Its extents. */
  readonly shape: readonly number[];
  /** Updates of this parameter so far. */
  readonly updates: number;
  /** Values in row-major order; empty before the first update. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/** What an optimizer remembers about a group of parameters. */
export interface GroupState {
  /** Every option; `lr` is null when it is a schedule. */
  readonly options: Readonly<Record<string, unknown>>;
  /** In the order of the group. */
  readonly parameters: readonly ParameterState[];
}

/** What an optimizer remembers, as plain data. */
export interface OptimizerState {
  /** Which optimizer. */
  readonly optimizer: string;
  /** Steps taken. */
  readonly steps: number;
  /** In the order of the constructor; one when it was given no groups. */
  readonly groups: readonly GroupState[];
}

/** The state of all groups. Every read begins before the first is awaited, so that all are of the same step. */
export async function save(optimizer: string, steps: number, groups: readonly Group[]): Promise<OptimizerState> {
  const saved = groups.map(async ({ members, settings }) => {
    const options = { ...settings, lr: typeof settings.lr === "function" ? null : settings.lr };
    return { options, parameters: await Promise.all(members.map(saveMember)) };
  });
  return { optimizer, steps, groups: await Promise.all(saved) };
}

async function saveMember({ parameter, updates, slots }: Member): Promise<ParameterState> {
  const { name, shape } = parameter;
  const reads = Object.entries(updates === 0 ? {} : (slots ?? {})).map(
    async ([key, value]) => [key, (await value.data()) as Float32Array] as const,
  );
  return { name, shape: [...shape], updates, slots: Object.fromEntries(await Promise.all(reads)) };
}

/** Everything that a restored parameter will have; put in place when all of them are checked. */
interface Restored {
  readonly member: Member;
  readonly updates: number;
  readonly slots: Readonly<Record<string, Parameter>> | null;
}

/** Checks everything, then puts the state in its place; returns the steps taken. */
export function restore(rule: Rule, groups: readonly Group[], state: OptimizerState): number {
  const fn = `${rule.name}.loadStateDict`;
  if (typeof state !== "object" || state === null || !Array.isArray(state.groups))
    throw new TypeError(`${fn}: "state" expected what "await stateDict()" gave, got ${describe(state)}`);
  if (state.optimizer !== rule.name)
    throw new TypeError(`${fn}: "state" expected the state of ${rule.name}, got that of ${describe(state.optimizer)}`);
  integer(fn, "steps", state.steps, 0);
  sameCount(fn, "groups", "group", groups, state.groups);
  const found = groups.map((group, i) => {
    const { options, parameters } = state.groups[i] as GroupState;
    const place = `groups[${i}].parameters`;
    const settings = settingsFrom(fn, rule, group.settings, options);
    sameCount(fn, place, "parameter", group.members, parameters);
    const members = pair(group.members, parameters).map(([member, j]) =>
      restoreMember(fn, `${place}[${j}]`, rule, settings, member, parameters[j] as ParameterState),
    );
    return { group, settings, members };
  });
  for (const { group, settings, members } of found) {
    group.settings = settings;
    for (const { member, updates, slots } of members) Object.assign(member, { updates, slots });
  }
  return state.steps;
}

function sameCount(fn: string, place: string, what: string, own: readonly unknown[], saved: readonly unknown[]): void {
  if (!Array.isArray(saved)) throw new TypeError(`${fn}: "${place}" expected an array, got ${describe(saved)}`);
  if (saved.length === own.length) return;
  throw new RangeError(
    `${fn}: "${place}" expected ${own.length} ${what}${own.length === 1 ? "" : "s"} like the optimizer, got ${saved.length}`,
  );
}

/** Saved options over the current ones; a schedule is code: it is never saved and never replaced. */
function settingsFrom(fn: string, rule: Rule, own: RuleSettings, saved: GroupState["options"]): RuleSettings {
  const { lr, ...others } = saved;
  const scheduled = typeof own.lr === "function";
  if (lr === null && !scheduled)
    throw new RangeError(
      `${fn}: "lr" expected a schedule in the constructor, got ${own.lr}; the state was saved with a schedule, which is code and not saved`,
    );
  return merge(rule, own, (scheduled ? others : saved) as OptimizerOptions);
}

/** Each member and the position of its state: by name when both sides have the same names, all different; else by position. */
function pair(members: readonly Member[], saved: readonly ParameterState[]): [Member, number][] {
  const places = new Map(saved.map(({ name }, i) => [name, i]));
  const names = new Set(members.map(({ parameter }) => parameter.name));
  const named = names.size === members.length && [...names].every((name) => places.has(name));
  return members.map((member, i) => [member, named ? (places.get(member.parameter.name) as number) : i]);
}

function restoreMember(
  fn: string,
  place: string,
  rule: Rule,
  settings: RuleSettings,
  member: Member,
  { name, shape, updates, slots: saved }: ParameterState,
): Restored {
  const { parameter } = member;
  if (shape.length !== parameter.rank || !shape.every((extent, axis) => extent === parameter.shape[axis]))
    throw new RangeError(
      `${fn}: "${place}" expected the shape of "${parameter.name}" [${parameter.shape.join(", ")}], got [${shape.join(", ")}] of "${name}"`,
    );
  integer(fn, `${place}.updates`, updates, 0);
  if (updates === 0) return { member, updates, slots: null };
  const slots = rule.init(parameter, settings) as Readonly<Record<string, Parameter>>;
  const names = Object.keys(slots);
  const given = Object.keys(saved);
  if (given.length !== names.length || !names.every((each) => given.includes(each)))
    throw new RangeError(
      `${fn}: "${place}.slots" expected ${names.join(", ") || "none"} for "${parameter.name}", got ${given.join(", ") || "none"}`,
    );
  for (const [key, slot] of Object.entries(slots)) {
    const values = saved[key];
    if (!(values instanceof Float32Array))
      throw new TypeError(`${fn}: "${place}.slots.${key}" expected a Float32Array, got ${describe(values)}`);
    if (values.length !== slot.size)
      throw new RangeError(
        `${fn}: "${place}.slots.${key}" expected ${slot.size} values for "${parameter.name}", got ${values.length}`,
      );
    slot.assign(tensor(values, { shape: slot.shape }));
  }
  return { member, updates, slots };
}
