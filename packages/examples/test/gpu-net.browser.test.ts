// A net with convolutions, attention and normalization, two losses and clipped gradients: on a GPU it learns as on the CPU.
import { crossEntropy, ntXent } from "@downhill/losses";
import { AdamW, clipGradNorm } from "@downhill/optimizers";
import type { Tensor } from "@downhill/tensor";
import { conv2d, manualSeed, maxPool2d, parameter, rand, tensor, useEngine, variance } from "@downhill/tensor";
import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { expect, test } from "vitest";

const [batch, tokens, width] = [32, 4, 64];

function normalized(x: Tensor): Tensor {
  const centered = x.sub(x.mean({ axis: 1, keepDims: true }));
  return centered.div(variance(x, { axis: 1, keepDims: true }).add(1e-5).sqrt());
}

async function losses(steps: number): Promise<number[]> {
  manualSeed(3);
  const weight = (shape: number[], scale: number) =>
    parameter(
      rand(shape)
        .sub(0.5)
        .mul(2 * scale),
    );
  const [first, second] = [weight([8, 1, 3, 3], 0.3), weight([16, 8, 3, 3], 0.1)];
  const [query, key, value, last] = [width, width, width, 10].map((rows) => weight([rows, width], 0.12));
  const biases = [8, 16, 10].map((count) => weight([count], 0.1));
  const parameters = [first, second, query, key, value, last, ...biases] as ReturnType<typeof weight>[];
  const optimizer = new AdamW(parameters, { lr: 2e-3 });
  const images = rand([batch, 1, 16, 16]);
  const labels = tensor(Int32Array.from({ length: batch }, (_, i) => i % 10));
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const block = (x: Tensor, kernel: Tensor, i: number): Tensor =>
      maxPool2d(
        conv2d(x, kernel, { padding: 1 })
          .add((biases[i] as Tensor).reshape([1, -1, 1, 1]))
          .relu(),
        { size: 2 },
      );
    const flat = block(block(images, first, 0), second, 1).reshape([batch * tokens, width]);
    const project = (by?: Tensor): Tensor => flat.matmul((by as Tensor).transpose()).reshape([batch, tokens, width]);
    const scores = project(query)
      .matmul(project(key).transpose([0, 2, 1]))
      .div(8)
      .softmax();
    const attended = scores.matmul(project(value)).add(flat.reshape([batch, tokens, width]));
    const features = normalized(attended.mean({ axis: 1 }));
    const logits = features.matmul((last as Tensor).transpose()).add(biases[2] as Tensor);
    const loss = crossEntropy(logits, labels).add(ntXent(features, labels, { temperature: 0.5 }).mul(0.1));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(parameters, 1);
    await optimizer.step();
    found.push(await loss.item());
  }
  return found;
}

test.each(["webgpu", "webgl2"] as const)(
  "on %s",
  async (engine) => {
    useEngine("cpu");
    const wanted = await losses(12);
    expect(wanted.at(-1)).toBeLessThan((wanted[0] as number) - 0.3);
    await useGpu({ engine });
    try {
      const got = await losses(12);
      for (const [i, loss] of got.entries()) expect(Math.abs(loss - (wanted[i] as number))).toBeLessThan(1e-4);
    } finally {
      await leaveGpu();
    }
  },
  60_000,
);
