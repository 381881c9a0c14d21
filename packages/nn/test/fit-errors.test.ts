import { meanSquaredError } from "@downhill/losses";
import { fit, Linear } from "@downhill/nn";
import { SGD } from "@downhill/optimizers";
import { manualSeed, tensor } from "@downhill/tensor";
import { expect, test } from "vitest";
import { rejection } from "./support.js";

const loss = meanSquaredError;
const setup = (lr = 0.1): { model: Linear; optimizer: SGD } => {
  manualSeed(1);
  const model = new Linear(1, 1);
  return { model, optimizer: new SGD(model.parameters(), { lr }) };
};

test("a loss that is no number is an error that says where and why", async () => {
  const { model, optimizer } = setup(10);
  const data = {
    inputs: Array.from({ length: 24 }, (_, i) => [i * 1e9]),
    targets: Array.from({ length: 24 }, (_, i) => [i]),
  };
  const error = await rejection(fit(model, data, { loss, optimizer, epochs: 30, batchSize: 8 }));
  expect(error.message).toMatch(
    /^fit: the loss (grew to \S+|became (NaN|Infinity)) in epoch 1, step \d; likely causes: "inputs" range from 0 to 23000000512: scale them to about -1 to 1; "targets" range from 0 to 23: scale them to about -1 to 1; a learning rate of 10 that is too high: lower it\./,
  );
  const fresh = setup();
  const broken = await rejection(
    fit(fresh.model, { inputs: [[1], [Number.NaN]], targets: [[1], [1]] }, { loss, optimizer: fresh.optimizer }),
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
