import type { Parameter, Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";
import { atOnce } from "./at-once.js";
import type { Attached } from "./gradient.js";
import { attachedTo } from "./gradient.js";
import { sharedSlot } from "./slot.js";

/** What a step computes besides its own. */
export interface Along {
  readonly writes: readonly (readonly [Parameter, Tensor])[];
  /** To be called when the step is done: the values can be read from now on. */
  settle(): void;
}

/** The values that are attached to these parameters; `cells` are those that the optimizer has for them, and may become more. */
export function collectAlong(cells: Parameter[], parameters: readonly Parameter[]): Along {
  const values = [...new Set(parameters.flatMap(attachedTo))];
  const writes = values.map((value, i) => {
    cells[i] ??= sharedSlot(`value ${i} of a step`);
    return [cells[i], value] as const;
  });
  const settle = (): void => {
    writes.forEach(([cell], i) => {
      (values[i] as Attached).settle(atOnce() ? tensor(cell.itemSync()) : cell.clone());
    });
  };
  return { writes, settle };
}
