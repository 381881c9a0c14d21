import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, noGrad, number } from "@downhill/tensor";
import { collectAlong } from "./along.js";
import type { Core, Slots, Values } from "./core.js";
import { gradientOf, membersOf, rateAt, settingsOf, slotsOf, withoutGradient } from "./core.js";
import type { Group } from "./groups.js";
import type { Member } from "./members.js";
import { settingsAt } from "./number-option.js";
import type { RuleSettings, StepInfo } from "./rule.js";

/** A parameter or slot, its new value, and what it has when the step is refused: its value, if this is left out. */
type Write = readonly [target: Parameter, value: Tensor, otherwise?: Tensor];

/** What parameters with the same past share in a step. */
interface Past {
  readonly updates: number;
  readonly kept: Member["kept"];
  readonly decays: boolean;
  readonly lr: number;
  readonly numbers: Values;
  /** What `member.kept` becomes. */
  readonly next: Member["kept"];
}

/** A parameter that is updated, with everything that the rule is given for it. */
export interface Task {
  readonly member: Member;
  /** Where the step begins: the parameter, or where it was before a wrapper moved it. */
  readonly from: Tensor;
  readonly gradient: Tensor;
  readonly slots: Slots;
  readonly settings: RuleSettings;
  readonly past: Past;
}

/** How an update differs from a step. */
export interface Course {
  /** Where parameters are that a wrapper moved. */
  readonly from?: ReadonlyMap<Parameter, Tensor>;
  /** Other writes than those of the rule; it does not count as a step then. */
  readonly writes?: (tasks: readonly Task[], core: Core) => Write[];
  /** What errors call it. @defaultValue "step" */
  readonly method?: string;
}

/** Updates every parameter that has a gradient, in one evaluation; the promise says when there is room for more work. */
export function update(
  core: Core,
  loss: Tensor | null,
  { from, writes = stepWrites, method = "step" }: Course = {},
): Promise<void> {
  core.refuse?.(method);
  const { guard, steps } = core;
  const { tasks, along, all } = noGrad(() => {
    const found = core.groups.flatMap((group) => tasksOf(core, group, from));
    if (found.length === 0) throw withoutGradient(core, method);
    const plain = writes(found, core);
    return {
      tasks: found,
      all: guard?.protect(plain, found, loss, steps) ?? plain,
      along: collectAlong(
        core.along,
        found.map(({ member }) => member.parameter),
      ),
    };
  });
  // What is refused throws here; the promise only says when there is room for more work.
  const room = assignAll([...all, ...along.writes] as [Parameter, Tensor][], {
    consumed: tasks.map(({ member }) => member.parameter),
  });
  along.settle();
  const counted = writes === stepWrites ? tasks : [];
  const before = counted.map(({ member }) => [member, member.kept] as const);
  for (const { member, past } of counted) {
    member.updates++;
    member.kept = past.next;
  }
  if (counted.length > 0) core.steps++;
  guard?.follow(steps, (tasks[0] as Task).past.lr, before);
  if (core.steps === 1 && steps === 0) warnAboutIdle(core);
  return room;
}

/** The parameters of a group that have a gradient. */
function tasksOf(core: Core, group: Group, from?: Course["from"]): Task[] {
  const ready = group.members.filter(({ parameter }) => parameter.hasGrad);
  if (ready.length === 0) return [];
  const lr = rateAt(core.rule.name, group.settings, core.steps);
  const pasts: Past[] = [];
  return ready.map((member) => {
    const { parameter } = member;
    return {
      member,
      from: from?.get(parameter) ?? parameter,
      past: pastOf(pasts, core, group, member, lr),
      slots: slotsOf(core, group, member),
      settings: settingsOf(group, member),
      gradient: gradientOf(group, member),
    };
  });
}

/** The numbers of a member: parameters with the same past share them. */
function pastOf(pasts: Past[], { rule, steps }: Core, group: Group, member: Member, lr: number): Past {
  const { updates, kept, decays } = member;
  for (const past of pasts)
    if (past.updates === updates && past.decays === decays && same(past.kept, kept)) return past;
  const now = settingsAt(rule, settingsOf(group, member), group.scheduled, steps, lr);
  const info: StepInfo = { step: updates + 1, lr, kept };
  const numbers: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(rule.numbers(now, info))) numbers[name] = number(value);
  const past = { updates, kept, decays, lr, numbers, next: rule.keep?.(now, info) ?? kept };
  pasts.push(past);
  return past;
}

function same(a: Member["kept"], b: Member["kept"]): boolean {
  if (a === b) return true;
  for (const key in a) if (a[key] !== b[key]) return false;
  return true;
}

/** What the rule makes of parameters, slots and shared slots. */
function stepWrites(tasks: readonly Task[], core: Core): Write[] {
  const { rule } = core;
  const writes: Write[] = [];
  let values: Values = {};
  if (rule.share !== undefined) {
    core.shared ??= (rule.initShared?.((core.groups[0] as Group).settings) ?? {}) as Slots;
    const { shared } = core;
    const totals: Record<string, Tensor> = {};
    for (const { from, gradient, slots, past, settings } of tasks) {
      const parts = rule.measure?.(gradient, slots, from, past.numbers, settings, shared) ?? {};
      for (const key in parts) totals[key] = totals[key]?.add(parts[key] as Tensor) ?? (parts[key] as Tensor);
    }
    const [{ past, settings }] = tasks as [Task];
    const next = rule.share(totals, shared, past.numbers, settings);
    values = next.values;
    writes.push(...slotWrites(shared, next.slots));
  }
  for (const { member, from, gradient, slots, past, settings } of tasks) {
    const next = rule.update(gradient, slots, from, past.numbers, settings, values);
    writes.push([member.parameter, next.parameter, from], ...slotWrites(slots, next.slots));
  }
  return writes;
}

/** New values of slots. */
export function slotWrites(slots: Slots, values: object): Write[] {
  return Object.entries(values).map(([key, value]) => [slots[key] as Parameter, value as Tensor]);
}

function warnAboutIdle(core: Core): void {
  const idle = membersOf(core).filter(({ updates }) => updates === 0);
  if (idle.length === 0) return;
  const names = idle.map(({ name }) => JSON.stringify(name)).join(", ");
  const them = idle.length === 1 ? "it" : "them";
  console.warn(
    `${core.rule.name}: no gradient reached ${names}, so the first step left ${them} unchanged; does the loss depend on ${them}?`,
  );
}
