// A small classifier trained in a loop of one's own: forward, loss, zeroGrad, backward, step.
import { crossEntropy } from "@downhill/losses";
import { accuracy, Linear, predict, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import { manualSeed, permutation, tensor } from "@downhill/tensor";
import { loadDigits } from "./digits.js";
import type { StoryOptions } from "./script.js";
import { report, runAsScript } from "./script.js";

/** Trains 784-10-10 with cross entropy for 5 epochs; gives the accuracy on the test digits. */
export async function run({ trainDigits, testDigits, print = console.log }: StoryOptions = {}): Promise<number> {
  manualSeed(0);
  const train = loadDigits("train", trainDigits);
  const test = loadDigits("test", testDigits);
  const model = new Sequential([new Linear(784, 10), new ReLU(), new Linear(10, 10)]);
  const optimizer = new Adam(model.parameters());

  const batchSize = 32;
  const rows = new Float32Array(batchSize * 784);
  for (let epoch = 1; epoch <= 5; epoch++) {
    const order = permutation(train.count);
    let sum = 0;
    for (let start = 0; start < train.count; start += batchSize) {
      const batch = order.subarray(start, start + batchSize);
      batch.forEach((digit, i) => {
        rows.set(train.images.data.subarray(digit * 784, (digit + 1) * 784), i * 784);
      });
      const inputs = tensor(rows.subarray(0, batch.length * 784), { shape: [batch.length, 784] });
      const labels = tensor(batch.map((digit) => train.labels[digit] as number));

      const loss = crossEntropy(model.forward(inputs), labels);
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
      sum += (await loss.item()) * batch.length;
    }
    print(`epoch ${epoch}/5  loss ${(sum / train.count).toFixed(4)}`);
  }

  const logits = await predict(model, test.images, { batchSize: 1000 });
  const share = await accuracy(logits, tensor(test.labels)).item();
  print(`accuracy on ${test.count} test digits: ${(100 * share).toFixed(2)} %`);
  return share;
}

await runAsScript(import.meta.url, () => report("hand-written-loop", () => run()));
