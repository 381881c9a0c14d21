import type { Core } from "./core.js";
import type { Rule } from "./rule.js";
import { slotWrites, update } from "./update.js";

/** Writes the slots that `visit` gives for every parameter with a gradient, as a step does, but it is none. */
export function visit(core: Core, method: string, visit: Rule["update"]): Promise<void> {
  core.guard?.check();
  return update(core, null, {
    method,
    writes: (tasks) =>
      tasks.flatMap(({ gradient, slots, from, past, settings }) =>
        slotWrites(slots, visit(gradient, slots, from, past.numbers, settings, {}).slots),
      ),
  });
}
