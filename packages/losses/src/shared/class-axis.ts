import type { Tensor } from "@downhill/tensor";
import { axisIndex } from "@downhill/tensor";
import { same } from "./same.js";
import { show } from "./weights.js";

/**
 * Whether a target holds class indices (the prediction's shape without the classes) or a value per element (its shape). `values` says
 * what these are; null: they are refused.
 */
export function targetKind(
  fn: string,
  prediction: Tensor,
  target: Tensor,
  axis: number,
  values: string | null,
): "indices" | "elements" {
  const { shape } = prediction;
  if (same(target.shape, shape) && values !== null) return "elements";
  if (shape.length === 0)
    throw new RangeError(`${fn}: "target" expected a scalar like "prediction", got shape ${show(target.shape)}`);
  const at = axisIndex(fn, axis, shape.length);
  if (same(target.shape, shape, at)) return "indices";
  const examples = without(shape, at);
  let fix = "";
  if (same(target.shape, [...examples, 1])) fix = '; drop the last axis of "target" with .squeeze(-1)';
  else if (shape.length > 2 && same(target.shape, without(shape, 1)))
    fix = "; when axis 1 holds the classes, set axis: 1";
  else if (same(target.shape, shape)) fix = `; turn one-hot rows into indices with .argmax({ axis: ${axis} })`;
  else if (same(shape, target.shape.slice(0, -1))) fix = "; the prediction comes first, then the target";
  const or = values === null ? "" : ` or ${values} of shape ${show(shape)}`;
  throw new RangeError(
    `${fn}: "target" expected class indices of shape ${show(examples)}${or}, got shape ${show(target.shape)}${fix}`,
  );
}

/** `x` with the axis of the classes moved to the end. */
export function classesLast(fn: string, x: Tensor, axis: number): Tensor {
  const at = axisIndex(fn, axis, x.rank);
  if (at === x.rank - 1) return x;
  const order = x.shape.map((_, i) => i);
  return x.transpose([...without(order, at), at]);
}

function without(list: readonly number[], place: number): number[] {
  return list.filter((_, i) => i !== place);
}
