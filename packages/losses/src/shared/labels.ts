import type { Tensor } from "@downhill/tensor";
import { hostValues, tensor, where, zerosLike } from "@downhill/tensor";
import type { Factors } from "./weights.js";

/** Class labels, checked. */
export interface Labels {
  /** int32, every entry the index of a class; class 0 stands in where the label is ignored. */
  readonly index: Tensor;
  /** The same as plain numbers, where JavaScript knows them. */
  readonly host: ArrayLike<number> | null;
  /** 1 where the label counts, 0 where it is ignored; null when all count. */
  readonly keep: Factors | null;
}

/**
 * Labels that JavaScript knows are checked here, before any work; what is computed on the device is checked when it runs.
 *
 * Known labels without an ignored one give a simpler graph. So training has at most two plans, one for batches with and one
 * for batches without ignored labels, however many there are. Where `mask` is 0 a known label is ignored, whatever it is.
 */
export function classLabels(
  fn: string,
  target: Tensor,
  classes: number,
  ignoreIndex: number,
  mask: ArrayLike<number> | null = null,
): Labels {
  const host = hostValues(target);
  if (host === null) return computedLabels(fn, target, ignoreIndex);
  const isIgnored = (label: number, i: number): boolean => label === ignoreIndex || mask?.[i] === 0;
  let ignored = 0;
  for (let i = 0; i < host.length; i++) {
    const label = host[i] as number;
    if (isIgnored(label, i)) ignored++;
    else if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw wrongLabel(fn, label, i, classes, ignoreIndex);
  }
  if (ignored === 0 && target.dtype === "int32") return { index: target, host, keep: null };
  const safe = Int32Array.from(host, (label, i) => (isIgnored(label, i) ? 0 : label));
  const keep = ignored === 0 ? null : Array.from(host, (label, i) => (isIgnored(label, i) ? 0 : 1));
  return { index: tensor(safe, { shape: target.shape }), host: safe, keep };
}

function computedLabels(fn: string, target: Tensor, ignoreIndex: number): Labels {
  if (target.dtype === "float32")
    throw new TypeError(`${fn}: "target" expected int32 class indices, got computed float32; use .cast("int32")`);
  const labels = target.cast("int32");
  const counts = labels.notEqual(ignoreIndex);
  return { index: where(counts, labels, zerosLike(labels)), host: null, keep: counts.cast("float32") };
}

function wrongLabel(fn: string, label: number, position: number, classes: number, ignoreIndex: number): RangeError {
  const got = `got ${label} at position ${position}`;
  if (!Number.isInteger(label)) return new RangeError(`${fn}: "target" expected integers as class indices, ${got}`);
  const fix = label === classes ? "; classes are counted from 0" : "";
  return new RangeError(
    `${fn}: "target" expected class indices from 0 to ${classes - 1} or "ignoreIndex" ${ignoreIndex}, ${got}${fix}`,
  );
}
