import type { Layer } from "@downhill/tensor";
import { evaluate as compute, integer, noGrad } from "@downhill/tensor";
import type { Source } from "./batches.js";
import { sourceOf } from "./batches.js";
import type { Data } from "./data.js";
import { Means } from "./means.js";
import type { LossFunction, Metric } from "./metric.js";
import { checkModel, checkOptions, scalarOf } from "./metric.js";
import { Pacer } from "./pacer.js";
import { setTraining } from "./tree.js";

/** Options of {@link evaluate}. */
export interface EvaluateOptions<M extends Readonly<Record<string, Metric>> = Readonly<Record<string, Metric>>> {
  /** The loss, such as `crossEntropy`. */
  readonly loss: LossFunction;
  /** Metrics by name, such as `{ accuracy }`. */
  readonly metrics?: M | undefined;
  /** Examples that are computed together, an integer of at least 1; for data that does not come in batches. @defaultValue 32 */
  readonly batchSize?: number | undefined;
}

/** What {@link evaluate} gives: the loss, and each metric by its name. */
export type EvaluateResult<M extends Readonly<Record<string, Metric>>> = {
  /** The mean loss. */
  loss: number;
} & { [Name in keyof M]: number };

/**
 * Loss and metrics of a model on data, as means over all examples. Dropout and its kin are off meanwhile.
 *
 * @param model - anything with `forward(x)`
 * @param data - `{ inputs, targets }` or batches of them
 * @param options - `loss`, `metrics`, `batchSize` (default 32)
 * @returns `{ loss }` and each metric by its name
 * @throws RangeError when inputs and targets differ in length, when there are none, and for a batch size below 1;
 * TypeError when model, data, loss or a metric is of the wrong kind
 * @example
 * import { accuracy, evaluate, Linear } from "@downhill/nn";
 * import type { Tensor } from "@downhill/tensor";
 * const model = new Linear(1, 2);
 * model.weight.assign([[-1], [1]]);
 * model.bias?.assign([0, 0]);
 * const loss = (prediction: Tensor, target: Tensor) => prediction.argmax({ axis: 1 }).notEqual(target).mean();
 * const data = { inputs: [[-1], [2], [3]], targets: new Int32Array([0, 1, 0]) };
 * await evaluate(model, data, { loss, metrics: { accuracy } }); // => { loss: 0.333333, accuracy: 0.666667 }
 */
export async function evaluate<const M extends Readonly<Record<string, Metric>>>(
  model: Layer,
  data: Data,
  options: EvaluateOptions<M>,
): Promise<EvaluateResult<M>> {
  checkModel("evaluate", model);
  checkOptions("evaluate", options, ["loss", "metrics", "batchSize"]);
  const { batchSize = 32 } = options;
  integer("evaluate", "batchSize", batchSize, 1);
  const source = await sourceOf("evaluate", data, batchSize);
  return (await measureAll("evaluate", model, source, options, new Pacer())) as EvaluateResult<M>;
}

/** Loss and metrics over all batches; undefined when the signal was aborted on the way. */
export async function measureAll(
  fn: string,
  model: Layer,
  source: Source,
  { loss, metrics = {} }: EvaluateOptions,
  pacer: Pacer,
  signal?: AbortSignal,
): Promise<Record<string, number> | undefined> {
  const measures = Object.entries({ loss, ...metrics });
  const means = new Means(measures.map(([name]) => name));
  const restore = setTraining(model, false);
  try {
    let step = 0;
    for await (const { inputs, targets, count } of source.epoch(false)) {
      const values = noGrad(() => {
        const prediction = model.forward(inputs);
        return measures.map(([name, measure]) => scalarOf(fn, name, measure(prediction, targets)));
      });
      await compute(...values);
      means.add(++step, count, values);
      if (means.full) await means.read();
      if (pacer.due) await pacer.rest();
      if (signal?.aborted) return undefined;
    }
    await means.read();
  } finally {
    restore();
  }
  return means.result();
}
