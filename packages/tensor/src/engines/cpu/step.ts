import type { PlanNode } from "../../plan/plan.js";
import type { Word } from "./program.js";
import type { Kernels } from "./wasm.js";

/** The kernels that work on a range [start, end), their last two arguments: threads can share one. */
export const rangeKernels = [
  "runLoop",
  "packB",
  "conv2d",
  "conv2dInputGrad",
  "conv2dWeightGrad",
  "maxPoolIndex2d",
  "avgPool2d",
  "avgPool2dGrad",
  "stridedCopy",
  "gather",
  "scatterAdd",
  "argsort",
  "cumsum",
  "reduceMiddle",
  "argReduce",
] as const;
export type RangeKernel = (typeof rangeKernels)[number];

/** Where a thread finds things. */
export interface Place {
  /** The address in a cell that is the same for all threads. */
  at(cell: Word): number;
  /** Address of a word of the thread's copy of the program. */
  word(word: Word): number;
  /** Address of the thread's scratch memory. */
  readonly scratch: number;
}

/** A kernel over [0, count) that may be cut anywhere: the result is the same. */
export interface Work {
  readonly kernel: RangeKernel;
  readonly count: number;
  /** About how long it takes on one thread. */
  readonly nanoseconds: number;
  /** Pieces per thread: 1 where every piece has to look at the whole input. */
  readonly pieces?: number;
  /** The arguments before the range. */
  args(place: Place): readonly number[];
}

/** What a step finds when it runs. */
export interface RunContext extends Place {
  readonly kernels: Kernels;
  /** The 32 bits at an address. */
  bits(address: number): number;
  /** A number of the plan. */
  number(node: PlanNode): number;
  /** Runs a kernel, on several threads where that is faster. */
  share(work: Work): void;
}

/** One loop of the tape. Its parts are the same for any number of threads, and so are results, to the bit. */
export interface LoopStep {
  readonly header: Word;
  readonly rows: number;
  /** All rows when there is one part. */
  readonly partRows: number;
  /** Time that threads can share. */
  readonly nanoseconds: number;
}

/** Anything else. */
export interface OtherStep {
  readonly nanoseconds: number;
  run(context: RunContext): void;
}

export type Step = LoopStep | OtherStep;
