// The main job: a network that reads handwritten digits, trained on all of MNIST. See --help for its flags.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { crossEntropy, hinge, meanSquaredError } from "@downhill/losses";
import type { History, LossFunction } from "@downhill/nn";
import { accuracy, fit, Linear, predict, ReLU, Sequential, Softmax } from "@downhill/nn";
import type { Output } from "@downhill/nn/terminal";
import { progressBar } from "@downhill/nn/terminal";
import { Adam, SGD } from "@downhill/optimizers";
import type { Schedule } from "@downhill/schedulers";
import { cosineDecay } from "@downhill/schedulers";
import type { Parameter } from "@downhill/tensor";
import { encodeSafetensors, manualSeed } from "@downhill/tensor";
import type { Digits } from "./digits.js";
import { loadDigits, oneHotRows } from "./digits.js";
import type { Flags, LossName, OptimizerName } from "./flags.js";
import { flagHelp, parseFlags } from "./flags.js";
import { writeReport } from "./report/report.js";
import { report, runAsScript } from "./script.js";

/** What `run` can be told besides the flags; all digits by default. */
export interface Options extends Flags {
  readonly trainDigits?: number;
  readonly testDigits?: number;
  readonly stream?: Output;
}

/** What `run` gives back. */
export interface Result {
  readonly model: Sequential;
  readonly history: History;
  /** Share of the test digits that are read right. */
  readonly testAccuracy: number;
  /** Paths of the files that were written. */
  readonly weights: string;
  readonly page: string;
}

/** Each loss with the end of the model and the form of the targets that it wants. */
const losses: Record<
  LossName,
  { loss: LossFunction; end: Softmax[]; targets: (digits: Digits) => Int32Array | ReturnType<typeof oneHotRows> }
> = {
  "cross-entropy": { loss: crossEntropy, end: [], targets: ({ labels }) => labels },
  "mean-squared-error": { loss: meanSquaredError, end: [new Softmax()], targets: ({ labels }) => oneHotRows(labels) },
  // One "this digit or not" per output.
  hinge: { loss: hinge, end: [], targets: ({ labels }) => oneHotRows(labels, 1, -1) },
};

const optimizers: Record<OptimizerName, (parameters: Parameter[], lr: Schedule) => Adam | SGD> = {
  adam: (parameters, lr) => new Adam(parameters, { lr }),
  sgd: (parameters, lr) => new SGD(parameters, { lr, momentum: 0.9 }),
};

/** Trains 784-128-10, prints its course, and writes the weights and a report to a folder. */
export async function run(options: Options): Promise<Result> {
  const { epochs, batchSize, learningRate, seed, stream = process.stdout } = options;
  const print = (line: string) => stream.write(`${line}\n`);
  const folder = resolve(options.output);
  mkdirSync(folder, { recursive: true }); // before the work, in case it can't be

  manualSeed(seed);
  const train = loadDigits("train", options.trainDigits);
  const test = loadDigits("test", options.testDigits);
  const { loss, end, targets } = losses[options.loss];
  const model = new Sequential([new Linear(784, 128), new ReLU(), new Linear(128, 10), ...end]);
  const count = model.parameters().reduce((sum, { size }) => sum + size, 0);
  const steps = epochs * Math.ceil(train.count / batchSize);
  const optimizer = optimizers[options.optimizer](model.parameters(), cosineDecay(learningRate, { steps }));
  print(
    `${thousands(train.count)} digits to learn from, ${thousands(test.count)} to test on; 784-128-10, ${thousands(count)} parameters`,
  );
  print(`${options.loss}, ${options.optimizer}, learning rate ${learningRate}, batches of ${batchSize}, seed ${seed}`);

  const history = await fit(
    model,
    { inputs: train.images, targets: targets(train) },
    {
      loss,
      optimizer,
      epochs,
      batchSize,
      metrics: { accuracy },
      validation: { inputs: test.images, targets: targets(test) },
      callbacks: [
        progressBar({ stream, labels: { validationLoss: "test loss", validationAccuracy: "test accuracy" } }),
      ],
    },
  );

  const testAccuracy = history.values("validationAccuracy").at(-1) as number;
  const weights = join(folder, "weights.safetensors");
  const metadata = { loss: options.loss, epochs: String(epochs), accuracy: testAccuracy.toFixed(4) };
  writeFileSync(weights, await encodeSafetensors(model.stateDict(), metadata));
  const outputs = await predict(model, test.images, { batchSize: 1000 });
  const scores = options.loss === "mean-squared-error" ? outputs : outputs.softmax();
  const page = join(folder, "report.html");
  const settings = {
    Network: `784-128-10, ${thousands(count)} parameters`,
    Loss: options.loss,
    Optimizer: options.optimizer,
    "Learning rate": `${learningRate}, falling to 0 along a cosine`,
    "Batch size": String(batchSize),
    Seed: String(seed),
    "Training digits": thousands(train.count),
    "Test digits": thousands(test.count),
  };
  writeReport(page, { history, settings, test, scores: (await scores.data()) as Float32Array });

  const seconds = history.epochs.reduce((sum, each) => sum + each.seconds, 0) / epochs;
  print(`${(100 * testAccuracy).toFixed(2)} % of the test digits are read right; ${seconds.toFixed(1)} s per epoch`);
  print(`weights: ${weights}`);
  print(`report:  ${pathToFileURL(page)} (opens in a browser)`);
  return { model, history, testAccuracy, weights, page };
}

/** The command: gives its exit code. */
export async function main(args: string[]): Promise<number> {
  return report("mnist", async () => {
    const flags = parseFlags(args);
    if (flags === "help") console.log(flagHelp);
    else await run(flags);
  });
}

function thousands(count: number): string {
  return count.toLocaleString("en");
}

await runAsScript(import.meta.url, main);
