import { describe } from "@downhill/tensor";
import type { Group } from "./groups.js";
import type { Memory } from "./lbfgs-memory.js";
import { joined } from "./lbfgs-memory.js";
import type { Rule, RuleSettings } from "./rule.js";
import type { OptimizerState } from "./state-dict.js";
import { restore, save } from "./state-dict.js";

const vectors = ["direction", "gradient", "steps", "changes"] as const;
const numbers = ["iterations", "t", "scale"] as const;

/** The state of LBFGS: its vectors are shared slots, its history one after the other. */
export async function saveMemory(
  rule: Rule,
  settings: object,
  steps: number,
  groups: readonly Group[],
  memory: Memory | null,
): Promise<OptimizerState> {
  const own = groups.map((group) => ({ ...group, settings: settings as RuleSettings }));
  const state = await save({ rule, steps, groups: own, shared: null });
  const plain = state.groups.map(({ options: { maximize, ...options }, parameters }) => ({ options, parameters }));
  if (memory === null) return { ...state, groups: plain };
  const { direction, gradient, iterations, t, scale } = memory;
  const shared = { direction, gradient, steps: joined(memory.steps), changes: joined(memory.changes) };
  return { ...state, groups: plain, shared, kept: { iterations, t, scale } };
}

/** Checks a state and gives what it holds. */
export function loadMemory(
  rule: Rule,
  groups: readonly Group[],
  state: OptimizerState,
): { settings: RuleSettings; steps: number; memory: Memory | null } {
  const fn = "LBFGS.loadStateDict";
  const copies = groups.map((group) => ({ ...group, members: group.members.map((member) => ({ ...member })) }));
  const { shared, kept, ...rest } = (state ?? {}) as OptimizerState;
  const core = { rule, groups: copies, shared: null, steps: 0 };
  restore(core, state && rest);
  const { steps } = core;
  const { settings } = copies[0] as Group;
  if (shared === undefined) return { settings, steps, memory: null };
  const size = groups.flatMap(({ members }) => members).reduce((sum, { parameter }) => sum + parameter.size, 0);
  for (const key of vectors) {
    const values: unknown = shared[key];
    if (!(values instanceof Float32Array))
      throw new TypeError(`${fn}: "shared.${key}" expected a Float32Array, got ${describe(values)}`);
    const whole = key === "direction" || key === "gradient";
    if (whole ? values.length !== size : values.length % Math.max(size, 1) !== 0)
      throw new RangeError(
        `${fn}: "shared.${key}" expected ${size} values${whole ? "" : " for each step"}, as many as the parameters have, got ${values.length}`,
      );
  }
  for (const key of numbers)
    if (!Number.isFinite(kept?.[key]))
      throw new TypeError(`${fn}: "kept.${key}" expected a finite number, got ${describe(kept?.[key])}`);
  const all = shared as Record<(typeof vectors)[number], Float32Array>;
  if (all.steps.length !== all.changes.length)
    throw new RangeError(
      `${fn}: "shared.changes" expected ${all.steps.length} values like "shared.steps", got ${all.changes.length}`,
    );
  const { iterations, t, scale } = kept as Record<(typeof numbers)[number], number>;
  const memory = { direction: all.direction.slice(), gradient: all.gradient.slice(), iterations, t, scale };
  return { settings, steps, memory: { ...memory, steps: parted(all.steps, size), changes: parted(all.changes, size) } };
}

function parted(all: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: size === 0 ? 0 : all.length / size }, (_, i) => all.slice(i * size, (i + 1) * size));
}
