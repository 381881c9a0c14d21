import type { Settings } from "./check.js";
import { between, count, oneOf } from "./check.js";
import type { Schedule } from "./schedule.js";

/** What `cyclic` and `cyclicMomentum` are told about their waves. */
export interface CyclicWave {
  /** The number of steps from one end of the wave to the other, an integer >= 1 (PyTorch's default is 2000). */
  readonly up: number;
  /** The number of steps back, an integer >= 1. @defaultValue that of `up` */
  readonly down?: number | undefined;
  /** How high the waves are: all the same, or with "triangular2" each half as high as the one before; "expRange" is PyTorch's name for "triangular" with a `gamma`. @defaultValue "triangular" */
  readonly mode?: "triangular" | "triangular2" | "expRange" | undefined;
  /** What the height is multiplied by at every step, from 0 to 1; PyTorch leaves it out unless the mode is "expRange". @defaultValue 1 */
  readonly gamma?: number | undefined;
}

export const rows = (options: CyclicWave) =>
  ({
    up: [count],
    down: [count, options?.up],
    mode: [oneOf("triangular", "triangular2", "expRange"), "triangular"],
    gamma: [between(0, 1), 1],
  }) as const;

/** Where in its wave a step is, from 0 to the height of the wave. */
export function height({ up, down, mode, gamma }: Settings<CyclicWave>): Schedule {
  const period = up + down;
  return (step) => {
    const u = step % period;
    const halvings = mode === "triangular2" ? Math.floor(step / period) : 0;
    return 0.5 ** halvings * gamma ** step * (u <= up ? u / up : (period - u) / down);
  };
}
