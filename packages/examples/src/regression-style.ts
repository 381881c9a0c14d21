// A classifier trained like a regression: mean squared error between softmax outputs and one-hot rows, through fit.
import { meanSquaredError } from "@downhill/losses";
import { accuracy, evaluate, fit, Linear, ReLU, Sequential, Softmax } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import { manualSeed } from "@downhill/tensor";
import { loadDigits, oneHotRows } from "./digits.js";
import type { StoryOptions } from "./script.js";
import { report, runAsScript } from "./script.js";

/** Trains 784-10-10 with mean squared error for 5 epochs; gives the accuracy on the test digits. */
export async function run({ trainDigits, testDigits, print = console.log }: StoryOptions = {}): Promise<number> {
  manualSeed(0);
  const train = loadDigits("train", trainDigits);
  const test = loadDigits("test", testDigits);
  const model = new Sequential([new Linear(784, 10), new ReLU(), new Linear(10, 10), new Softmax()]);

  const history = await fit(
    model,
    { inputs: train.images, targets: oneHotRows(train.labels) },
    {
      loss: meanSquaredError,
      optimizer: new Adam(model.parameters()),
      epochs: 5,
      batchSize: 32,
      metrics: { accuracy },
    },
  );
  for (const { epoch, metrics } of history.epochs)
    print(`epoch ${epoch}/5  loss ${metrics.loss?.toFixed(4)}  accuracy ${metrics.accuracy?.toFixed(4)}`);

  const result = await evaluate(
    model,
    { inputs: test.images, targets: oneHotRows(test.labels) },
    { loss: meanSquaredError, metrics: { accuracy }, batchSize: 1000 },
  );
  print(`accuracy on ${test.count} test digits: ${(100 * result.accuracy).toFixed(2)} %`);
  return result.accuracy;
}

await runAsScript(import.meta.url, () => report("regression-style", () => run()));
