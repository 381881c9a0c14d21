import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, norm, tensor, where, zerosLike } from "@downhill/tensor";
import { predictionOf, tensorOf } from "./inputs.js";
import { show } from "./weights.js";

/** Labels of embeddings. */
export interface Groups {
  /** int32, `[batch]`. */
  readonly index: Tensor;
  /** The same as plain numbers, where JavaScript knows them. */
  readonly host: ArrayLike<number> | null;
}

/** A matrix with one embedding (or one proxy, one weight) per row, as float32. */
export function rowsOf(fn: string, name: string, value: Tensor, wanted = "[batch, dims]"): Tensor {
  const x = predictionOf(fn, name, value);
  if (x.rank !== 2 || x.shape[1] === 0)
    throw new RangeError(
      `${fn}: "${name}" expected shape ${wanted}${x.rank === 2 ? " with at least 1 of dims" : ""}, got shape ${show(x.shape)}`,
    );
  return x;
}

/** One label per embedding: any integers, or the indices of `classes` when that is given. */
export function groupsOf(fn: string, value: TensorLike, batch: number, classes?: number): Groups {
  const labels = tensorOf(fn, "labels", value);
  if (labels.rank !== 1 || labels.size !== batch) {
    const column = labels.rank === 2 && labels.shape[0] === batch && labels.shape[1] === 1;
    throw new RangeError(
      `${fn}: "labels" expected one integer per embedding, shape [${batch}], got shape ${show(labels.shape)}${
        column ? '; drop the last axis of "labels" with .squeeze(-1)' : ""
      }`,
    );
  }
  const host = hostValues(labels);
  if (host === null) {
    if (labels.dtype === "float32")
      throw new TypeError(`${fn}: "labels" expected int32, got computed float32; use .cast("int32")`);
    return { index: labels.cast("int32"), host };
  }
  for (let i = 0; i < host.length; i++) {
    const label = host[i] as number;
    if (!Number.isInteger(label) || label !== (label | 0))
      throw new RangeError(`${fn}: "labels" expected int32 integers, got ${label} at position ${i}`);
    if (classes !== undefined && !(label >= 0 && label < classes))
      throw new RangeError(
        `${fn}: "labels" expected class indices from 0 to ${classes - 1}, got ${label} at position ${i}${
          label === classes ? "; classes are counted from 0" : ""
        }`,
      );
  }
  return labels.dtype === "int32"
    ? { index: labels, host }
    : { index: tensor(Int32Array.from(host), { shape: labels.shape }), host };
}

/** Square root whose gradient at 0 is 0 instead of infinite. */
export function safeSqrt(x: Tensor): Tensor {
  const zero = x.equal(0);
  return where(zero, zerosLike(x), where(zero, 1, x).sqrt());
}

/** Rows of length 1. A row of zeros stays as it is and gets gradient 0 (PyTorch: 1e12 times what comes in). */
export function unitRows(x: Tensor): Tensor {
  const length = norm(x, { axis: -1, keepDims: true });
  const zero = length.equal(0);
  return where(zero, 0, x.div(where(zero, 1, length)));
}

/** Cosines between all rows of `x` and all rows of `y`: `[x rows, y rows]`. */
export function cosines(x: Tensor, y: Tensor = x): Tensor {
  const unit = unitRows(x);
  return unit.matmul((y === x ? unit : unitRows(y)).transpose());
}

/** Euclidean distances between all rows; gradient 0 where they are equal. */
export function distances(x: Tensor): Tensor {
  // The value from the differences: |x|² + |y|² - 2xy loses all digits for rows that are close. Its slope does not, once the rows
  // are centered, and needs nothing of three axes.
  const value = x.unsqueeze(1).sub(x.unsqueeze(0)).square().sum({ axis: -1 }).detach();
  if (!x.requiresGrad) return value.sqrt();
  const c = x.sub(x.mean({ axis: 0, keepDims: true }).detach());
  const length = c.square().sum({ axis: -1 });
  const slope = length.unsqueeze(1).add(length.unsqueeze(0)).sub(c.matmul(c.transpose()).mul(2));
  return safeSqrt(value.add(slope.sub(slope.detach())));
}
