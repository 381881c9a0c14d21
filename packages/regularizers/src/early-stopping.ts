import type { Layer } from "@downhill/tensor";
import { assignAll, describe, inRange, integer, Parameter, state } from "@downhill/tensor";

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions {
  /** Name of the metric to watch in `fit`. @defaultValue "validationLoss" */
  readonly metric?: string | undefined;
  /** Whether the metric is better when it is lower or higher; to be left out only when its name ends in "loss" or "error". @defaultValue "min" for those */
  readonly mode?: "min" | "max" | undefined;
  /** How many epochs in a row may bring no improvement; that many end the training. An integer of at least 1. @defaultValue 3 */
  readonly patience?: number | undefined;
  /** By more than this the metric must get better to count, a finite number of at least 0. @defaultValue 0 */
  readonly minDelta?: number | undefined;
  /** Keep a copy of the best weights, and put them back when `fit` ends. @defaultValue true */
  readonly restoreBest?: boolean | undefined;
  /** The weights to keep. @defaultValue those of the model in `fit` */
  readonly parameters?: Iterable<Parameter> | undefined;
}

/** What one epoch meant. */
export interface EarlyStoppingResult {
  /** The metric is better than ever before. */
  readonly improved: boolean;
  /** Time to stop. */
  readonly stop: boolean;
  /** Best value so far. */
  readonly best: number;
  /** In which epoch that was, from 1. */
  readonly bestEpoch: number;
  /** Epochs since then. */
  readonly wait: number;
}

/** What `fit` tells its callbacks, as far as it matters here. */
export interface EarlyStoppingContext {
  /** The model in training. */
  readonly model: Layer;
  /** Results of the epoch by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A weight and its best value so far. */
interface Kept {
  readonly parameter: Parameter;
  readonly copy: Parameter;
}

const known = ["metric", "mode", "patience", "minDelta", "restoreBest", "parameters"];

/**
 * Ends training when a metric no longer gets better, and gives back the best weights.
 *
 * An epoch improves when its value $v$ beats the best one by more than `minDelta`:
 * $v < b - \delta$ with mode "min", $v > b + \delta$ with "max"; the first epoch always does. After `patience` epochs in a
 * row without improvement it says stop. Best weights are copies, and are put back however the training ends.
 *
 * As a callback of `fit` it needs nothing else: `fit(model, data, { callbacks: [new EarlyStopping()], ... })`. In a loop of
 * your own call `observe()` after each epoch and `restore()` at the end.
 *
 * @example
 * ```ts
 * import { EarlyStopping } from "@downhill/regularizers";
 * import { parameter } from "@downhill/tensor";
 *
 * const weight = parameter([0]);
 * const stopping = new EarlyStopping({ patience: 2, parameters: [weight] });
 * for (const [epoch, loss] of [0.5, 0.3, 0.4, 0.35, 0.1].entries()) {
 *   weight.assign([epoch + 1]);
 *   if (stopping.observe(loss).stop) break;
 * }
 * await weight.array(); // => [4]
 * stopping.best; // => 0.3
 * await stopping.restore();
 * await weight.array(); // => [2]
 * ```
 * @reference Prechelt (1998), Early Stopping — But When?, https://doi.org/10.1007/3-540-49430-8_3; patience counts as in Keras, https://keras.io/api/callbacks/early_stopping/
 */
export class EarlyStopping {
  readonly #metric: string;
  readonly #sign: 1 | -1;
  readonly #patience: number;
  readonly #minDelta: number;
  readonly #restoreBest: boolean;
  readonly #parameters: readonly Parameter[] | null;
  #kept: readonly Kept[] = [];
  #epoch = 0;
  #best = Number.NaN;
  #bestEpoch = 0;

  /**
   * @param options - see {@link EarlyStoppingOptions}
   * @throws TypeError when `mode` is left out and the metric's name does not tell it, or an option is unknown or of the
   * wrong kind
   * @throws RangeError when an option is out of its range
   */
  constructor(options: EarlyStoppingOptions = {}) {
    if (typeof options !== "object" || options === null)
      throw new TypeError(
        `EarlyStopping: "options" expected an object such as { patience: 3 }, got ${describe(options)}`,
      );
    for (const key of Object.keys(options))
      if (!known.includes(key))
        throw new TypeError(`EarlyStopping: "options" expected ${known.join(", ")}, got ${JSON.stringify(key)}`);
    const { metric = "validationLoss", mode, patience = 3, minDelta = 0, restoreBest = true, parameters } = options;
    if (typeof metric !== "string")
      throw new TypeError(`EarlyStopping: "metric" expected the name of a metric, got ${describe(metric)}`);
    this.#metric = metric;
    this.#sign = signOf(metric, mode);
    integer("EarlyStopping", "patience", patience, 1);
    inRange("EarlyStopping", "minDelta", minDelta, 0, Number.POSITIVE_INFINITY);
    if (typeof restoreBest !== "boolean")
      throw new TypeError(`EarlyStopping: "restoreBest" expected true or false, got ${describe(restoreBest)}`);
    this.#patience = patience;
    this.#minDelta = minDelta;
    this.#restoreBest = restoreBest;
    this.#parameters = parameters === undefined ? null : checked(parameters);
  }

  /** Best value so far; NaN before the first epoch. */
  get best(): number {
    return this.#best;
  }
  /** In which epoch that was, from 1; 0 before the first. */
  get bestEpoch(): number {
    return this.#bestEpoch;
  }
  /** Epochs since then. */
  get wait(): number {
    return this.#epoch - this.#bestEpoch;
  }

  /**
   * Takes the metric of the next epoch.
   *
   * @param value - the metric; may be infinite
   * @param parameters - the weights to copy if this is the best epoch. Default those of the constructor
   * @returns whether it improved, whether to stop, and the best so far
   * @throws RangeError when the value is NaN, TypeError when it is no number
   */
  observe(value: number, parameters?: Iterable<Parameter>): EarlyStoppingResult {
    if (typeof value !== "number")
      throw new TypeError(`EarlyStopping: "${this.#metric}" expected a number, got ${describe(value)}`);
    const epoch = this.#epoch + 1;
    if (Number.isNaN(value))
      throw new RangeError(
        `EarlyStopping: "${this.#metric}" expected a number, got NaN in epoch ${epoch}; try a lower learning rate`,
      );
    const weights = parameters === undefined ? this.#parameters : checked(parameters);
    const improved = this.#bestEpoch === 0 || this.#sign * (value - this.#best) > this.#minDelta;
    if (improved && this.#restoreBest) this.#keep(weights ?? []);
    this.#epoch = epoch;
    if (improved) [this.#best, this.#bestEpoch] = [value, epoch];
    const { best, bestEpoch, wait } = this;
    return { improved, stop: wait >= this.#patience, best, bestEpoch, wait };
  }

  /**
   * Puts the best weights back.
   *
   * @throws Error (a rejection) when none were kept
   */
  async restore(): Promise<void> {
    if (this.#kept.length === 0)
      throw new Error(
        "EarlyStopping.restore: no weights were kept; pass them to observe() or the constructor, with restoreBest: true",
      );
    await assignAll(this.#kept.map(({ parameter, copy }) => [parameter, copy]));
  }

  /** Forgets what it has seen, for another training. */
  reset(): void {
    this.#kept = [];
    this.#epoch = 0;
    this.#best = Number.NaN;
    this.#bestEpoch = 0;
  }

  /** For `fit`: starts afresh. */
  onTrainBegin(): void {
    this.reset();
  }

  /**
   * For `fit`: takes the metric of the epoch; true stops the training.
   *
   * @throws RangeError when there is no such metric or it is NaN; TypeError when the model has no parameters to keep
   */
  onEpochEnd({ model, metrics }: EarlyStoppingContext): boolean {
    const value = metrics[this.#metric];
    if (value === undefined) {
      const names = Object.keys(metrics).map((name) => JSON.stringify(name));
      const hint = this.#metric.startsWith("validation") ? '; for it, give fit the option "validation"' : "";
      throw new RangeError(
        `EarlyStopping: "metric" expected one of ${names.join(", ")}, got ${JSON.stringify(this.#metric)}${hint}`,
      );
    }
    return this.observe(value, this.#restoreBest ? this.#weightsOf(model) : []).stop;
  }

  /** For `fit`: puts the best weights back, also after an abort or an error. */
  async onTrainEnd(): Promise<void> {
    if (this.#kept.length > 0) await this.restore();
  }

  #weightsOf(model: Layer): readonly Parameter[] {
    if (this.#parameters !== null) return this.#parameters;
    if (typeof model.parameters !== "function")
      throw new TypeError(
        'EarlyStopping: "model" expected a model with parameters(), got one without; pass { parameters }, or { restoreBest: false }',
      );
    return model.parameters();
  }

  /** Copies values inside the engine, into the same memory every time. */
  #keep(parameters: readonly Parameter[]): void {
    const kept = this.#kept;
    if (parameters.length !== kept.length || !kept.every(({ parameter }, i) => parameter === parameters[i]))
      this.#kept = parameters.map((parameter) => {
        const { name, shape, size } = parameter;
        return { parameter, copy: state(new Float32Array(size), { shape, name: `best ${name}` }) };
      });
    for (const { parameter, copy } of this.#kept) copy.assign(parameter);
  }
}

function signOf(metric: string, mode: unknown): 1 | -1 {
  if (mode === "max") return 1;
  if (mode === "min" || (mode === undefined && /(loss|error)$/i.test(metric))) return -1;
  const wrong = mode === undefined ? TypeError : RangeError;
  throw new wrong(
    `EarlyStopping: "mode" expected "min" or "max", got ${describe(mode)}; say whether lower or higher "${metric}" is better`,
  );
}

function checked(parameters: Iterable<Parameter>): Parameter[] {
  if (typeof parameters !== "object" || parameters === null || !(Symbol.iterator in parameters))
    throw new TypeError(
      `EarlyStopping: "parameters" expected an iterable of Parameters, got ${describe(parameters)}; pass model.parameters()`,
    );
  return [...parameters].map((each) => {
    if (each instanceof Parameter) return each;
    throw new TypeError(`EarlyStopping: "parameters" expected Parameters, got ${describe(each)}`);
  });
}
