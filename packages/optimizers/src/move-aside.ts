import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, noGrad } from "@downhill/tensor";
import { collectAlong } from "./along.js";
import type { Core } from "./core.js";
import { gradientOf, slotsOf, withoutGradient } from "./core.js";
import { slot } from "./slot.js";

/** A parameter with its gradient, negated where it is to go uphill. */
export interface Ready {
  readonly parameter: Parameter;
  readonly gradient: Tensor;
}

/**
 * The first pass of a step in two: moves the parameters that have a gradient to where `move` says, in one evaluation, and uses
 * the gradients up. Returns where they were, which `kept` holds from step to step.
 */
export function moveAside(
  core: Core,
  kept: WeakMap<Parameter, Parameter>,
  move: (ready: readonly Ready[]) => readonly Tensor[],
): ReadonlyMap<Parameter, Parameter> {
  core.guard?.check();
  core.refuse?.("step");
  return noGrad(() => {
    const ready = core.groups.flatMap((group) =>
      group.members.flatMap((member) => {
        const { parameter } = member;
        if (!parameter.hasGrad) return [];
        // What starts at the parameter must not start where it is moved to.
        slotsOf(core, group, member);
        return [{ parameter, gradient: gradientOf(group, member) }];
      }),
    );
    if (ready.length === 0) throw withoutGradient(core, "step");
    const parameters = ready.map(({ parameter }) => parameter);
    const moved = move(ready);
    const from = new Map<Parameter, Parameter>();
    const writes = parameters.flatMap((each, i): [Parameter, Tensor][] => {
      const place = kept.get(each) ?? slot(each, "before the first pass");
      kept.set(each, place);
      from.set(each, place);
      return [
        [place, each.detach()],
        [each, moved[i] as Tensor],
      ];
    });
    const along = collectAlong(core.along, parameters);
    void assignAll([...writes, ...along.writes], { consumed: parameters });
    along.settle();
    return from;
  });
}
