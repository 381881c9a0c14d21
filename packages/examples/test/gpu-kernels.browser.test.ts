// How many kernels a device starts for a training step of the digits' net, with whatever it draws beside them; and nothing is
// compiled or made for it after the second.
import { crossEntropy } from "@downhill/losses";
import { Linear, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import { manualSeed, rand, tensor } from "@downhill/tensor";
import { gpuCounts, leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { expect, test } from "vitest";

const batch = 128;

test.each([
  ["webgpu", true, 12],
  ["webgpu", false, 8],
  ["webgl2", true, 12],
  ["webgl2", false, 11],
] as const)("a step of 784-128-10 with Adam on %s, gradients checked: %s", async (engine, errorIfNonFinite, most) => {
  await useGpu({ engine });
  try {
    manualSeed(1);
    const model = new Sequential([new Linear(784, 128), new ReLU(), new Linear(128, 10)]);
    const optimizer = new Adam(model.parameters(), { errorIfNonFinite });
    const inputs = tensor(await rand([batch, 784]).data(), { shape: [batch, 784] });
    const labels = tensor(Int32Array.from({ length: batch }, (_, i) => i % 10));
    const losses: number[] = [];
    let started = 0;
    const made: (readonly (number | undefined)[])[] = [];
    for (let i = 0; i < 20; i++) {
      const before = gpuCounts()?.dispatches ?? 0;
      const loss = crossEntropy(model.forward(inputs), labels);
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
      losses.push(await loss.item());
      const { dispatches = 0, compiles, objects } = gpuCounts() ?? {};
      started = dispatches - before;
      made.push([compiles, objects]);
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 0.1);
    expect(made.at(-1)).toEqual(made[1]);
    expect(started).toBe(most);
  } finally {
    await leaveGpu();
  }
});
