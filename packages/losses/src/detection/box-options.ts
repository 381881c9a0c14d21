import type { LossOptions } from "../shared/options.js";

/** Two corners `[x1, y1, x2, y2]`, or centre and size `[cx, cy, width, height]`. */
export type BoxFormat = "xyxy" | "cxcywh";

/** Options of the losses between boxes. */
export interface BoxOptions extends LossOptions {
  /** What the four numbers of a box are; predictions and targets alike. @defaultValue "xyxy" */
  readonly format?: BoxFormat | undefined;
  /** Added to every denominator, so that empty boxes give numbers: finite and > 0. @defaultValue 1e-7 */
  readonly eps?: number | undefined;
}
