// Training loops for tests on a GPU: a small net on two spirals.
import { crossEntropy } from "@downhill/losses";
import { Linear, Sequential, Tanh } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import type { Tensor } from "@downhill/tensor";
import { manualSeed, tensor } from "@downhill/tensor";

const count = 64;

function spirals(): { inputs: Tensor; labels: Tensor } {
  const points: number[][] = [];
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const [radius, side] = [0.2 + (0.8 * i) / count, i % 2];
    const angle = 4 * radius + Math.PI * side;
    points.push([radius * Math.cos(angle), radius * Math.sin(angle)]);
    labels.push(side);
  }
  return { inputs: tensor(points), labels: tensor(Int32Array.from(labels)) };
}

/** A net, its optimizer, and its step, whose loss can be read; `anew` uploads the batch for it. */
export function spiralTraining(seed = 0) {
  manualSeed(seed);
  const { inputs, labels } = spirals();
  const model = new Sequential([new Linear(2, 16), new Tanh(), new Linear(16, 2)]);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const step = async (anew = false): Promise<Tensor> => {
    const batch = anew ? spirals() : { inputs, labels };
    const loss = crossEntropy(model.forward(batch.inputs), batch.labels);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    return loss;
  };
  return { model, optimizer, step };
}
