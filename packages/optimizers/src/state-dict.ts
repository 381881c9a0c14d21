import { describe, integer, tensor } from "@downhill/tensor";
import type { Remembered, Slots } from "./core.js";
import type { Group, GroupOptions } from "./groups.js";
import { derived, merge } from "./groups.js";
import type { Member } from "./members.js";
import { isScheduled } from "./number-option.js";
import type { Rule, RuleSettings } from "./rule.js";

/** What an optimizer remembers about one parameter. */
export interface ParameterState {
  /** Its name. */
  readonly name: string;
  /** Its extents. */
  readonly shape: readonly number[];
  /** Updates of this parameter so far. */
  readonly updates: number;
  /** Values in row-major order; empty before the first update, unless something was written before it. */
  readonly slots: Readonly<Record<string, Float32Array>>;
  /** The numbers that the rule keeps, if it keeps any. */
  readonly kept?: Readonly<Record<string, number>>;
}

/** What an optimizer remembers about a group of parameters. */
export interface GroupState {
  /** Every option; null stands for a schedule. The mask `decay` is left out. */
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
  /** The slots that all parameters share, if there are any. */
  readonly shared?: Readonly<Record<string, Float32Array>>;
  /** The numbers that the optimizer keeps for all parameters, if it keeps any. */
  readonly kept?: Readonly<Record<string, number>>;
}

/** The state of all groups. Every read begins before the first is awaited, so that all are of the same step. */
export async function save({ rule, steps, groups, shared }: Remembered): Promise<OptimizerState> {
  const saved = groups.map(async ({ members, settings, maximize }) => {
    const options = Object.entries({ ...settings, maximize }).map(([key, value]) => [key, withoutSchedules(value)]);
    return { options: Object.fromEntries(options), parameters: await Promise.all(members.map(saveMember)) };
  });
  const common = shared === null ? {} : { shared: await read(shared) };
  return { optimizer: rule.name, steps, groups: await Promise.all(saved), ...common };
}

function withoutSchedules(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSchedules);
  return typeof value === "function" ? null : value;
}

async function saveMember({ parameter, name, updates, slots, kept }: Member): Promise<ParameterState> {
  const numbers = Object.keys(kept).length === 0 ? {} : { kept };
  const { shape } = parameter;
  return { name, shape: [...shape], updates, slots: await read(slots ?? {}), ...numbers };
}

async function read(slots: Slots): Promise<Record<string, Float32Array>> {
  const reads = Object.entries(slots).map(async ([key, value]) => [key, (await value.data()) as Float32Array] as const);
  return Object.fromEntries(await Promise.all(reads));
}

/** Throws for what is no state at all. */
export function checkState(fn: string, state: OptimizerState): void {
  if (typeof state !== "object" || state === null || !Array.isArray(state.groups))
    throw new TypeError(`${fn}: "state" expected what "await stateDict()" gave, got ${describe(state)}`);
}

/** Everything that a restored parameter will have; put in place when all of them are checked. */
interface Restored {
  readonly member: Member;
  readonly updates: number;
  readonly kept: Member["kept"];
  readonly slots: Slots | null;
}

/** Checks everything, then puts the state in its place. */
export function restore(core: Remembered, state: OptimizerState): void {
  const { rule, groups } = core;
  const fn = `${rule.name}.loadStateDict`;
  checkState(fn, state);
  if (state.optimizer !== rule.name)
    throw new TypeError(`${fn}: "state" expected the state of ${rule.name}, got that of ${describe(state.optimizer)}`);
  integer(fn, "steps", state.steps, 0);
  sameCount(fn, "groups", "group", groups, state.groups);
  const found = groups.map((group, i) => {
    const { options, parameters } = state.groups[i] as GroupState;
    const place = `groups[${i}].parameters`;
    const { rule: settings, maximize } = settingsFrom(fn, rule, group, options);
    const next = derived(settings);
    sameCount(fn, place, "parameter", group.members, parameters);
    const members = pair(group.members, parameters).map(([member, j]) => {
      const own = member.decays ? next.settings : next.exempt;
      return restoreMember(fn, `${place}[${j}]`, rule, own, member, parameters[j] as ParameterState);
    });
    return { group, next: { ...next, maximize }, members };
  });
  const shared = restoreShared(fn, rule, (groups[0] as Group).settings, state.shared);
  for (const { group, next, members } of found) {
    Object.assign(group, next);
    for (const { member, ...past } of members) Object.assign(member, past);
  }
  core.steps = state.steps;
  core.shared = shared;
}

function sameCount(fn: string, place: string, what: string, own: readonly unknown[], saved: readonly unknown[]): void {
  if (!Array.isArray(saved)) throw new TypeError(`${fn}: "${place}" expected an array, got ${describe(saved)}`);
  if (saved.length === own.length) return;
  throw new RangeError(
    `${fn}: "${place}" expected ${own.length} ${what}${own.length === 1 ? "" : "s"} like the optimizer, got ${saved.length}`,
  );
}

/** Saved options over the current ones; a schedule is code: it is never saved and never replaced. */
function settingsFrom(fn: string, rule: Rule, group: Group, saved: GroupState["options"]): ReturnType<typeof merge> {
  const { settings, maximize } = group;
  const own: Readonly<Record<string, unknown>> = { ...settings };
  const taken = Object.entries(saved).filter(([key, value]) => {
    if (isScheduled(own[key])) return false;
    const missing = value === null && own[key] !== null && !rule.ranges?.[key]?.nullable;
    if (missing || (Array.isArray(value) && value.includes(null) && !rule.ranges?.[key]?.nullable))
      throw new RangeError(
        `${fn}: "${key}" expected a schedule in the constructor, got ${missing ? own[key] : describe(own[key])}; the state was saved with a schedule, which is code and not saved`,
      );
    return true;
  });
  const base = { rule: settings, maximize, decay: () => true };
  return merge(rule, base, Object.fromEntries(taken) as GroupOptions);
}

/** Each member and the position of its state: by name when both sides have the same names, all different; else by position. */
function pair(members: readonly Member[], saved: readonly ParameterState[]): [Member, number][] {
  const places = new Map(saved.map(({ name }, i) => [name, i]));
  const names = new Set(members.map(({ name }) => name));
  const named = names.size === members.length && [...names].every((name) => places.has(name));
  return members.map((member, i) => [member, named ? (places.get(member.name) as number) : i]);
}

function restoreMember(
  fn: string,
  place: string,
  rule: Rule,
  settings: RuleSettings,
  member: Member,
  { name: savedName, shape, updates, slots: saved, kept: numbers = {} }: ParameterState,
): Restored {
  const { parameter, name } = member;
  if (shape.length !== parameter.rank || !shape.every((extent, axis) => extent === parameter.shape[axis]))
    throw new RangeError(
      `${fn}: "${place}" expected the shape of "${name}" [${parameter.shape.join(", ")}], got [${shape.join(", ")}] of "${savedName}"`,
    );
  integer(fn, `${place}.updates`, updates, 0);
  const kept = { ...rule.kept };
  for (const key in kept) {
    const value: unknown = numbers[key];
    if (typeof value !== "number" || Number.isNaN(value))
      throw new TypeError(`${fn}: "${place}.kept.${key}" expected a number for "${name}", got ${describe(value)}`);
    kept[key] = value;
  }
  if (updates === 0 && Object.keys(saved).length === 0) return { member, updates, kept, slots: null };
  const slots = rule.init(parameter, settings) as Slots;
  fill(fn, `${place}.slots`, `for "${name}"`, slots, saved);
  return { member, updates, kept, slots };
}

function restoreShared(fn: string, rule: Rule, settings: RuleSettings, saved: OptimizerState["shared"]): Slots | null {
  if (saved === undefined) return null;
  const slots = (rule.initShared?.(settings) ?? {}) as Slots;
  fill(fn, "shared", "for all parameters", slots, saved);
  return slots;
}

/** Puts saved values into new slots. */
function fill(fn: string, place: string, whose: string, slots: Slots, saved: ParameterState["slots"]): void {
  const names = Object.keys(slots);
  const given = Object.keys(saved);
  if (given.length !== names.length || !names.every((each) => given.includes(each)))
    throw new RangeError(
      `${fn}: "${place}" expected ${names.join(", ") || "none"} ${whose}, got ${given.join(", ") || "none"}`,
    );
  for (const [key, slot] of Object.entries(slots)) {
    const values: unknown = saved[key];
    if (!(values instanceof Float32Array))
      throw new TypeError(`${fn}: "${place}.${key}" expected a Float32Array, got ${describe(values)}`);
    if (values.length !== slot.size)
      throw new RangeError(`${fn}: "${place}.${key}" expected ${slot.size} values ${whose}, got ${values.length}`);
    slot.assign(tensor(values, { shape: slot.shape }));
  }
}
