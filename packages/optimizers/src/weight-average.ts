import type { Parameter, Tensor } from "@downhill/tensor";
import { assignAll } from "@downhill/tensor";
import { membersOf } from "./core.js";
import { extend } from "./extend.js";
import type { Rule } from "./rule.js";
import { slot } from "./slot.js";
import type { AnyOptimizer } from "./wrapper.js";
import { OptimizerWrapper, refuseTwice } from "./wrapper.js";

/** What {@link WeightAverage} asks of a kind of average. */
export interface AverageRule {
  /** Name of the wrapper. */
  readonly name: string;
  /** Whether the weights after step `step`, 0 for the first, are taken in. */
  takes(step: number): boolean;
  /** How much of an average of `count` weights stays when one more is taken in. */
  keeps(count: number): number;
}

/**
 * Averages the weights that the steps of an optimizer give, in their evaluation. `count`, how many there are, is kept for each
 * parameter; with none, nothing of the average stays, whatever it was.
 */
export abstract class WeightAverage extends OptimizerWrapper {
  readonly #name: string;
  #swapped = false;

  constructor(optimizer: AnyOptimizer, { name, takes, keeps }: AverageRule) {
    super(name, optimizer);
    refuseTwice(name, optimizer, WeightAverage);
    this.#name = name;
    const { root } = this;
    extend(
      root.core,
      (rule: Rule): Rule => ({
        ...rule,
        name: `${name}(${rule.name})`,
        kept: { ...rule.kept, averaged: 0 },
        keep: (settings, info) => ({
          ...info.kept,
          ...rule.keep?.(settings, info),
          averaged: (info.kept.averaged as number) + (takes(root.steps) ? 1 : 0),
        }),
        init: (parameter, settings) => ({ ...rule.init(parameter, settings), average: slot(parameter, "average") }),
        numbers: (settings, info) => {
          this.#refuse("step");
          const count = info.kept.averaged as number;
          const stays = count === 0 ? 0 : keeps(count);
          return { ...rule.numbers(settings, info), averageStays: stays, averageTakes: 1 - stays };
        },
        update: (gradient, slots, parameter, numbers, settings, shared) => {
          const next = rule.update(gradient, slots, parameter, numbers, settings, shared);
          if (!takes(root.steps)) return next;
          const { average } = slots as { readonly average: Parameter };
          const { averageStays, averageTakes } = numbers as {
            readonly averageStays: Tensor;
            readonly averageTakes: Tensor;
          };
          const newer: Record<string, Tensor> = {
            ...next.slots,
            average: average.mul(averageStays).add(next.parameter.mul(averageTakes)),
          };
          return { parameter: next.parameter, slots: newer };
        },
      }),
    );
  }

  /** Whether the parameters are the averages now. */
  get swapped(): boolean {
    return this.#swapped;
  }

  /**
   * Exchanges parameters and averages, in one evaluation: once for validating and saving the model, once more to go on. Meanwhile
   * steps and state dicts are refused. Parameters that never got a gradient stay as they are.
   *
   * @returns a promise for "there is room for more work"
   * @throws Error (a rejection) when no weights are averaged yet
   */
  async swap(): Promise<void> {
    const writes = membersOf(this.root.core).flatMap(({ parameter, slots, kept }) => {
      const average = slots?.average;
      return average === undefined || kept.averaged === 0
        ? []
        : ([
            [parameter, average],
            [average, parameter],
          ] as const);
    });
    if (writes.length === 0) throw new Error(`${this.#name}.swap: no weights are averaged yet; call step() before`);
    this.#swapped = !this.#swapped;
    await assignAll(writes);
  }

  override async stateDict(): ReturnType<OptimizerWrapper["stateDict"]> {
    this.#refuse("stateDict");
    return super.stateDict();
  }

  override loadStateDict(state: Parameters<OptimizerWrapper["loadStateDict"]>[0]): void {
    this.#refuse("loadStateDict");
    super.loadStateDict(state);
  }

  #refuse(method: string): void {
    if (this.#swapped)
      throw new Error(`${this.#name}.${method}: the parameters are averages for evaluation; call "await swap()" first`);
  }
}
