import type { Schedule } from "@downhill/schedulers";
import type { Tensor } from "@downhill/tensor";

/** Settings of a rule with weight decay. */
interface Decaying {
  readonly weightDecay: number | Schedule;
}

/** The gradient (or what a rule makes of it) and that of the L2 penalty, `weightDecay` times the parameter. Without decay the graph stays smaller. */
export function penalized(gradient: Tensor, parameter: Tensor, weightDecay: Tensor, settings: Decaying): Tensor {
  return settings.weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay));
}

/** The parameter after decoupled decay: times `keep`, such as one minus rate times `weightDecay`. */
export function decayed(parameter: Tensor, keep: Tensor, settings: Decaying): Tensor {
  return settings.weightDecay === 0 ? parameter : parameter.mul(keep);
}
