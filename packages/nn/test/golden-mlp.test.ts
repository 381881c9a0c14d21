import { readFileSync } from "node:fs";
import { crossEntropy } from "@downhill/losses";
import { fit, Linear, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import { tensor, useEngine } from "@downhill/tensor";
import type { Numbers } from "@downhill/testing";
import { close, engines, engineTolerance } from "@downhill/testing";
import { afterAll, test } from "vitest";

interface Row {
  readonly inputs: number[][];
  readonly labels: number[];
  readonly lr: number;
  readonly initial: Record<string, number[]>;
  readonly losses: number[];
  readonly gradients: Record<string, number[]>;
  readonly final: Record<string, number[]>;
}

const { source, rows } = JSON.parse(readFileSync(new URL("golden/mlp.json", import.meta.url), "utf8")) as {
  source: string;
  rows: Row[];
};
const row = rows[0] as Row;

const make = (): Sequential => {
  const model = new Sequential([new Linear(20, 8), new ReLU(), new Linear(8, 4)]);
  model.loadStateDict(row.initial);
  return model;
};

afterAll(() => useEngine("cpu"));

test.each(engines)(`5 steps of a small net on %s are those of ${source}`, async (engine) => {
  useEngine(engine);
  const tolerance = engineTolerance[engine];
  const model = make();
  const optimizer = new Adam(model.parameters(), { lr: row.lr });
  const [inputs, labels] = [tensor(row.inputs), tensor(row.labels, { dtype: "int32" })];
  for (const [step, expected] of row.losses.entries()) {
    const loss = crossEntropy(model.forward(inputs), labels);
    optimizer.zeroGrad();
    loss.backward();
    if (step === 0)
      for (const [name, parameter] of model.namedParameters())
        close((await parameter.grad?.array()) as Numbers, row.gradients[name] as Numbers, tolerance);
    await optimizer.step();
    close(await loss.item(), expected, tolerance);
  }
  for (const [name, parameter] of model.namedParameters())
    close((await parameter.array()) as Numbers, row.final[name] as Numbers, tolerance);
});

test.each(engines)("fit on %s takes the same steps", async (engine) => {
  useEngine(engine);
  const model = make();
  const optimizer = new Adam(model.parameters(), { lr: row.lr });
  const data = { inputs: row.inputs, targets: row.labels };
  const history = await fit(model, data, { loss: crossEntropy, optimizer, epochs: 5, batchSize: 16, shuffle: false });
  close(history.values("loss"), row.losses, engineTolerance[engine]);
});
