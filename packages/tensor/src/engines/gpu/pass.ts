import type { KernelSource } from "./device.js";

/** An array of a program: a leaf or an output of the plan, or one that lives from a pass to a later one. */
export type Place =
  | { readonly kind: "leaf"; readonly index: number }
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "temporary"; readonly index: number };

/** A scalar of a kernel: a number of the plan by its position, see runNumbers(). */
export type ScalarIndex = number;

/** One run of one kernel; it fills one array. */
export interface Pass {
  readonly source: KernelSource;
  readonly size: number;
  readonly output: Place;
  readonly inputs: readonly Place[];
  readonly scalars: readonly ScalarIndex[];
}

/** A plan as passes, in order. */
export interface PassProgram {
  readonly passes: readonly Pass[];
  /** Elements of each temporary. */
  readonly temporaries: readonly number[];
}
