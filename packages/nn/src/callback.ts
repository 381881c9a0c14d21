import type { Layer } from "@downhill/tensor";
import type { History } from "./history.js";

/** What callbacks see. */
export interface TrainingContext {
  /** What is trained. */
  readonly model: Layer;
  /** Number of the epoch, from 1; 0 before the first. */
  readonly epoch: number;
  /** How many there shall be. */
  readonly epochs: number;
  /** In `onBatchEnd`: number of the batch, from 1. */
  readonly batch?: number | undefined;
  /** Batches per epoch, where that is known. */
  readonly batches?: number | undefined;
  /** Means over the epoch so far, at most a moment old; in `onEpochEnd` the results of the epoch, validation included. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The epochs before this one, in `onEpochEnd` this one too. */
  readonly history: History;
}

/** A hook; true (or a promise of it) stops the training, anything else is ignored. */
export type Hook = (context: TrainingContext) => unknown;

/** Code that runs at points of the training; every method is optional. */
export interface Callback {
  /** Before the first epoch. */
  onTrainBegin?: Hook | undefined;
  /** Before each epoch. */
  onEpochBegin?: Hook | undefined;
  /** After each step. */
  onBatchEnd?: Hook | undefined;
  /** After each epoch and its validation. */
  onEpochEnd?: Hook | undefined;
  /** Always called, also after an abort or an error. */
  onTrainEnd?: Hook | undefined;
}

/** Names of the hooks. */
export type HookName = keyof Callback;

/** Calls a hook of every callback, in order; gives whether one wants to stop. */
export async function call(callbacks: readonly Callback[], hook: HookName, context: TrainingContext): Promise<boolean> {
  let stop = false;
  for (const callback of callbacks) if ((await callback[hook]?.(context)) === true) stop = true;
  return stop;
}
