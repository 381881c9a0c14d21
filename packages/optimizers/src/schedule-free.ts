import type { Schedule } from "@downhill/schedulers";
import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll, noGrad } from "@downhill/tensor";
import { settingsOf } from "./core.js";
import type { OptimizerOptions, Trainable } from "./groups.js";
import type { NumberOption } from "./number-option.js";
import { atLeast0 } from "./number-option.js";
import { Optimizer } from "./optimizer.js";
import type { Resolved, Rule, RuleSettings, StepInfo } from "./rule.js";

/** Options that the schedule-free optimizers share. */
export interface ScheduleFreeSettings extends RuleSettings {
  readonly weightDecay: number | Schedule;
  readonly warmupSteps: number;
  readonly r: number;
  readonly weightLrPower: number;
}

/** The numbers of a step that {@link move} needs. */
export type ScheduleFreeNumbers = "rate" | "share" | "reach";

/** Ranges of the shared options. */
export const scheduleFreeRanges: Readonly<Record<string, NumberOption>> = {
  weightDecay: atLeast0,
  warmupSteps: { low: 0, integer: true },
  r: { low: 0 },
  weightLrPower: { low: 0 },
};

/** The weight of all steps so far, and the largest rate among them. */
export const scheduleFreeKept: Readonly<Record<string, number>> = { weightSum: 0, highest: 0 };

/** What becomes of them. */
export const keepScheduleFree: NonNullable<Rule<ScheduleFreeSettings>["keep"]> = (settings, info) => {
  const { weightSum, highest } = weigh(settings, info);
  return { weightSum, highest };
};

/** The numbers of a step, where gradients are taken at `momentum` of the average. */
export function scheduleFreeNumbers(
  settings: Resolved<ScheduleFreeSettings>,
  momentum: number,
  info: StepInfo,
): Readonly<Record<ScheduleFreeNumbers, number>> {
  const { rate, weight, weightSum } = weigh(settings, info);
  const share = weightSum === 0 ? 0 : weight / weightSum;
  return { rate, share, reach: rate * (momentum * (1 - share) - 1) };
}

function weigh(
  { warmupSteps, r, weightLrPower }: Resolved<ScheduleFreeSettings>,
  { step, lr, kept }: StepInfo,
): { readonly rate: number; readonly weight: number; readonly weightSum: number; readonly highest: number } {
  const rate = step < warmupSteps ? (lr * step) / warmupSteps : lr;
  const highest = Math.max(rate, kept.highest as number);
  const weight = step ** r * highest ** weightLrPower;
  return { rate, weight, weightSum: (kept.weightSum as number) + weight, highest };
}

/**
 * The new y and z, where z moves along `direction`. The average x is not kept: it follows from y = momentum x + (1 - momentum) z.
 */
export function move(
  y: Tensor,
  z: Parameter,
  direction: Tensor,
  { rate, share, reach }: Readonly<Record<ScheduleFreeNumbers, Tensor>>,
): { readonly y: Tensor; readonly z: Tensor } {
  return { y: y.add(z.sub(y).mul(share)).add(direction.mul(reach)), z: z.sub(direction.mul(rate)) };
}

/** An optimizer that trains at one point and is used at another, the average. */
export abstract class ScheduleFree extends Optimizer {
  #averaged = false;

  constructor(rule: Rule, parameters: Trainable, options: OptimizerOptions) {
    super(rule, parameters, options);
    this.core.refuse = (method) => {
      if (this.#averaged)
        throw new Error(
          `${this.core.rule.name}.${method}: the parameters are averages for evaluation; call "await train()" first`,
        );
    };
  }

  /** Whether the parameters are where training goes on, rather than the average. */
  get training(): boolean {
    return !this.#averaged;
  }

  /**
   * Makes the parameters the average that is to be used. Does nothing when they are.
   *
   * @returns a promise for "there is room for more work"
   */
  async eval(): Promise<void> {
    if (this.#averaged) return;
    this.#averaged = true;
    await this.#blend((momentum) => 1 - 1 / momentum);
  }

  /**
   * Makes the parameters those that training goes on with. Does nothing when they are.
   *
   * @returns a promise for "there is room for more work"
   */
  async train(): Promise<void> {
    if (!this.#averaged) return;
    this.#averaged = false;
    await this.#blend((momentum) => 1 - momentum);
  }

  /** @internal The option that says where between both gradients are taken. */
  protected abstract momentum(settings: RuleSettings): number;

  /** Moves every parameter that was updated towards its z; outside of [0, 1] it moves away. */
  async #blend(share: (momentum: number) => number): Promise<void> {
    const writes = noGrad(() =>
      this.core.groups.flatMap((group) =>
        group.members.flatMap((member) => {
          const { parameter, slots } = member;
          const z = slots?.z;
          if (z === undefined) return [];
          const momentum = this.momentum(settingsOf(group, member));
          return [[parameter, parameter.add(z.sub(parameter).mul(share(momentum)))] as const];
        }),
      ),
    );
    await assignAll(writes);
  }
}
