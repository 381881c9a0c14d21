import { crossEntropy, meanSquaredError } from "@downhill/losses";
import { accuracy, fit, Linear, Module } from "@downhill/nn";
import { Adam, SGD } from "@downhill/optimizers";
import type { Tensor } from "@downhill/tensor";
import { manualSeed, tensor } from "@downhill/tensor";
import { close } from "@downhill/testing";
import { expect, test } from "vitest";
import { line } from "./support.js";

const loss = meanSquaredError;
const setup = (lr = 0.1): { model: Linear; optimizer: SGD } => {
  manualSeed(1);
  const model = new Linear(1, 1);
  return { model, optimizer: new SGD(model.parameters(), { lr }) };
};

/** The first columns of the inputs as they come, batch by batch. */
class Spy extends Module {
  readonly batches: number[][] = [];
  readonly linear = new Linear(2, 1);
  override forward(x: Tensor): Tensor {
    this.batches.push((x.arraySync() as number[][]).map(([first]) => first as number));
    return this.linear.forward(x);
  }
}

test("cuts batches, keeps the smaller last one, and shuffles rows with their targets", async () => {
  const inputs = Array.from({ length: 10 }, (_, i) => [i, i]);
  const targets = inputs.map(([i]) => [i as number]);
  const model = new Spy();
  const pairs = (prediction: Tensor, target: Tensor): Tensor => {
    expect((target.arraySync() as number[][]).map(([each]) => each)).toEqual(model.batches.at(-1));
    return prediction.sub(target).square().mean();
  };
  const optimizer = new SGD(model.parameters(), { lr: 1e-3 });
  await fit(model, { inputs, targets }, { loss: pairs, optimizer, batchSize: 4, shuffle: false });
  expect(model.batches).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
  model.batches.length = 0;
  await fit(model, { inputs, targets }, { loss: pairs, optimizer, batchSize: 4, epochs: 2 });
  const epochs = [model.batches.slice(0, 3).flat(), model.batches.slice(3).flat()];
  expect(epochs.map((epoch) => [...epoch].sort((a, b) => a - b))).toEqual(
    [inputs, inputs].map((all) => all.map(([i]) => i)),
  );
  expect(epochs[0]).not.toEqual(epochs[1]);
});

test("loss and metrics are means over examples, also with a smaller last batch", async () => {
  const { model } = setup();
  const still = new SGD(model.parameters(), { lr: 0 });
  const mean = (_: Tensor, target: Tensor): Tensor => target.mean();
  const data = { inputs: line(10).inputs, targets: line(10).targets };
  const history = await fit(model, data, { loss, optimizer: still, batchSize: 4, metrics: { mean }, validation: data });
  const all = await loss(model.forward(tensor(data.inputs)), tensor(data.targets)).item();
  const [metrics] = history.epochs.map((epoch) => epoch.metrics);
  close([metrics?.loss ?? 0, metrics?.validationLoss ?? 0], [all, all], { relative: 1e-6 });
  close([metrics?.mean ?? 0, metrics?.validationMean ?? 0], [1.9, 1.9], { relative: 1e-6 });
});

const inputs = line(6).inputs.flat();
const targets = line(6).targets.flat();
test.each([
  ["tensors", { inputs: tensor(inputs, { shape: [6, 1] }), targets: tensor(targets, { shape: [6, 1] }) }],
  [
    "computed tensors",
    { inputs: tensor(inputs).mul(1).reshape([6, 1]), targets: tensor(targets).mul(1).reshape([6, 1]) },
  ],
  [
    "typed arrays with a shape",
    {
      inputs: { data: Float32Array.from(inputs), shape: [6, 1] },
      targets: { data: Float64Array.from(targets), shape: [6, 1] },
    },
  ],
  ["nested arrays", line(6)],
  [
    "batches",
    [
      { inputs: line(6).inputs.slice(0, 4), targets: line(6).targets.slice(0, 4) },
      { inputs: tensor(line(6).inputs.slice(4)), targets: line(6).targets.slice(4) },
    ],
  ],
  [
    "a function that makes a stream",
    async function* () {
      yield { inputs: line(6).inputs.slice(0, 4), targets: line(6).targets.slice(0, 4) };
      yield { inputs: line(6).inputs.slice(4), targets: line(6).targets.slice(4) };
    },
  ],
] as const)("takes %s", async (_name, data) => {
  const { model, optimizer } = setup();
  const history = await fit(model, data, { loss, optimizer, epochs: 2, batchSize: 4, shuffle: false });
  const plain = setup();
  const expected = await fit(plain.model, line(6), {
    loss,
    optimizer: plain.optimizer,
    epochs: 2,
    batchSize: 4,
    shuffle: false,
  });
  close(history.values("loss"), expected.values("loss"), { relative: 1e-6 });
});

test("integer labels stay integers", async () => {
  const model = new Linear(1, 3);
  const labels: string[] = [];
  const watching = (prediction: Tensor, target: Tensor): Tensor => {
    labels.push(target.dtype);
    return crossEntropy(prediction, target);
  };
  const data = { inputs: [[0], [1], [2]], targets: new Uint8Array([0, 1, 2]) };
  await fit(model, data, { loss: watching, optimizer: new Adam(model.parameters()), metrics: { accuracy } });
  expect(labels).toEqual(["int32"]);
});

test("a share for validation is chosen at random, or at the end without shuffling", async () => {
  const data = { inputs: Array.from({ length: 10 }, (_, i) => [i, 0]), targets: Array.from({ length: 10 }, () => [0]) };
  const run = async (shuffle: boolean): Promise<number[][]> => {
    const model = new Spy();
    const optimizer = new SGD(model.parameters(), { lr: 1e-3 });
    await fit(model, data, { loss, optimizer, batchSize: 10, validation: 0.3, shuffle });
    return model.batches;
  };
  expect(await run(false)).toEqual([
    [0, 1, 2, 3, 4, 5, 6],
    [7, 8, 9],
  ]);
  manualSeed(2);
  const [rest = [], taken = []] = await run(true);
  expect([...rest, ...taken].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(taken).toHaveLength(3);
  expect(taken).not.toEqual([7, 8, 9]);
});
