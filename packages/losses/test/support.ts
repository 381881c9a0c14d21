// What the tests of several groups share.
import type { Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";
import type { ErrorRow, LossFunction } from "@downhill/testing";

export const range = (call: () => unknown, message: string): ErrorRow => ({ call, error: RangeError, message });
export const type = (call: () => unknown, message: string): ErrorRow => ({ call, error: TypeError, message });

/** What TypeScript would refuse. */
export const wrong = <T>(value: unknown): T => value as T;
/** A call as a JavaScript user may write it. */
export const call = (loss: LossFunction, ...args: unknown[]): Tensor =>
  (loss as (...args: unknown[]) => Tensor)(...args);

export const ofSigmoid = (fn: string, wanted: string): string =>
  `${fn}: "prediction" expected ${wanted}, got the output of a sigmoid; remove the sigmoid, the loss applies its own`;

export const p = tensor([0.5, 0.25, 0.75]);
export const t = [1, 0, 1];
export const logits = tensor([
  [2, -1, 0.5],
  [0.1, 0.2, 0.3],
]);

/** A batch of embeddings: three labels of 3, 2 and 1. */
export const embeddings = [
  [0.5, -1.5, 1],
  [2, 0.25, -0.5],
  [-0.75, 3, 0.125],
  [0.25, 1, 1.5],
  [1, -1, 0.75],
  [-1.25, 0.5, 2],
];
export const labels = [3, 1, 3, 2, 1, 3];
