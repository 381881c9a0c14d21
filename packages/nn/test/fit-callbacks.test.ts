import { meanSquaredError } from "@downhill/losses";
import type { Callback, TrainingContext } from "@downhill/nn";
import { fit, Linear } from "@downhill/nn";
import { SGD } from "@downhill/optimizers";
import { EarlyStopping } from "@downhill/regularizers";
import { manualSeed } from "@downhill/tensor";
import { expect, test } from "vitest";
import { line, rejection } from "./support.js";

const loss = meanSquaredError;
const setup = (lr = 0.1): { model: Linear; optimizer: SGD } => {
  manualSeed(1);
  const model = new Linear(1, 1);
  return { model, optimizer: new SGD(model.parameters(), { lr }) };
};

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
    onEpochEnd: ({ metrics, epoch }) => Object.assign(metrics, { validationLoss: scores[epoch - 1] }),
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
