import { noGrad } from "@downhill/tensor";
import type { Core, Slots } from "./core.js";
import { settingsOf } from "./core.js";
import type { Rule } from "./rule.js";

/** Replaces the rule by one that does more: what wrappers do. Parameters updated before get the slots that it adds. */
export function extend(core: Core, make: (rule: Rule) => Rule): void {
  const rule = make(core.rule);
  core.rule = rule;
  for (const group of core.groups)
    for (const member of group.members) {
      member.kept = { ...rule.kept, ...member.kept };
      if (member.slots === null) continue;
      const added = noGrad(() => rule.init(member.parameter, settingsOf(group, member))) as Slots;
      member.slots = { ...added, ...member.slots };
    }
}
