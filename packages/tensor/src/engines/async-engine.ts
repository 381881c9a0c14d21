import type { DType, HostArray } from "../dtype.js";
import type { Buffer, Engine } from "./engine.js";

/** An engine whose results arrive later: it takes work in order and answers by promises. */
export interface AsyncEngine extends Engine {
  /** A copy of the values as they are after all work so far. */
  readLater(buffer: Buffer, dtype: DType, size: number): Promise<HostArray>;
  /** The buffer gets one more owner: it lives until each has freed it. */
  hold(buffer: Buffer): void;
  /** What read() answers from now on, before everything moves to another engine. */
  prefetch(values: ReadonlyMap<Buffer, HostArray>): void;
  /** Runs that were taken and are not known to be done. */
  readonly waiting: number;
  /** Resolves when at most `waiting` runs are not done; rejects when the engine is lost. */
  room(waiting: number): Promise<void>;
}
