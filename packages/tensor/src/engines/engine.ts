import type { DType, HostArray } from "../dtype.js";
import type { Plan } from "../plan/plan.js";

/** Device memory for one tensor, owned by whoever allocated it. */
export type Buffer = object;

/** A plan made ready for one engine. */
export type Runnable = object;

/** How many threads an engine may use, see threads(). */
export interface Threads {
  /** Threads that take part in large kernels. */
  readonly count: number;
  /** Why there is only one; null otherwise. */
  readonly reason: string | null;
}

/** The one page that an engine implements. */
export interface Engine {
  readonly name: string;
  /** Why the engine is unusable; null while it works. */
  readonly lost: string | null;
  allocate(dtype: DType, size: number): Buffer;
  free(buffer: Buffer): void;
  write(buffer: Buffer, values: HostArray): void;
  /** A copy of the values, owned by the caller. */
  read(buffer: Buffer, dtype: DType, size: number): HostArray;
  /** An array of the kind in which the engine wants its host values. */
  host(dtype: DType, size: number): HostArray;
  compile(plan: Plan): Runnable;
  /** Fills `outputs` from `leaves` and `numbers`; throws when an index is out of range. */
  run(runnable: Runnable, leaves: readonly Buffer[], numbers: readonly number[], outputs: readonly Buffer[]): void;
  /** Which outputs may be the very buffer of the leaf that they replace, see Plan.replaced. */
  overwrites(runnable: Runnable): readonly boolean[];
  /** How many kernels a run of this takes. */
  kernelCount(runnable: Runnable): number;
  release(runnable: Runnable): void;
  /** For engines with threads. */
  threads?(): Threads;
  setThreads?(count: number): void;
  /** What is alive in the engine: buffers, and its working memory. */
  memory(): { bytes: number; buffers: number };
  close(): void;
}
