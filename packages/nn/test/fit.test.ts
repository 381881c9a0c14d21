import { meanSquaredError } from "@downhill/losses";
import { fit, Linear, Sequential } from "@downhill/nn";
import { SGD } from "@downhill/optimizers";
import { Dropout } from "@downhill/regularizers";
import type { Layer, Tensor } from "@downhill/tensor";
import { manualSeed, memory, profile } from "@downhill/tensor";
import { close } from "@downhill/testing";
import { expect, test } from "vitest";
import { line, Recorder } from "./support.js";

const loss = meanSquaredError;
const setup = (lr = 0.1): { model: Linear; optimizer: SGD } => {
  manualSeed(1);
  const model = new Linear(1, 1);
  return { model, optimizer: new SGD(model.parameters(), { lr }) };
};

test("learns a line, and gives back its course", async () => {
  const { model, optimizer } = setup();
  const history = await fit(model, line(64), { loss, optimizer, epochs: 60, batchSize: 8 });
  close(await model.weight.data(), [2], { absolute: 0.02 });
  close((await model.bias?.data()) as Float32Array, [1], { absolute: 0.02 });
  expect(history.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(history.values("loss").at(-1)).toBeLessThan(1e-4);
  expect(history.stopReason).toBe("finished");
  expect(JSON.parse(JSON.stringify(history)).epochs[0].metrics).toEqual(history.epochs[0]?.metrics);
});

test("the same seed gives the same run, another seed another one", async () => {
  const run = async (seed: number): Promise<number[]> => {
    const { model, optimizer } = setup();
    manualSeed(seed);
    return (await fit(model, line(20), { loss, optimizer, epochs: 2, batchSize: 8 })).values("loss");
  };
  expect(await run(5)).toEqual(await run(5));
  expect(await run(6)).not.toEqual(await run(5));
});

test("layers train while fitting, not while validating, and are put back", async () => {
  const recorder = new Recorder();
  recorder.training = false;
  const model = new Sequential([recorder, new Linear(1, 1), new Dropout(0.5)]);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  await fit(model, line(4), { loss, optimizer, batchSize: 2, validation: line(2) });
  expect(recorder.seen).toEqual([true, true, false]);
  expect(recorder.training).toBe(false);
  expect((model.layers[2] as Layer).training).toBe(true);
});

test("timers run while it trains", async () => {
  const { model, optimizer } = setup();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const slow = (prediction: Tensor, target: Tensor): Tensor => {
    const until = performance.now() + 4;
    while (performance.now() < until);
    return loss(prediction, target);
  };
  await fit(model, line(40), { loss: slow, optimizer, batchSize: 2 });
  clearInterval(timer);
  // 20 steps of 4 ms hold about 5 turns of 16 ms.
  expect(ticks).toBeGreaterThanOrEqual(3);
});

test("metrics cost no second forward pass, plans and memory stay flat", async () => {
  const { model, optimizer } = setup(0.01);
  const data = { inputs: line(64).inputs, targets: line(64).targets };
  const mean = (prediction: Tensor): Tensor => prediction.mean();
  const run = () => fit(model, data, { loss, optimizer, batchSize: 8, epochs: 3, metrics: { mean } });
  await run();
  const [before, bytes] = [profile(), memory().bytes];
  await run();
  const after = profile();
  expect(after.plans).toBe(before.plans);
  // Per step: loss, metrics and gradients together, then the optimizer.
  expect(after.launches - before.launches).toBe(2 * 8 * 3);
  expect(memory().bytes).toBeLessThanOrEqual(bytes);
});
