import { check, count, schedule as scheduleKind, scheduleOf, settings } from "./check.js";
import type { Schedule } from "./schedule.js";

/** Options of {@link preview}. */
export interface PreviewOptions {
  /** The most characters that the picture may have, an integer >= 1. @defaultValue 40 */
  readonly width?: number | undefined;
}

/** A schedule at a glance. */
export interface Preview {
  /** The rate of each step. */
  readonly values: number[];
  /** The curve as one line of text, from ▁ at the lowest rate to █ at the highest; ▄ where all are the same. */
  readonly sparkline: string;
}

/**
 * The first rates of a schedule as numbers and as a picture, to look at before training.
 *
 * A character of the picture stands for the mean of equally many steps. What it shows is what an optimizer will use: reading
 * a schedule changes nothing.
 *
 * @param schedule - what to look at
 * @param steps - how many steps of it, an integer >= 1
 * @param options - `width` (default 40)
 * @returns `values`, one number for each step, and `sparkline`
 * @throws TypeError when an argument is of the wrong kind or an option unknown; RangeError when one is out of its range, or
 * the schedule gives no finite number >= 0
 * @example
 * ```ts
 * import { cosineDecay, preview, warmup } from "@downhill/schedulers";
 *
 * const { values, sparkline } = preview(warmup(cosineDecay(1, { steps: 12 }), { steps: 4 }), 16);
 * sparkline; // => "▁▃▅▆███▇▆▅▅▃▂▂▁▁"
 * values.slice(0, 5); // => [0, 0.25, 0.5, 0.75, 1]
 * ```
 * @reference Tufte (2006), Beautiful Evidence: sparklines, https://www.edwardtufte.com/notebook/sparkline-theory-and-practice-edward-tufte/
 */
export function preview(schedule: Schedule, steps: number, options: PreviewOptions = {}): Preview {
  check("preview", "schedule", schedule, scheduleKind);
  check("preview", "steps", steps, count);
  const { width } = settings("preview", options, { width: count }, { width: 40 });
  const values = Array.from({ length: steps }, (_, step) => scheduleOf("preview", schedule)(step));
  const columns = Math.min(width, steps);
  const means = Array.from({ length: columns }, (_, i) => {
    const part = values.slice(Math.floor((i * steps) / columns), Math.floor(((i + 1) * steps) / columns));
    return part.reduce((sum, value) => sum + value / part.length, 0);
  });
  const [low, high] = [means.reduce((a, b) => Math.min(a, b)), means.reduce((a, b) => Math.max(a, b))];
  // 0 / 0 where all are the same.
  const sparkline = means.map((mean) => "▁▂▃▄▅▆▇█"[Math.round((7 * (mean - low)) / (high - low))] ?? "▄").join("");
  return { values, sparkline };
}
