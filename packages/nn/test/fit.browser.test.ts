import { meanSquaredError } from "@downhill/losses";
import { fit, Linear } from "@downhill/nn";
import { SGD } from "@downhill/optimizers";
import type { Tensor } from "@downhill/tensor";
import { expect, test } from "vitest";
import { line } from "./support.js";

test("a page stays alive while it trains", async () => {
  const model = new Linear(1, 1);
  let [frames, training] = [0, true];
  const count = (): void => {
    frames++;
    if (training) requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const slow = (prediction: Tensor, target: Tensor): Tensor => {
    const until = performance.now() + 5;
    while (performance.now() < until);
    return meanSquaredError(prediction, target);
  };
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const history = await fit(model, line(160), { loss: slow, optimizer, batchSize: 2 });
  training = false;
  expect(history.epochs).toHaveLength(1);
  // 80 steps of 5 ms: some 20 frames at 60 Hz; a busy machine draws fewer.
  expect(frames).toBeGreaterThanOrEqual(4);
});
