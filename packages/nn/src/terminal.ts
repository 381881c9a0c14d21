/**
 * A progress bar for training in a terminal; needs the package `cli-progress`.
 *
 * @packageDocumentation
 */
import type { SingleBar } from "cli-progress";
import type { Callback, TrainingContext } from "./callback.js";

/** Where a progress bar writes to: `process.stdout`, `process.stderr` or any other stream. */
export interface Output {
  /** Writes text as it is. */
  write(text: string): unknown;
  /** Whether it is a terminal, where lines can be drawn over. */
  readonly isTTY?: boolean | undefined;
}

/** Options of {@link progressBar}. */
export interface ProgressBarOptions {
  /** Where to write to. @defaultValue `process.stdout` */
  readonly stream?: Output | undefined;
  /** What to call a metric, by its name; `{ validationLoss: "test loss" }`. @defaultValue the words of the name */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/**
 * A callback of `fit` that prints one line per epoch with loss, metrics and time, and in a terminal draws a bar while the
 * epoch runs.
 *
 * In a terminal it needs the package `cli-progress`, an optional peer dependency.
 *
 * @param options - `stream` (default `process.stdout`), `labels`
 * @returns the callback; when training begins in a terminal it throws an Error if `cli-progress` is not installed
 * @example
 * import { History } from "@downhill/nn";
 * import { progressBar } from "@downhill/nn/terminal";
 * const lines: string[] = [];
 * const bar = progressBar({ stream: { write: (text) => lines.push(text) } });
 * const history = new History();
 * const metrics = { loss: 0.25, validationLoss: 0.5 };
 * history.epochs.push({ epoch: 1, seconds: 1.5, metrics });
 * await bar.onEpochEnd?.({ model: { forward: (x) => x }, epoch: 1, epochs: 5, metrics, history });
 * lines[0]; // => "epoch 1/5  loss 0.2500  validation loss 0.5000  1.5 s\n"
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  const { stream = process.stdout, labels = {} } = options;
  if (stream.isTTY !== true)
    return {
      onEpochEnd: (context) => {
        stream.write(`${headOf(context)}  ${textOf(context, labels)}\n`);
      },
    };

  let bar: SingleBar | undefined;
  return {
    async onTrainBegin() {
      const { SingleBar, Presets } = await cliProgress();
      const format = "{head} {bar} {value}/{total}  {metrics}";
      // Nothing of the terminal is changed (cursor, wrapping, signals): nothing stays changed after Ctrl-C.
      const plain = { linewrap: true, hideCursor: null, gracefulExit: false, clearOnComplete: true };
      const options = { ...plain, format, barsize: 24, stream: stream as NodeJS.WritableStream };
      bar = new SingleBar(options, Presets.shades_classic);
    },
    onEpochBegin(context) {
      bar?.start(context.batches ?? 1, 0, { head: headOf(context), metrics: "" });
    },
    onBatchEnd(context) {
      const { batch = 0, batches = batch + 1 } = context;
      bar?.setTotal(batches);
      bar?.update(batch, { metrics: textOf(context, labels) });
    },
    onEpochEnd(context) {
      bar?.stop();
      stream.write(`${headOf(context)}  ${textOf(context, labels)}\n`);
    },
    onTrainEnd() {
      bar?.stop();
    },
  };
}

async function cliProgress(): Promise<typeof import("cli-progress")> {
  try {
    return (await import("cli-progress")).default;
  } catch (cause) {
    throw new Error(
      'progressBar: needs the package "cli-progress" to draw in a terminal; install it with: npm install cli-progress',
      { cause },
    );
  }
}

function headOf({ epoch, epochs }: TrainingContext): string {
  return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

/** The metrics, and the time of an epoch that is done. */
function textOf({ epoch, metrics, history }: TrainingContext, labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(metrics).map(([name, value]) => `${labels[name] ?? words(name)} ${digits(value)}`);
  const done = history.epochs.find((result) => result.epoch === epoch);
  if (done !== undefined) parts.push(`${done.seconds.toFixed(1)} s`);
  return parts.join("  ");
}

function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
}

function digits(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(2) : value.toFixed(4);
}
