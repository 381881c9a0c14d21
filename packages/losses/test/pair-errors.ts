import { zeros } from "@downhill/tensor";
import type { ErrorRow, LossFunction } from "@downhill/testing";
import { call, p, range, t, type } from "./support.js";

/** What every loss `(prediction, target, options?)` of two tensors of one shape refuses. */
export function pairErrors(fn: string, loss: LossFunction): ErrorRow[] {
  return [
    range(
      () => call(loss, zeros([3, 1]), zeros([3])),
      `${fn}: "target" expected the shape of "prediction" [3, 1], got [3]; drop the last axis of "prediction" with .squeeze(-1)`,
    ),
    range(
      () => call(loss, p, zeros([3, 1])),
      `${fn}: "target" expected the shape of "prediction" [3], got [3, 1]; drop the last axis of "target" with .squeeze(-1)`,
    ),
    range(() => call(loss, p, zeros([2])), `${fn}: "target" expected the shape of "prediction" [3], got [2]`),
    range(
      () => call(loss, zeros([3, 1]), zeros([1, 3])),
      `${fn}: "target" expected the shape of "prediction" [3, 1], got [1, 3]`,
    ),
    type(
      () => call(loss, [1, 2], [1, 2]),
      `${fn}: "prediction" expected a tensor, got an array of length 2; make one with tensor()`,
    ),
    type(() => call(loss, p, "abc"), `${fn}: "target" expected a number, nested arrays or a typed array, got "abc"`),
    type(() => call(loss, p, ["a", "b", "c"]), `${fn}: "target" expected a number at [0], got "a"`),
    type(
      () => call(loss, p, undefined),
      `${fn}: "target" expected a number, nested arrays or a typed array, got undefined`,
    ),
    range(
      () => call(loss, p, t, { reduction: "average" }),
      `${fn}: "reduction" expected "mean", "sum" or "none", got "average"`,
    ),
    type(() => call(loss, p, t, 0.5), `${fn}: "options" expected an object, got 0.5`),
    type(() => call(loss, p, t, null), `${fn}: "options" expected an object, got null`),
  ];
}
