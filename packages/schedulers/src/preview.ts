import { check, count, guarded, schedule as kind } from "./check.js";
import type { Schedule } from "./schedule.js";

/** A schedule at a glance. */
export interface Preview {
  /** The rate of each step. */
  readonly values: number[];
  /** The curve as one line of text, from ▁ for 0 to █ for the highest rate. */
  readonly sparkline: string;
}

/**
 * The first rates of a schedule as numbers and as a picture, to look at before training.
 *
 * The picture has up to 40 characters; of more steps, each shows the one in the middle of its share. What it shows is what an optimizer will use: reading
 * a schedule changes nothing.
 *
 * @param schedule - what to look at
 * @param steps - how many steps of it, an integer >= 1
 * @returns `values`, one number for each step, and `sparkline`
 * @throws TypeError when an argument is of the wrong kind; RangeError when `steps` is out of its range, or the schedule
 * gives no finite number >= 0
 * @example
 * ```ts
 * import { cosineDecay, preview, warmup } from "@downhill/schedulers";
 *
 * const { values, sparkline } = preview(warmup(cosineDecay(1, { steps: 12 }), { steps: 4 }), 16);
 * sparkline; // => "▁▃▅▆███▇▆▅▅▄▃▂▁▁"
 * values.slice(0, 5); // => [0, 0.25, 0.5, 0.75, 1]
 * ```
 * @reference Tufte (2006), Beautiful Evidence: sparklines, https://www.edwardtufte.com/notebook/sparkline-theory-and-practice-edward-tufte/
 */
export function preview(schedule: Schedule, steps: number): Preview {
  check("preview", "schedule", schedule, kind);
  check("preview", "steps", steps, count);
  const values = Array.from({ length: steps }, (_, step) => guarded("preview", schedule)(step));
  const columns = Math.min(steps, 40);
  const shown = Array.from({ length: columns }, (_, i) => values[Math.floor(((i + 0.5) * steps) / columns)] as number);
  const high = Math.max(...shown) || 1;
  const bars = shown.map((value) => String.fromCharCode(0x2581 + Math.round((7 * value) / high)));
  return { values, sparkline: bars.join("") };
}
