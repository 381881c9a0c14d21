import type { Schedule } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import { atLeast0, share } from "./number-option.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import { decayed, penalized } from "./weight-decay.js";

/** Options that Adam and AdamW share, complete. */
export interface AdamBaseSettings {
  /** Learning rate: a finite number of at least 0, or a schedule. @defaultValue 1e-3 */
  readonly lr: number | Schedule;
  /** How much of the mean gradient and of the mean square stays, each in [0, 1) or a schedule. @defaultValue [0.9, 0.999] */
  readonly betas: readonly [number | Schedule, number | Schedule];
  /** Added to the denominator, at least 0, or a schedule. @defaultValue 1e-8 */
  readonly eps: number | Schedule;
  /** How much of the parameter decays, at least 0, or a schedule. @defaultValue 0 for Adam, 0.01 for AdamW */
  readonly weightDecay: number | Schedule;
  /** Divide by the largest mean square so far. @defaultValue false */
  readonly amsgrad: boolean;
}

/** Running means of the gradient and of its square; with amsgrad the largest of the latter. */
interface AdamSlots {
  readonly mean: Parameter;
  readonly square: Parameter;
  readonly largest?: Parameter;
}

/** The rule of Adam; `decoupled` says whether the decay stays out of the gradient. */
export function adamRule<Settings extends AdamBaseSettings>(
  name: string,
  defaults: Settings,
  decoupled: (settings: Settings) => boolean,
): Rule<Settings, AdamSlots, "beta1" | "rest1" | "beta2" | "rest2" | "rate" | "eps" | "weightDecay" | "keep"> {
  return {
    name,
    defaults,
    ranges: { betas: share, eps: atLeast0, weightDecay: atLeast0 },
    init(parameter, { amsgrad }) {
      const slots = { mean: slot(parameter, "mean"), square: slot(parameter, "square") };
      return amsgrad ? { ...slots, largest: slot(parameter, "largest") } : slots;
    },
    // Both bias corrections are in doubles here. sqrt(v / c) + eps = (sqrt(v) + eps sqrt(c)) / sqrt(c): one product less per element.
    numbers(settings, { step, lr }) {
      const { betas, eps, weightDecay } = settings as AdamBaseSettings as NumberSettings;
      const [beta1, beta2] = betas;
      const scale = Math.sqrt(1 - beta2 ** step);
      const rate = (lr * scale) / (1 - beta1 ** step);
      const rests = { rest1: 1 - beta1, rest2: 1 - beta2 };
      return { beta1, beta2, ...rests, rate, eps: eps * scale, weightDecay, keep: 1 - lr * weightDecay };
    },
    update(gradient, slots, parameter, { beta1, rest1, beta2, rest2, rate, eps, weightDecay, keep }, settings) {
      const apart = decoupled(settings);
      const g = apart ? gradient : penalized(gradient, parameter, weightDecay, settings);
      const from = apart ? decayed(parameter, keep, settings) : parameter;
      const mean = slots.mean.mul(beta1).add(g.mul(rest1));
      const square = slots.square.mul(beta2).add(g.square().mul(rest2));
      const largest = slots.largest?.maximum(square);
      const step = mean.div((largest ?? square).sqrt().add(eps));
      return {
        parameter: from.sub(step.mul(rate)),
        slots: largest === undefined ? { mean, square } : { mean, square, largest },
      };
    },
  };
}

/** The settings of one step, which a type parameter hides from the compiler. */
interface NumberSettings {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}
