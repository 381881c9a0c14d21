import type { PlanNode } from "../../plan/plan.js";
import type { ProgramWriter, Word } from "./program.js";
import type { Kernels } from "./wasm.js";

/** What lowering needs to know of the plan around a kernel. */
export interface Surroundings {
  readonly writer: ProgramWriter;
  readonly kernels: Kernels;
  /** Cell of a stored node or a leaf. */
  cellOf(node: PlanNode): Word;
  /** Byte of the workspace where scratch memory begins. */
  readonly scratch: number;
  /** What a function of assembly/ says about a block of the program, before the program has its place. */
  measure(block: Word, words: number, ask: (address: number) => number): number;
}

/** A lowered kernel: loops to run one after the other, and the scratch memory they need. */
export interface Lowered {
  readonly loops: readonly { readonly header: Word; readonly rows: number }[];
  readonly scratchBytes: number;
}

/** Codes of index faults, see CpuEngine.reportFault. */
export const faultCode = { pick: 1, place: 2, gather: 3, scatterAdd: 4 } as const;
