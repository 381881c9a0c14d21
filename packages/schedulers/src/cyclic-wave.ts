import type { Settings } from "./check.js";
import { between, count, oneOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** What `cyclic` and `cyclicMomentum` are told about their waves. */
export interface CyclicWave {
  /** The number of steps from one end of the wave to the other, an integer >= 1 (PyTorch's default is 2000). */
  readonly up: number;
  /** The number of steps back, an integer >= 1. @defaultValue that of `up` */
  readonly down?: number | undefined;
  /** How high the waves are: all the same, each half as high as the one before, or lower by `gamma` at every step. @defaultValue "triangular" */
  readonly mode?: "triangular" | "triangular2" | "expRange" | undefined;
  /** What the height is multiplied by at every step in the mode "expRange", from 0 to 1; it is 1 in the others. @defaultValue 1 */
  readonly gamma?: number | undefined;
}

export const kinds = {
  up: count,
  down: count,
  mode: oneOf("triangular", "triangular2", "expRange"),
  gamma: between(0, 1),
};

export const defaults = (options: CyclicWave) => ({ down: options?.up, mode: "triangular" as const, gamma: 1 });

/** Where in its wave a step is, from 0 to the height of the wave. */
export function height(fn: string, { up, down, mode, gamma }: Settings<CyclicWave>): Schedule {
  const period = up + down;
  if (gamma !== 1 && mode !== "expRange")
    throw new RangeError(`${fn}: "gamma" expected 1 in the mode "${mode}", got ${gamma}; it is for "expRange"`);
  return (step) => {
    const u = step % period;
    const scale = mode === "triangular2" ? 0.5 ** Math.floor(step / period) : gamma ** step;
    return scale * (u <= up ? u / up : (period - u) / down);
  };
}
