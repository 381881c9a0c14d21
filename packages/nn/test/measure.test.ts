import { crossEntropy, meanSquaredError } from "@downhill/losses";
import { accuracy, evaluate, Flatten, Linear, predict, Sequential } from "@downhill/nn";
import type { Layer, Tensor } from "@downhill/tensor";
import { parameter, tensor, zeros } from "@downhill/tensor";
import { close } from "@downhill/testing";
import { expect, test } from "vitest";
import { line, Recorder, rejection } from "./support.js";

const scores = [
  [2, 1, 0],
  [0, 3, 1],
  [5, 4, 6],
  [1, 1, 0],
];

// By counting. At a tie the first class wins.
test.each<[string, unknown[], unknown[], object | undefined, number]>([
  ["class indices", scores, [0, 1, 0, 0], undefined, 0.75],
  [
    "one-hot targets",
    scores,
    [
      [1, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
      [0, 1, 0],
    ],
    undefined,
    0.5,
  ],
  [
    "targets of -1 and 1",
    scores,
    [
      [1, -1, -1],
      [-1, 1, -1],
      [1, -1, -1],
      [1, -1, -1],
    ],
    undefined,
    0.75,
  ],
  [
    "more leading axes",
    [scores.slice(0, 2), scores.slice(2)],
    [
      [0, 1],
      [2, 2],
    ],
    undefined,
    0.75,
  ],
  ["labels out of range", scores, [0, 1, -100, 3], undefined, 0.5],
  ["binary logits [n]", [-2, 0.3, 2, -1], [0, 1, 1, 1], { from: "logits" }, 0.75],
  ["binary logits [n, 1]", [[-2], [0.3], [2]], [[0], [1], [0]], { from: "logits" }, 2 / 3],
  ["binary probabilities", [0.2, 0.7, 0.5, 0.9], [0, 1, 1, 1], { from: "probabilities" }, 0.75],
  ["binary targets of another rank", [[0.2], [0.7]], [0, 0], { from: "probabilities" }, 0.5],
])("accuracy: %s", async (_name, prediction, target, options, expected) => {
  const value = accuracy(tensor(prediction as number[]), tensor(target as number[]), options);
  expect(value.shape).toEqual([]);
  close(await value.item(), expected, { relative: 1e-6 });
});

test("accuracy knows the output of a sigmoid, and agrees with its logits", async () => {
  const logits = tensor([-2, 0.3, 2, -1]);
  const labels = tensor([0, 1, 1, 1]);
  expect(await accuracy(logits.sigmoid(), labels).item()).toBe(0.75);
  expect(await accuracy(logits, labels, { from: "logits" }).item()).toBe(0.75);
});

test.each<[string, () => Tensor, string]>([
  [
    "binary without from",
    () => accuracy(tensor([1, 2]), tensor([0, 1])),
    'TypeError: accuracy: "from" expected for a binary prediction; use (prediction, target) => accuracy(prediction, target, { from: "logits" }), or "probabilities"',
  ],
  [
    "a sigmoid as logits",
    () => accuracy(tensor([1, 2]).sigmoid(), tensor([0, 1]), { from: "logits" }),
    'RangeError: accuracy: "from" expected "probabilities" for the output of a sigmoid, got "logits"',
  ],
  [
    "from with several classes",
    () => accuracy(tensor(scores), tensor([0, 1, 2, 0]), { from: "logits" }),
    'RangeError: accuracy: "from" expected for a binary prediction only, got one for prediction [4, 3]; leave it out',
  ],
  [
    "an unknown from",
    () => accuracy(tensor([1]), tensor([0]), { from: "scores" as never }),
    'RangeError: accuracy: "from" expected "logits" or "probabilities", got "scores"',
  ],
  [
    "binary lengths",
    () => accuracy(tensor([1, 2]), tensor([0]), { from: "logits" }),
    'RangeError: accuracy: "target" expected shape [2] or [2, 1] for the binary prediction, got [1]',
  ],
  [
    "lengths",
    () => accuracy(tensor(scores), tensor([0, 1])),
    'RangeError: accuracy: "target" expected class indices [4] or one-hot [4, 3], got [2]',
  ],
  [
    "a column of labels",
    () => accuracy(tensor(scores), tensor([[0], [1], [2], [0]])),
    'RangeError: accuracy: "target" expected class indices [4] or one-hot [4, 3], got [4, 1]',
  ],
  [
    "arrays",
    () => accuracy(scores as never, tensor([0])),
    'TypeError: accuracy: "prediction" expected a tensor, got an array of length 4',
  ],
])("accuracy refuses %s", (_name, run, message) => {
  expect(() => run()).toThrow(
    expect.objectContaining({ name: message.split(":")[0], message: message.slice(message.indexOf(":") + 2) }),
  );
});

test("accuracy can't be trained on", () => {
  const weight = parameter(scores);
  expect(() => accuracy(weight, tensor([0, 1, 2, 0])).backward()).toThrow("accuracy: it is flat almost everywhere");
});

const model = new Sequential([new Linear(1, 3)]);
const inputs = line(10).inputs;
const targets = Int32Array.from({ length: 10 }, (_, i) => i % 3);

test("evaluate gives means over all examples, whatever the batches", async () => {
  const options = { loss: crossEntropy, metrics: { accuracy } };
  const whole = await evaluate(model, { inputs, targets }, { ...options, batchSize: 10 });
  const prediction = model.forward(tensor(inputs));
  close(whole.loss, await crossEntropy(prediction, tensor(targets)).item(), { relative: 1e-6 });
  close(whole.accuracy, await accuracy(prediction, tensor(targets)).item(), { relative: 1e-6 });
  for (const batchSize of [1, 4, 1000])
    close(Object.values(await evaluate(model, { inputs, targets }, { ...options, batchSize })), Object.values(whole), {
      relative: 1e-5,
    });
  const stream = [
    { inputs: inputs.slice(0, 3), targets: targets.slice(0, 3) },
    { inputs: inputs.slice(3), targets: targets.slice(3) },
  ];
  close(Object.values(await evaluate(model, stream, options)), Object.values(whole), { relative: 1e-5 });
});

test("predict gives every output, in order", async () => {
  const expected = await model.forward(tensor(inputs)).array();
  for (const batchSize of [1, 4, 10, 1000])
    expect(await (await predict(model, inputs, { batchSize })).array()).toEqual(expected);
  const classes: Layer = { forward: (x) => model.forward(x).argmax({ axis: 1 }) };
  const chosen = await predict(classes, { data: Float32Array.from(inputs.flat()), shape: [10, 1] }, { batchSize: 3 });
  expect([chosen.dtype, chosen.shape]).toEqual(["int32", [10]]);
  const signs = await predict({ forward: (x) => x.greater(0.45) }, tensor(inputs), { batchSize: 3 });
  expect([signs.dtype, (await signs.array()) as number[][]]).toEqual([
    "bool",
    inputs.map(([x]) => [Number((x as number) > 0.45)]),
  ]);
});

test("evaluate and predict turn training off, and put it back", async () => {
  const recorder = new Recorder();
  const watched = new Sequential([recorder, new Linear(1, 1)]);
  await evaluate(watched, line(3), { loss: meanSquaredError, batchSize: 2 });
  await predict(watched, line(3).inputs);
  expect([recorder.seen, recorder.training]).toEqual([[false, false, false], true]);
  await rejection(predict(watched, [[1, 2]]));
  expect(recorder.training).toBe(true);
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    "no model",
    () => evaluate({} as never, { inputs, targets }, { loss: crossEntropy }),
    'TypeError: evaluate: "model" expected a layer with a forward method, got a Object',
  ],
  [
    "no loss",
    () => evaluate(model, { inputs, targets }, {} as never),
    'TypeError: evaluate: "loss" expected a function such as crossEntropy, got undefined',
  ],
  [
    "batch size 0",
    () => evaluate(model, { inputs, targets }, { loss: crossEntropy, batchSize: 0 }),
    'RangeError: evaluate: "batchSize" expected an integer of at least 1, got 0',
  ],
  [
    "lengths that differ",
    () => evaluate(model, { inputs, targets: [1] }, { loss: crossEntropy }),
    'RangeError: evaluate: "targets" expected 10 examples like "inputs", got 1',
  ],
  [
    "nothing to predict",
    () => predict(model, zeros([0, 1])),
    'RangeError: predict: "inputs" expected at least one example, got shape [0, 1]',
  ],
  [
    "a data set to predict",
    () => predict(model, { inputs, targets } as never),
    'TypeError: predict: "inputs" expected a tensor, nested arrays, a typed array of numbers or { data, shape }, got a Object',
  ],
  [
    "outputs that are not one per input",
    () =>
      predict(
        new Flatten(0),
        inputs.map(([x]) => [x as number, 1]),
      ),
    'RangeError: predict: "model" expected to give 10 outputs for as many inputs, got shape [20]',
  ],
  [
    "a model that gives no tensor",
    () => predict({ forward: () => 1 as never }, inputs),
    'TypeError: predict: "model" expected to return a tensor from forward, got 1',
  ],
])("refuses %s", async (_name, run, message) => {
  expect(String(await rejection(run()))).toBe(message);
});
