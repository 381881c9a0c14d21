import type { PlanNode } from "../../plan/plan.js";
import type { Generator } from "./generator.js";
import type { ProgramWriter, Word } from "./program.js";
import type { Step } from "./step.js";
import type { Kernels } from "./wasm.js";

/** What lowering needs to know of the plan around a kernel. */
export interface Surroundings {
  readonly writer: ProgramWriter;
  readonly kernels: Kernels;
  /** Cell of a stored node or a leaf. */
  cellOf(node: PlanNode): Word;
  /** Makes functions of segments; null while the tape will do. */
  readonly generator: Generator | null;
  /** Byte of the workspace where a kernel keeps what its threads share. */
  readonly shared: number;
  /** What a function of assembly/ says about a block of the program, before the program has its place. */
  measure(block: Word, words: number, ask: (address: number) => number): number;
}

/** A lowered kernel: what to do, in order, and the memory that this takes: per thread, and for all of them. */
export interface Lowered {
  readonly steps: readonly Step[];
  readonly scratchBytes: number;
  readonly sharedBytes: number;
  /** Nanoseconds that functions would save per run. */
  readonly saving: number;
}

/** Codes of index faults, see CpuEngine.reportFault. */
export const faultCode = { pick: 1, place: 2, gather: 3, scatterAdd: 4 } as const;
