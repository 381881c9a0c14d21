import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, cumsum, hostValues, sameShape, tensor } from "@downhill/tensor";
import { reduced } from "../shared/elementwise.js";
import { predictionOf, tensorOf } from "../shared/inputs.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { show } from "../shared/weights.js";

/**
 * Multi-label margin loss: the score of each right class above that of each wrong one by a margin of 1, for examples with several right
 * classes.
 *
 * $$ \ell(s, Y) = \frac1C \sum_{y \in Y} \sum_{c \notin Y} \max(0,\; 1 - s_y + s_c) $$
 *
 * for $C$ classes. The gradient exactly at the margin is 0. An example without any right class costs nothing, and a class that is listed
 * twice counts twice, as in PyTorch. Time and memory grow with the square of the number of classes.
 *
 * @param prediction - `[..., classes]`, scores: any real numbers
 * @param target - `[..., classes]`, the right classes of each example, then -1: integers from 0 to classes - 1; what follows the first
 * -1 is not looked at
 * @param options - `reduction`, `sampleWeight` (per example)
 * @returns the mean over all examples (a scalar); `[...]` for reduction `"none"`
 * @throws RangeError when a class is out of range (naming it; classes that the device computes are not checked), the shapes differ or an
 * option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { multiLabelMargin } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.1, 0.2, 0.4, 0.8]]);
 * await multiLabelMargin(scores, [[3, 0, -1, 1]]).item(); // => 0.85
 * multiLabelMargin(scores, [[3, 4, -1, -1]]); // throws RangeError: multiLabelMargin: "target" expected classes from 0 to 3, then -1,
 * // got 4 at position 1; classes are counted from 0
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.MultiLabelMarginLoss,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export function multiLabelMargin(prediction: Tensor, target: TensorLike, options: LossOptions = {}): Tensor {
  const fn = "multiLabelMargin";
  const reduction = checkOptions(fn, options);
  const scores = predictionOf(fn, "prediction", prediction);
  const lists = tensorOf(fn, "target", target);
  sameShape(fn, { prediction: scores, target: lists });
  const classes = scores.shape.at(-1);
  if (classes === undefined)
    throw new RangeError(`${fn}: "prediction" expected at least one axis (the classes), got a scalar`);
  if (classes === 0)
    throw new RangeError(`${fn}: "prediction" expected at least 1 class, got shape ${show(scores.shape)}`);
  const counts = countsOf(fn, lists, classes);
  if (scores.size === 0) return reduced(fn, scores.sum({ axis: -1 }), reduction, options);
  // [..., right, wrong]
  const violation = scores.unsqueeze(-2).sub(scores.unsqueeze(-1)).add(1).relu();
  const wrong = counts.equal(0).cast("float32").unsqueeze(-2);
  const losses = violation
    .mul(wrong)
    .sum({ axis: -1 })
    .mul(counts)
    .sum({ axis: -1 })
    .mul(1 / classes);
  return reduced(fn, losses, reduction, options);
}

/** How often each class is listed before the first -1, `[..., classes]`. */
function countsOf(fn: string, lists: Tensor, classes: number): Tensor {
  const host = hostValues(lists);
  if (host === null) {
    const listed = cumsum(lists.less(0).cast("float32")).equal(0).unsqueeze(-2);
    const equal = lists.cast("float32").unsqueeze(-2).equal(arange(classes).unsqueeze(-1));
    return equal.logicalAnd(listed).cast("float32").sum({ axis: -1 });
  }
  const counts = new Float32Array(host.length);
  for (let start = 0; start < host.length; start += classes)
    for (let i = start; i < start + classes && host[i] !== -1; i++) {
      const label = host[i] as number;
      const got = `got ${label} at position ${i}`;
      if (!Number.isInteger(label)) throw new RangeError(`${fn}: "target" expected integers as classes, ${got}`);
      if (label < 0 || label >= classes)
        throw new RangeError(
          `${fn}: "target" expected classes from 0 to ${classes - 1}, then -1, ${got}${label === classes ? "; classes are counted from 0" : ""}`,
        );
      counts[start + label] = (counts[start + label] as number) + 1;
    }
  return tensor(counts, { shape: lists.shape });
}
