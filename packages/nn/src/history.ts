import { describe } from "@downhill/tensor";

/** What one epoch gave. */
export interface EpochResult {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** How long it took, validation included. */
  readonly seconds: number;
  /** `loss`, the metrics, and with validation data `validationLoss`, `validationAccuracy` and so on. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Why training ended: all epochs are done, a callback asked for it, or the signal was aborted. */
export type StopReason = "finished" | "callback" | "aborted";

/**
 * The course of a training: one entry per complete epoch. Plain data, ready for `JSON.stringify`.
 *
 * @example
 * import { History } from "@downhill/nn";
 * const history = new History();
 * history.epochs.push({ epoch: 1, seconds: 2, metrics: { loss: 0.5 } }, { epoch: 2, seconds: 2, metrics: { loss: 0.25 } });
 * history.values("loss"); // => [0.5, 0.25]
 * history.values("accuracy"); // throws RangeError: history: "name" expected one of "loss", got "accuracy"
 */
export class History {
  /** The complete epochs. */
  readonly epochs: EpochResult[] = [];
  /** Why training ended. */
  stopReason: StopReason = "finished";

  /**
   * One metric over the epochs.
   *
   * @param name - such as `"loss"` or `"validationAccuracy"`
   * @throws RangeError that lists the names, when no epoch has this one
   */
  values(name: string): number[] {
    const names = [...new Set(this.epochs.flatMap(({ metrics }) => Object.keys(metrics)))];
    if (this.epochs.length > 0 && !names.includes(name))
      throw new RangeError(
        `history: "name" expected one of ${names.map((each) => `"${each}"`).join(", ")}, got ${describe(name)}`,
      );
    return this.epochs.map(({ metrics }) => metrics[name] ?? Number.NaN);
  }
}
