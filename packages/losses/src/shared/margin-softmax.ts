import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, pick, where } from "@downhill/tensor";
import { reduced } from "./elementwise.js";
import { cosines, groupsOf, rowsOf } from "./embeddings.js";
import { logSoftmaxTerms } from "./log-softmax-terms.js";
import type { LossOptions, Reduction } from "./options.js";
import { show } from "./weights.js";

/** Embeddings, and one row of as many numbers per class, with the number of classes. */
export function withClasses(
  fn: string,
  embeddings: Tensor,
  name: string,
  value: Tensor,
): [x: Tensor, rows: Tensor, classes: number] {
  const x = rowsOf(fn, "embeddings", embeddings);
  const rows = rowsOf(fn, name, value, "[classes, dims]");
  const [classes, dims] = rows.shape as readonly [number, number];
  if (dims !== x.shape[1] || classes === 0)
    throw new RangeError(
      `${fn}: "${name}" expected one row per class with the dims of "embeddings", shape [classes, ${x.shape[1]}], got shape ${show(rows.shape)}${
        classes === x.shape[1] ? "; turn it with .transpose()" : ""
      }`,
    );
  return [x, rows, classes];
}

/**
 * Cross entropy of scaled cosines between embeddings and class weights, in which `harder` lowers the cosine with the class of the
 * label.
 */
export function marginSoftmax(
  fn: string,
  embeddings: Tensor,
  labels: TensorLike,
  weight: Tensor,
  scale: number,
  harder: (cosine: Tensor) => Tensor,
  reduction: Reduction,
  options: LossOptions,
): Tensor {
  const [x, rows, classes] = withClasses(fn, embeddings, "weight", weight);
  const batch = x.shape[0] as number;
  const { index } = groupsOf(fn, labels, batch, classes);
  if (batch === 0) return reduced(fn, x.sum({ axis: -1 }), reduction, options);
  const cosine = cosines(x, rows);
  const own = index.unsqueeze(1).equal(arange(classes));
  const { shifted, logSum } = logSoftmaxTerms(where(own, harder(cosine), cosine).mul(scale));
  return reduced(fn, logSum.sub(pick(shifted, index)), reduction, options);
}
