import { anyFinite, belowOne, check, guarded, index, oneOf, rate, settings } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link reduceOnPlateau}. */
export interface ReduceOnPlateauOptions {
  /** Whether the metric is better when it is lower or higher. @defaultValue "min" */
  readonly mode?: "min" | "max" | undefined;
  /** What the rate is multiplied by at a cut, above 0 and below 1. @defaultValue 0.1 */
  readonly factor?: number | undefined;
  /** How many observations in a row may bring no improvement; one more, and the rate is cut. An integer >= 0. @defaultValue 10 */
  readonly patience?: number | undefined;
  /** By more than this the metric must get better to count, finite and >= 0. @defaultValue 1e-4 */
  readonly threshold?: number | undefined;
  /** Whether `threshold` is a part of the best metric or a difference from it. @defaultValue "relative" */
  readonly thresholdMode?: "relative" | "absolute" | undefined;
  /** How many observations after a cut don't count, an integer >= 0. @defaultValue 0 */
  readonly cooldown?: number | undefined;
  /** No cut goes below this rate, finite and >= 0. @defaultValue 0 */
  readonly minLr?: number | undefined;
  /** A cut by no more than this is left out, finite and >= 0. @defaultValue 1e-8 */
  readonly eps?: number | undefined;
}

/** What a plateau schedule remembers, as plain data for JSON. */
export interface PlateauState {
  /** Best metric so far; undefined before the first. */
  readonly best?: number | undefined;
  /** Observations without improvement that count towards the next cut. */
  readonly wait: number;
  /** Observations that are still not to count. */
  readonly cooldown: number;
  /** Cuts so far. */
  readonly cuts: number;
}

/** What one observation meant, and what is remembered of it. */
export interface PlateauResult extends PlateauState {
  /** The metric is better than ever before, by more than the threshold; the first one is. */
  readonly improved: boolean;
  /** Patience has run out: from now on the rate is cut once more, as far as `minLr` and `eps` allow. */
  readonly reduced: boolean;
}

/** A schedule that also hears how training goes. */
export interface PlateauSchedule extends Schedule {
  /**
   * Takes the metric of a validation, usually once per epoch.
   *
   * @param metric - the number, finite
   * @returns whether it improved, whether the rate is cut, and what is counted
   * @throws TypeError when it is no number, RangeError when it is NaN or infinite
   */
  observe(metric: number): PlateauResult;
  /** What it remembers, to go on later from {@link PlateauSchedule.loadStateDict}. */
  stateDict(): PlateauState;
  /**
   * Goes on from what `stateDict()` gave. Options are code and not part of it.
   *
   * @throws TypeError or RangeError when it is no such state; nothing has changed then
   */
  loadStateDict(state: PlateauState): void;
}

/**
 * A learning rate that is cut when a metric has stopped getting better.
 *
 * $$ \eta_t = s(t) \, \gamma^{c} $$
 *
 * with $s$ = `lr`, $\gamma$ = `factor` and $c$ cuts so far, where no cut goes below `minLr` and none by `eps` or less is
 * taken. It is a schedule like the others, with `observe(metric)` besides: call it once per validation, not per batch.
 * Between two observations it is a pure function of the step.
 *
 * An observation $v$ improves on the best one $b$ when $v < b - \theta |b|$ (mode "max": $v > b + \theta |b|$), with an
 * absolute threshold $v < b - \theta$ ($v > b + \theta$). The cut comes as in PyTorch, with observation `patience` + 1
 * without improvement; in Keras it comes one sooner and the threshold is absolute, so there write
 * `{ patience: patience - 1, thresholdMode: "absolute" }`. With a negative best metric PyTorch's relative threshold points the
 * wrong way and takes an equal value for better; ours doesn't.
 *
 * A warm-up or a decay goes inside: `reduceOnPlateau(warmup(constant(0.1), { steps: 500 }))`. Not the other way round: what is
 * wrapped has no `observe`.
 *
 * @param lr - the rate without cuts: a number, finite and >= 0, or a schedule
 * @param options - `mode` (default "min"), `factor` (default 0.1), `patience` (default 10), `threshold` (default 1e-4),
 * `thresholdMode` (default "relative"), `cooldown` (default 0), `minLr` (default 0) and `eps` (default 1e-8)
 * @returns the schedule, with `observe`, `stateDict` and `loadStateDict`
 * @throws TypeError when an argument is of the wrong kind or an option unknown, RangeError when one is out of its range; the
 * schedule, RangeError when its step is not an integer >= 0
 * @example
 * ```ts
 * import { reduceOnPlateau } from "@downhill/schedulers";
 *
 * const lr = reduceOnPlateau(0.1, { patience: 1, factor: 0.5 });
 * lr.observe(2).improved; // => true
 * lr.observe(2).reduced; // => false
 * lr(200); // => 0.1
 * lr.observe(3).reduced; // => true
 * lr(300); // => 0.05
 *
 * JSON.stringify(lr.stateDict()); // => '{"best":2,"wait":0,"cooldown":0,"cuts":1}'
 * lr.observe(Number.NaN); // throws RangeError: reduceOnPlateau.observe: "metric" expected
 * ```
 * @reference PyTorch's ReduceLROnPlateau, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export function reduceOnPlateau(lr: number | Schedule, options: ReduceOnPlateauOptions = {}): PlateauSchedule {
  const fn = "reduceOnPlateau";
  if (typeof lr !== "function") check(fn, "lr", lr, rate);
  const { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps } = settings(fn, options, {
    mode: [oneOf("min", "max"), "min"],
    factor: [belowOne, 0.1],
    patience: [index, 10],
    threshold: [rate, 1e-4],
    thresholdMode: [oneOf("relative", "absolute"), "relative"],
    cooldown: [index, 0],
    minLr: [rate, 0],
    eps: [rate, 1e-8],
  });
  const sign = mode === "max" ? 1 : -1;
  let state: PlateauState = { wait: 0, cooldown: 0, cuts: 0 };

  const rateAt = guarded(fn, (step) => {
    let value = typeof lr === "number" ? lr : lr(step);
    const least = Math.min(value, minLr);
    for (let i = 0; i < state.cuts; i++) {
      const next = Math.max(value * factor, least);
      // Once a cut is left out, so are all that follow.
      if (value - next <= eps) break;
      value = next;
    }
    return value;
  });

  return Object.assign(rateAt, {
    observe(metric: number): PlateauResult {
      check(`${fn}.observe`, "metric", metric, anyFinite);
      let { best, wait, cooldown: rest, cuts } = state;
      const improved =
        best === undefined ||
        sign * (metric - best) > (thresholdMode === "absolute" ? threshold : threshold * Math.abs(best));
      if (improved) best = metric;
      wait = improved || rest > 0 ? 0 : wait + 1;
      rest = Math.max(0, rest - 1);
      const reduced = wait > patience;
      state = reduced ? { best, wait: 0, cooldown, cuts: cuts + 1 } : { best, wait, cooldown: rest, cuts };
      return { improved, reduced, ...state };
    },
    stateDict: () => state,
    loadStateDict(saved: PlateauState): void {
      settings(`${fn}.loadStateDict`, saved, { best: [anyFinite, 0], wait: [index], cooldown: [index], cuts: [index] });
      state = { ...saved };
    },
  });
}
