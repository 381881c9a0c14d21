import { describe, kindOf, measure, Tensor } from "@downhill/tensor";

/** Options of {@link accuracy}. */
export interface AccuracyOptions {
  /** What a binary prediction `[n]` or `[n, 1]` is: logits mean "yes" above 0, probabilities above 0.5. */
  readonly from?: "logits" | "probabilities" | undefined;
}

/**
 * Share of the examples that are classified right, from 0 to 1.
 *
 * Several classes: the largest entry of each row, compared with the class index or with the largest entry of a one-hot
 * target. Binary: each entry against a threshold; a target counts as "yes" above 0.5.
 *
 * @param prediction - `[..., c]` scores, logits or probabilities of c classes; or binary `[n]` or `[n, 1]`
 * @param target - class indices `[...]`, or one-hot `[..., c]`; for a binary prediction 0 or 1 in `[n]` or `[n, 1]`
 * @param options - `from`: needed for a binary prediction, unless a sigmoid just made it
 * @returns a scalar; asking for its gradient throws
 * @throws RangeError when the shapes do not fit together or `from` does not fit the prediction; TypeError when an argument
 * is no tensor or `from` is missing
 * @example
 * import { accuracy } from "@downhill/nn";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[2, 1], [0, 3], [5, 4]]);
 * await accuracy(scores, tensor([0, 1, 1])).item(); // => 0.666667
 * await accuracy(tensor([-2, 0.3]), tensor([0, 1]), { from: "logits" }).item(); // => 1
 */
export function accuracy(prediction: Tensor, target: Tensor, options: AccuracyOptions = {}): Tensor {
  if (!(prediction instanceof Tensor))
    throw new TypeError(`accuracy: "prediction" expected a tensor, got ${describe(prediction)}`);
  if (!(target instanceof Tensor)) throw new TypeError(`accuracy: "target" expected a tensor, got ${describe(target)}`);
  // Array.map would pass an index here.
  const { from } = typeof options === "object" && options !== null ? options : {};
  if (from !== undefined && from !== "logits" && from !== "probabilities")
    throw new RangeError(`accuracy: "from" expected "logits" or "probabilities", got ${describe(from)}`);
  const right = isBinary(prediction)
    ? binary(prediction, target, from)
    : severalClasses(prediction, target, from !== undefined);
  return measure(
    right.mean(),
    prediction,
    "accuracy: it is flat almost everywhere and has no useful gradient; train on crossEntropy or binaryCrossEntropyWithLogits",
  );
}

function isBinary({ rank, shape }: Tensor): boolean {
  return rank === 1 || (rank === 2 && shape[1] === 1);
}

function binary(prediction: Tensor, target: Tensor, from: AccuracyOptions["from"]): Tensor {
  const count = prediction.shape[0] as number;
  if (!isBinary(target) || target.shape[0] !== count)
    throw new RangeError(
      `accuracy: "target" expected shape [${count}] or [${count}, 1] for the binary prediction, got ${show(target)}`,
    );
  const sigmoid = kindOf(prediction) === "sigmoid";
  if (sigmoid && from === "logits")
    throw new RangeError('accuracy: "from" expected "probabilities" for the output of a sigmoid, got "logits"');
  if (!sigmoid && from === undefined)
    throw new TypeError(
      'accuracy: "from" expected for a binary prediction; use (prediction, target) => accuracy(prediction, target, { from: "logits" }), or "probabilities"',
    );
  const threshold = from === "logits" ? 0 : 0.5;
  return prediction
    .reshape([count])
    .greater(threshold)
    .equal(target.reshape([count]).greater(0.5));
}

function severalClasses(prediction: Tensor, target: Tensor, hasFrom: boolean): Tensor {
  if (hasFrom)
    throw new RangeError(
      `accuracy: "from" expected for a binary prediction only, got one for prediction ${show(prediction)}; leave it out`,
    );
  const rows = prediction.shape.slice(0, -1);
  const same = (shape: readonly number[], other: readonly number[]): boolean =>
    shape.length === other.length && shape.every((extent, i) => extent === other[i]);
  const oneHot = same(target.shape, prediction.shape);
  if (prediction.rank === 0 || !(oneHot || same(target.shape, rows)))
    throw new RangeError(
      `accuracy: "target" expected class indices [${rows.join(", ")}] or one-hot ${show(prediction)}, got ${show(target)}`,
    );
  return prediction.argmax({ axis: -1 }).equal(oneHot ? target.argmax({ axis: -1 }) : target);
}

function show({ shape }: Tensor): string {
  return `[${shape.join(", ")}]`;
}
