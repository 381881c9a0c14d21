import type { PlanNode } from "../../plan/plan.js";
import type { KernelSource } from "./devices/device.js";

/** An array of a program: a leaf or an output of the plan, or one that lives from a pass to a later one. */
export type Place =
  | { readonly kind: "leaf"; readonly index: number }
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "temporary"; readonly index: number };

/** A scalar of a kernel: a number of the plan by its position, see runNumbers(). */
export type ScalarIndex = number;

/** One run of one kernel, which fills one array or several. */
export interface Pass {
  readonly source: KernelSource;
  /** Threads. */
  readonly size: number;
  readonly outputs: readonly Place[];
  readonly inputs: readonly Place[];
  readonly scalars: readonly ScalarIndex[];
}

/** A plan as passes, in order. */
export interface PassProgram {
  readonly passes: readonly Pass[];
  /** Elements of each temporary. */
  readonly temporaries: readonly number[];
  /** Temporaries that keep a product in tiles. */
  readonly inTiles?: ReadonlySet<number>;
}

/** Collects the passes of a program. */
export interface PassBuilder {
  /** Where the values of a node lie, or go: a leaf, an output, or a temporary made at the first question. */
  place(node: PlanNode): Place;
  /** An array for values between two passes of one kernel. */
  temporary(size: number): Place;
  /** The scalar that holds a number of the plan (a "number" or computed node, or the number of an own node). */
  scalar(node: PlanNode): ScalarIndex;
  /** One pass; `text` is `function(a0,...,s0,...){...}` with an argument per input, then one per scalar. */
  add(
    source: Omit<KernelSource, "arrays" | "scalars">,
    size: number,
    outputs: readonly Place[],
    inputs: readonly Place[],
    scalars?: readonly ScalarIndex[],
  ): void;
}

/** Turns a node that has a kernel of its own into passes. */
export type OwnPasses = (node: PlanNode, build: PassBuilder) => void;
