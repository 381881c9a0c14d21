import type { Layer } from "@downhill/tensor";
import { describe, integer, noGrad, Tensor, tensor } from "@downhill/tensor";
import { tableSource } from "./batches.js";
import type { Examples } from "./data.js";
import { readRows } from "./data.js";
import { checkModel } from "./metric.js";
import { Pacer } from "./pacer.js";
import { setTraining } from "./tree.js";

/** Options of {@link predict}. */
export interface PredictOptions {
  /** Examples that are computed together, an integer of at least 1. @defaultValue 32 */
  readonly batchSize?: number | undefined;
}

/**
 * The outputs of a model for many inputs, computed batch by batch. Dropout and its kin are off meanwhile.
 *
 * @param model - anything with `forward(x)`
 * @param inputs - `[n, ...]`: a tensor, nested arrays, a typed array, or `{ data, shape }`
 * @param options - `batchSize` (default 32)
 * @returns the outputs one below the other, `[n, ...]`
 * @throws RangeError when there are no inputs, for a batch size below 1, and when the model does not give one output per
 * input; TypeError when model or inputs are of the wrong kind
 * @example
 * import { Linear, predict } from "@downhill/nn";
 * const model = new Linear(2, 1);
 * model.weight.assign([[1, 10]]);
 * model.bias?.assign([0]);
 * const outputs = await predict(model, [[1, 2], [3, 4], [5, 6]]);
 * await outputs.array(); // => [[21], [43], [65]]
 */
export async function predict(model: Layer, inputs: Examples, options: PredictOptions = {}): Promise<Tensor> {
  checkModel("predict", model);
  const { batchSize = 32 } = options;
  integer("predict", "batchSize", batchSize, 1);
  const rows = await readRows("predict", "inputs", inputs);
  const source = tableSource({ inputs: rows, targets: rows, chosen: null }, batchSize);
  const pacer = new Pacer();
  const restore = setTraining(model, false);
  let result: { values: Float32Array | Int32Array | Uint8Array; output: Tensor } | undefined;
  let done = 0;
  try {
    for await (const batch of source.epoch(false)) {
      const output = noGrad(() => model.forward(batch.inputs));
      if (!(output instanceof Tensor))
        throw new TypeError(`predict: "model" expected to return a tensor from forward, got ${describe(output)}`);
      if (output.shape[0] !== batch.count)
        throw new RangeError(
          `predict: "model" expected to give ${batch.count} outputs for as many inputs, got shape [${output.shape.join(", ")}]`,
        );
      const values = await output.data();
      const size = output.size / batch.count;
      result ??= { values: new (values.constructor as typeof Float32Array)(rows.count * size), output };
      result.values.set(values, done * size);
      done += batch.count;
      if (pacer.due) await pacer.rest();
    }
  } finally {
    restore();
  }
  const { values, output } = result as NonNullable<typeof result>;
  return tensor(values, { shape: [rows.count, ...output.shape.slice(1)], dtype: output.dtype });
}
