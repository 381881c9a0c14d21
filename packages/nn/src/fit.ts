import type { Layer, Tensor } from "@downhill/tensor";
import { evaluate as compute, describe, inRange, integer, noGrad } from "@downhill/tensor";
import type { Source, TensorBatch } from "./batches.js";
import { isDataset, readTable, sourceOf, split, tableSource } from "./batches.js";
import type { Callback, TrainingContext } from "./callback.js";
import { call } from "./callback.js";
import type { Data } from "./data.js";
import { measureAll } from "./evaluate.js";
import { History } from "./history.js";
import { Means } from "./means.js";
import type { LossFunction, Metric } from "./metric.js";
import { checkModel, checkOptions, scalarOf } from "./metric.js";
import { Pacer } from "./pacer.js";
import { setTraining } from "./tree.js";

/** What `fit` needs of an optimizer; those of `@downhill/optimizers` have it. */
export interface FitOptimizer {
  /** Forgets the gradients. */
  zeroGrad(): void;
  /** Updates the parameters; may return a promise. */
  step(): unknown;
  /** Named in errors where it is a number. */
  readonly lr?: unknown;
}

/** Options of {@link fit}. */
export interface FitOptions {
  /** The loss, such as `crossEntropy`. */
  readonly loss: LossFunction;
  /** The optimizer of the model's parameters. */
  readonly optimizer: FitOptimizer;
  /** How often to go through the data, an integer of at least 1. @defaultValue 1 */
  readonly epochs?: number | undefined;
  /** Examples per step, an integer of at least 1; the last batch of an epoch may have fewer. @defaultValue 32 */
  readonly batchSize?: number | undefined;
  /** Take the examples in another order in each epoch, by `manualSeed`. @defaultValue true */
  readonly shuffle?: boolean | undefined;
  /** Data to measure after each epoch; or the share of the data, between 0 and 1, that is kept back for that (chosen at random, the last examples when `shuffle` is false). */
  readonly validation?: Data | number | undefined;
  /** Metrics by name, such as `{ accuracy }`. */
  readonly metrics?: Readonly<Record<string, Metric>> | undefined;
  /** Code that runs at points of the training, such as a progress bar or early stopping. */
  readonly callbacks?: readonly Callback[] | undefined;
  /** Ends the training when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

const known = "loss optimizer epochs batchSize shuffle validation metrics callbacks signal".split(" ");

/** A loss this many times the first one (or 1) is on its way to infinity. */
const explosion = 1e6;

/**
 * Trains a model: for each batch of each epoch forward, loss, backward, step. The event loop gets a turn every 16 ms, so
 * that a page stays alive. Layers are in training mode meanwhile and put back afterwards.
 *
 * Losses and metrics are means over the examples of an epoch, taken while the weights move; those of the validation data
 * are taken at its end. A signal or a callback ends the training early: an epoch that was not completed is not in the
 * history, its steps stay in the weights.
 *
 * @param model - anything with `forward(x)`
 * @param data - `{ inputs, targets }`, each a tensor, nested arrays, a typed array or `{ data, shape }` with examples along
 * the first axis; or an (async) iterable of such batches, or a function that makes one for each epoch
 * @param options - loss and optimizer, and what is listed in {@link FitOptions}
 * @returns the course of the training
 * @throws RangeError when inputs and targets differ in length, when there are none, and for a number out of range;
 * TypeError when an argument is of the wrong kind; Error when the loss becomes NaN or infinite, or a million times what it
 * was, naming the step, the learning rate and likely causes
 * @example
 * import { fit, Linear } from "@downhill/nn";
 * import { assignAll, manualSeed, type Parameter, type Tensor } from "@downhill/tensor";
 * manualSeed(0);
 * const model = new Linear(1, 1);
 * const loss = (prediction: Tensor, target: Tensor) => prediction.sub(target).square().mean();
 * // Optimizers come from @downhill/optimizers; this is all that one must be.
 * const descend = (parameter: Parameter) => [parameter, parameter.sub(parameter.grad!.mul(0.1))] as const;
 * const optimizer = {
 *   zeroGrad() {
 *     for (const parameter of model.parameters()) parameter.grad = null;
 *   },
 *   step: () => assignAll(model.parameters().map(descend), { consumed: model.parameters() }),
 * };
 * const data = { inputs: [[0], [1], [2], [3]], targets: [[1], [3], [5], [7]] };
 * const history = await fit(model, data, { loss, optimizer, epochs: 100, batchSize: 4 });
 * history.epochs.length; // => 100
 * (history.values("loss").at(-1) ?? 1) < 0.05; // => true
 */
export async function fit(model: Layer, data: Data, options: FitOptions): Promise<History> {
  checkModel("fit", model);
  checkOptions("fit", options, known);
  const { epochs = 1, batchSize = 32, shuffle = true, callbacks = [], signal } = options;
  checkOptimizer(options.optimizer);
  integer("fit", "epochs", epochs, 1);
  integer("fit", "batchSize", batchSize, 1);
  if (!Array.isArray(callbacks) || callbacks.some((each) => typeof each !== "object" || each === null))
    throw new TypeError(`fit: "callbacks" expected an array of objects with hooks, got ${describe(callbacks)}`);
  const { source, held } = await sourcesOf(data, { ...options, batchSize, shuffle });

  const training = new Training(model, source, options);
  const { history } = training;
  const pacer = new Pacer();
  let context: TrainingContext = { model, epoch: 0, epochs, batches: source.batches, metrics: {}, history };
  const restore = setTraining(model, true);
  const run = async (): Promise<void> => {
    if (await call(callbacks, "onTrainBegin", context)) return training.stop("callback");
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const start = performance.now();
      context = { ...context, epoch, batches: training.batches, metrics: {} };
      if (signal?.aborted) return training.stop("aborted");
      if (await call(callbacks, "onEpochBegin", context)) return training.stop("callback");
      const results = await training.epoch(context, callbacks, shuffle, pacer, signal);
      if (results === undefined) return;
      if (held !== undefined) {
        const found = await measureAll("fit", model, held, options, pacer, signal);
        if (found === undefined) return training.stop("aborted");
        for (const [name, value] of Object.entries(found)) results[validationName(name)] = value;
      }
      history.epochs.push({ epoch, seconds: (performance.now() - start) / 1000, metrics: results });
      context = { ...context, metrics: results };
      if (await call(callbacks, "onEpochEnd", context)) return training.stop("callback");
    }
  };
  const failures: unknown[] = [];
  await run().catch((error: unknown) => failures.push(error));
  restore();
  for (const callback of callbacks)
    await call([callback], "onTrainEnd", context).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  return history;
}

/** The steps of a training and their results. */
class Training {
  readonly history = new History();
  /** Batches per epoch, once that is known. */
  batches: number | undefined;
  private readonly metrics: readonly (readonly [string, Metric])[];
  private limit: number | undefined;

  constructor(
    private readonly model: Layer,
    private readonly source: Source,
    private readonly options: FitOptions,
  ) {
    this.batches = source.batches;
    this.metrics = Object.entries(options.metrics ?? {});
  }

  stop(reason: "callback" | "aborted"): undefined {
    this.history.stopReason = reason;
  }

  /** One pass through the data; undefined when it was stopped. */
  async epoch(
    context: TrainingContext,
    callbacks: readonly Callback[],
    shuffle: boolean,
    pacer: Pacer,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, number> | undefined> {
    const means = new Means(["loss", ...this.metrics.map(([name]) => name)]);
    const check = (loss: number, step: number): void => this.check(loss, context.epoch, step);
    const listening = callbacks.some(({ onBatchEnd }) => onBatchEnd !== undefined);
    let metrics: Record<string, number> = {};
    let batch = 0;
    for await (const next of this.source.epoch(shuffle)) {
      means.add(++batch, next.count, await this.step(next, (loss) => check(loss, batch)));
      if (pacer.due || means.full) {
        await means.read(check);
        metrics = means.result();
        if (pacer.due) await pacer.rest();
      }
      if (listening && (await call(callbacks, "onBatchEnd", { ...context, batch, metrics })))
        return this.stop("callback");
      if (signal?.aborted) return this.stop("aborted");
    }
    await means.read(check);
    this.batches = batch;
    return means.result();
  }

  /** One step; gives the loss and the metrics. */
  private async step({ inputs, targets }: TensorBatch, check: (loss: number) => void): Promise<Tensor[]> {
    const { loss, optimizer } = this.options;
    const prediction = this.model.forward(inputs);
    const value = scalarOf("fit", "loss", loss(prediction, targets));
    const values = noGrad(() =>
      this.metrics.map(([name, metric]) => scalarOf("fit", name, metric(prediction, targets))),
    );
    optimizer.zeroGrad();
    value.backward();
    // Metrics look at the prediction: computed here, together with loss and gradients, they cost no second forward pass.
    if (values.length > 0) await compute(value, ...values);
    try {
      await optimizer.step();
    } catch (error) {
      // The optimizer refused the step. Where the loss shows it too, the check knows more about the causes.
      if ((error as Error)?.name === "NonFiniteError") check(await value.item());
      throw error;
    }
    return [value, ...values];
  }

  private check(loss: number, epoch: number, step: number): void {
    this.limit ??= explosion * Math.max(1, Math.abs(loss));
    if (Number.isFinite(loss) && Math.abs(loss) <= this.limit) return;
    const { lr } = this.options.optimizer;
    const rate = typeof lr === "number" ? ` of ${Number(lr.toPrecision(3))}` : "";
    const became = Number.isFinite(loss) ? `grew to ${loss.toPrecision(3)}` : `became ${loss}`;
    const causes = [...this.source.suspicions(), `a learning rate${rate} that is too high: lower it`];
    throw new Error(
      `fit: the loss ${became} in epoch ${epoch}, step ${step}; likely causes: ${causes.join("; ")}. The weights are spoiled: make the model anew`,
    );
  }
}

/** Training data and the data to validate on. */
async function sourcesOf(
  data: Data,
  { validation, batchSize, shuffle }: { validation?: Data | number | undefined; batchSize: number; shuffle: boolean },
): Promise<{ source: Source; held: Source | undefined }> {
  if (typeof validation !== "number") {
    const source = await sourceOf("fit", data, batchSize);
    const held = validation === undefined ? undefined : await sourceOf("fit validation", validation, batchSize);
    return { source, held };
  }
  inRange("fit", "validation", validation, 0, 1, "both");
  if (!isDataset(data))
    throw new TypeError(
      'fit: "validation" expected data of its own, as "data" is a stream of batches; a share needs { inputs, targets }',
    );
  const [rest, taken] = split("fit", await readTable("fit", data), validation, shuffle);
  return { source: tableSource(rest, batchSize), held: tableSource(taken, batchSize) };
}

function checkOptimizer(optimizer: FitOptimizer): void {
  if (typeof optimizer?.zeroGrad === "function" && typeof optimizer.step === "function") return;
  throw new TypeError(
    `fit: "optimizer" expected an optimizer such as new Adam(model.parameters()), got ${describe(optimizer)}`,
  );
}

function validationName(name: string): string {
  return `validation${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
