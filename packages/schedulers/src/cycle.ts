import type { Settings } from "./check.js";
import { between, count, flag, oneOf } from "./check.js";
import type { Schedule } from "./schedule.js";
import type { Point, Shape } from "./through.js";
import { shapes, through } from "./through.js";

/** What `oneCycle` and `oneCycleMomentum` are told about the cycle. */
export interface Cycle {
  /** The number of steps of the whole training, an integer >= 1. */
  readonly steps: number;
  /** The part of the steps up to the peak, from 0 to 1, with `threePhase` to 0.5; PyTorch's `pct_start`. @defaultValue 0.3 */
  readonly warmupFraction?: number | undefined;
  /** The way from one rate to another; PyTorch's `anneal_strategy`. @defaultValue "cosine" */
  readonly shape?: "cosine" | "linear" | undefined;
  /** Go back to the first rate as slowly as up, and only then further down. @defaultValue false */
  readonly threePhase?: boolean | undefined;
}

export const rows = (options: Cycle) =>
  ({
    steps: [count],
    warmupFraction: [between(0, options?.threePhase ? 0.5 : 1), 0.3],
    shape: [oneOf("cosine", "linear"), "cosine"],
    threePhase: [flag, false],
  }) as const;

/** From `first` to `peak` and, in three phases by way of `back`, to `last`. */
export function around(
  { steps, warmupFraction, shape, threePhase }: Settings<Cycle>,
  first: number,
  peak: number,
  back: number,
  last: number,
): Schedule {
  const way: Shape = shapes[shape];
  const warm = Math.max(0, warmupFraction * steps - 1);
  const middle: Point[] = threePhase ? [[2 * warm, back, way]] : [];
  return through([0, first], [warm, peak, way], ...middle, [steps - 1, last, way]);
}
