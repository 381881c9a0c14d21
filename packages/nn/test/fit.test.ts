import { crossEntropy, meanSquaredError } from "@downhill/losses";
import type { Callback, TrainingContext } from "@downhill/nn";
import { accuracy, fit, Linear, Module, Sequential } from "@downhill/nn";
import { Adam, SGD } from "@downhill/optimizers";
import { Dropout, EarlyStopping } from "@downhill/regularizers";
import type { Layer, Tensor } from "@downhill/tensor";
import { manualSeed, memory, profile, tensor } from "@downhill/tensor";
import { close } from "@downhill/testing";
import { expect, test } from "vitest";
import { line, Recorder, rejection } from "./support.js";

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

test("callbacks see where the training stands, in order", async () => {
  const { model, optimizer } = setup();
  const log: string[] = [];
  const note = (hook: string) => async (context: TrainingContext) => {
    const { epoch, epochs, batch, batches, metrics, history } = context;
    log.push(
      [
        hook,
        `${epoch}/${epochs}`,
        `${batch ?? "-"}/${batches ?? "?"}`,
        Object.keys(metrics).join(),
        history.epochs.length,
      ].join(" "),
    );
    expect(context.model).toBe(model);
  };
  const callback: Callback = {
    onTrainBegin: note("begin"),
    onEpochBegin: note("epoch"),
    onBatchEnd: (context) => note("batch")({ ...context, metrics: {} }),
    onEpochEnd: note("done"),
    onTrainEnd: note("end"),
  };
  await fit(model, line(4), { loss, optimizer, batchSize: 2, validation: line(2), callbacks: [callback] });
  expect(log).toEqual([
    "begin 0/1 -/2  0",
    "epoch 1/1 -/2  0",
    "batch 1/1 1/2  0",
    "batch 1/1 2/2  0",
    "done 1/1 -/2 loss,validationLoss 1",
    "end 1/1 -/2 loss,validationLoss 1",
  ]);
});

test.each([
  ["onTrainBegin", 0],
  ["onEpochBegin", 0],
  ["onBatchEnd", 0],
  ["onEpochEnd", 1],
] as const)("%s can stop the training", async (hook, epochs) => {
  const { model, optimizer } = setup();
  let ended = 0;
  const callbacks: Callback[] = [{ [hook]: async () => true }, { onTrainEnd: () => ended++ }];
  const history = await fit(model, line(4), { loss, optimizer, epochs: 5, batchSize: 2, callbacks });
  expect([history.epochs.length, history.stopReason, ended]).toEqual([epochs, "callback", 1]);
});

test("early stopping stops, and gives back the best weights", async () => {
  const { model, optimizer } = setup();
  const stopping = new EarlyStopping({ patience: 2 });
  const scores = [3, 1, 2, 2, 0];
  const scripted: Callback = {
    onEpochEnd: ({ metrics, epoch }) =>
      void ((metrics as Record<string, number>).validationLoss = scores[epoch - 1] as number),
  };
  const weights: number[] = [];
  const watching: Callback = { onEpochEnd: async () => void weights.push(await model.weight.item()) };
  const history = await fit(model, line(4), {
    loss,
    optimizer,
    epochs: 5,
    validation: line(2),
    callbacks: [scripted, watching, stopping],
  });
  expect(history.epochs).toHaveLength(4);
  expect(await model.weight.item()).toBe(weights[1]);
});

test("a signal ends the training, and the history stays", async () => {
  const { model, optimizer } = setup();
  const controller = new AbortController();
  const ended: number[] = [];
  const callback: Callback = {
    onBatchEnd: ({ epoch, batch }) => void (epoch === 3 && batch === 1 && controller.abort()),
    onTrainEnd: ({ epoch }) => void ended.push(epoch),
  };
  const { signal } = controller;
  const history = await fit(model, line(4), {
    loss,
    optimizer,
    epochs: 9,
    batchSize: 2,
    signal,
    callbacks: [callback],
  });
  expect([history.epochs.length, history.stopReason, ended]).toEqual([2, "aborted", [3]]);
  const none = await fit(model, line(4), { loss, optimizer, signal: AbortSignal.abort() });
  expect([none.epochs.length, none.stopReason]).toEqual([0, "aborted"]);
});

test("an error in a step or a callback gets out, after onTrainEnd", async () => {
  const { model, optimizer } = setup();
  model.training = false;
  let ended = 0;
  const broken: Callback = {
    onBatchEnd: () => {
      throw new Error("broken hook");
    },
    onTrainEnd: () => {
      ended++;
      throw new Error("broken end");
    },
  };
  const error = await rejection(
    fit(model, line(4), { loss, optimizer, callbacks: [broken, { onTrainEnd: () => ended++ }] }),
  );
  expect([error.message, ended, model.training]).toEqual(["broken hook", 2, false]);
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

test("a loss that is no number is an error that says where and why", async () => {
  const { model, optimizer } = setup(10);
  const data = {
    inputs: Array.from({ length: 24 }, (_, i) => [i * 1e9]),
    targets: Array.from({ length: 24 }, (_, i) => [i]),
  };
  const error = await rejection(fit(model, data, { loss, optimizer, epochs: 30, batchSize: 8 }));
  expect(error.message).toMatch(
    /^fit: the loss (grew to \S+|became (NaN|Infinity)) in epoch 1, step \d; likely causes: "inputs" range from 0 to 23000000000: scale them to about -1 to 1; "targets" range from 0 to 23: scale them to about -1 to 1; a learning rate of 10 that is too high: lower it\./,
  );
  const broken = await rejection(
    fit(setup().model, { inputs: [[1], [Number.NaN]], targets: [[1], [1]] }, { loss, optimizer: setup().optimizer }),
  );
  expect(broken.message).toContain(
    'became NaN in epoch 1, step 1; likely causes: "inputs" hold NaN at position 1: clean the data;',
  );
});

test("a loss that runs away is stopped long before it is infinite", async () => {
  // The 24 integers of tensorflow/tensorflow#18493.
  const { model, optimizer } = setup(0.01);
  const data = {
    inputs: Array.from({ length: 24 }, (_, i) => [i]),
    targets: Array.from({ length: 24 }, (_, i) => [2 * i]),
  };
  const error = await rejection(fit(model, data, { loss, optimizer, epochs: 100 }));
  expect(error.message).toMatch(/^fit: the loss grew to .* in epoch \d, step 1; .*lower it/);
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

const good = { inputs: [[1], [2]], targets: [[1], [2]] };
const { model, optimizer } = setup();
test.each<[string, () => Promise<unknown>, string]>([
  [
    "no model",
    () => fit(undefined as never, good, { loss, optimizer }),
    'TypeError: fit: "model" expected a layer with a forward method, got undefined',
  ],
  [
    "a class as model",
    () => fit(Linear as never, good, { loss, optimizer }),
    'TypeError: fit: "model" expected a layer with a forward method, got a function; make one with new',
  ],
  [
    "no options",
    () => fit(model, good, undefined as never),
    'TypeError: fit: "options" expected an object with a loss, got undefined',
  ],
  [
    "an unknown option",
    () => fit(model, good, { loss, optimizer, validationData: good } as never),
    'TypeError: fit: "options" expected loss, optimizer, epochs, batchSize, shuffle, validation, metrics, callbacks, signal, got "validationData"',
  ],
  [
    "no loss",
    () => fit(model, good, { optimizer } as never),
    'TypeError: fit: "loss" expected a function such as crossEntropy, got undefined',
  ],
  [
    "a loss by name",
    () => fit(model, good, { loss: "mse", optimizer } as never),
    'TypeError: fit: "loss" expected a function such as crossEntropy, got "mse"',
  ],
  [
    "no optimizer",
    () => fit(model, good, { loss } as never),
    'TypeError: fit: "optimizer" expected an optimizer such as new Adam(model.parameters()), got undefined',
  ],
  [
    "batch size 0",
    () => fit(model, good, { loss, optimizer, batchSize: 0 }),
    'RangeError: fit: "batchSize" expected an integer of at least 1, got 0',
  ],
  [
    "half an epoch",
    () => fit(model, good, { loss, optimizer, epochs: 0.5 }),
    'RangeError: fit: "epochs" expected an integer of at least 1, got 0.5',
  ],
  [
    "a metric by name",
    () => fit(model, good, { loss, optimizer, metrics: ["accuracy"] } as never),
    'TypeError: fit: "metrics" expected functions by name, got "accuracy" for 0',
  ],
  [
    "a metric called loss",
    () => fit(model, good, { loss, optimizer, metrics: { loss } }),
    'RangeError: fit: "metrics" expected names that fit does not use itself, got "loss"',
  ],
  [
    "callbacks that are none",
    () => fit(model, good, { loss, optimizer, callbacks: [undefined] } as never),
    'TypeError: fit: "callbacks" expected an array of objects with hooks, got an array of length 1',
  ],
  [
    "no data",
    () => fit(model, undefined as never, { loss, optimizer }),
    'TypeError: fit: "data" expected { inputs, targets } or an iterable of such batches, got undefined',
  ],
  [
    "only inputs",
    () => fit(model, { inputs: [[1]] } as never, { loss, optimizer }),
    'TypeError: fit: "data" expected { inputs, targets } or an iterable of such batches, got a Object',
  ],
  [
    "lengths that differ",
    () => fit(model, { inputs: [[1], [2]], targets: [[1]] }, { loss, optimizer }),
    'RangeError: fit: "targets" expected 2 examples like "inputs", got 1',
  ],
  [
    "no examples",
    () => fit(model, { inputs: [], targets: [] }, { loss, optimizer }),
    'RangeError: fit: "inputs" expected at least one example, got shape [0]',
  ],
  [
    "a scalar",
    () => fit(model, { inputs: tensor(1), targets: [1] }, { loss, optimizer }),
    'RangeError: fit: "inputs" expected examples along the first axis, got a scalar',
  ],
  [
    "text",
    () => fit(model, { inputs: "abc" as never, targets: [1] }, { loss, optimizer }),
    'TypeError: fit: "inputs" expected a tensor, nested arrays, a typed array of numbers or { data, shape }, got "abc"',
  ],
  [
    "big integers",
    () => fit(model, { inputs: new BigInt64Array(2) as never, targets: [1, 2] }, { loss, optimizer }),
    'TypeError: fit: "inputs" expected a tensor, nested arrays, a typed array of numbers or { data, shape }, got a BigInt64Array',
  ],
  [
    "a shape that does not fit",
    () => fit(model, { inputs: { data: new Float32Array(3), shape: [2, 2] }, targets: [1, 2] }, { loss, optimizer }),
    'RangeError: fit: "inputs" expected 3 elements like its data, got shape [2, 2] with 4',
  ],
  [
    "ragged rows",
    () => fit(model, { inputs: [[1], [2, 3]], targets: [1, 2] }, { loss, optimizer }),
    'RangeError: fit: "inputs" expected rows of length 1 like the first, got length 2 at [1]: the rows are ragged',
  ],
  [
    "a loss per example",
    () => fit(model, good, { loss: (p, t) => p.sub(t).square(), optimizer }),
    'RangeError: fit: "loss" expected a function to one number, got shape [2, 1]; end it with .mean()',
  ],
  [
    "a loss that gives a number",
    () => fit(model, good, { loss: () => 1 as never, optimizer }),
    'TypeError: fit: "loss" expected a function that returns a tensor, got 1',
  ],
  [
    "a metric per example",
    () => fit(model, good, { loss, optimizer, metrics: { off: (p, t) => p.sub(t) } }),
    'RangeError: fit: "off" expected a function to one number, got shape [2, 1]; end it with .mean()',
  ],
  [
    "an empty stream",
    () => fit(model, [], { loss, optimizer }),
    'RangeError: fit: "data" expected at least one batch, got none',
  ],
  [
    "a generator for two epochs",
    () => fit(model, [good][Symbol.iterator]() as never, { loss, optimizer, epochs: 2 }),
    'RangeError: fit: "data" expected batches in epoch 2, got none; a generator runs once: pass the function that makes it',
  ],
  [
    "a stream of something else",
    () => fit(model, [[1, 2]] as never, { loss, optimizer }),
    'TypeError: fit: "data" expected batches { inputs, targets }, got an array of length 2',
  ],
  [
    "an empty batch",
    () => fit(model, [{ inputs: [], targets: [] }], { loss, optimizer }),
    'RangeError: fit: "inputs" expected batches of at least one example, got shape [0]',
  ],
  [
    "a batch whose lengths differ",
    () => fit(model, [{ inputs: [[1], [2]], targets: [1] }], { loss, optimizer }),
    'RangeError: fit: "targets" expected 2 examples like the "inputs" of the batch, got shape [1]',
  ],
  [
    "a function that gives no stream",
    () => fit(model, (() => 1) as never, { loss, optimizer }),
    'TypeError: fit: "data" expected a function that returns an iterable of batches, got 1',
  ],
  [
    "all for validation",
    () => fit(model, good, { loss, optimizer, validation: 1 }),
    'RangeError: fit: "validation" expected a number in (0, 1), got 1',
  ],
  [
    "nothing for validation",
    () => fit(model, good, { loss, optimizer, validation: 0.1 }),
    'RangeError: fit: "validation" expected a share between 0 and 1 that leaves examples on both sides, got 0.1 of 2 examples',
  ],
  [
    "a share of a stream",
    () => fit(model, [good], { loss, optimizer, validation: 0.5 }),
    'TypeError: fit: "validation" expected data of its own, as "data" is a stream of batches; a share needs { inputs, targets }',
  ],
  [
    "validation that does not fit",
    () => fit(model, good, { loss, optimizer, validation: { inputs: [[1]], targets: [] } }),
    'RangeError: fit validation: "targets" expected at least one example, got shape [0]',
  ],
])("refuses %s", async (_name, run, message) => {
  expect(String(await rejection(run()))).toBe(message);
});
