// Downhill in the browser, on one of its engines.

import { crossEntropy } from "@downhill/losses";
import { Linear, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import { assignAll, memory, profile, setThreads, state, tensor, valueAndGrad, zeros } from "@downhill/tensor";
import { gpuCounts, leaveGpu, useGpu } from "@downhill/tensor/gpu";
import { unguarded } from "../dense-net.mjs";

const tensorOf = ({ values, shape }) => tensor(values, { shape });
const stateOf = (shape) => state(zeros(shape), { overwrite: true });

const training =
  (options) =>
  ({ x, y, w1, b1, w2, b2 }) => {
    const [hidden, inputs] = w1.shape;
    const model = new Sequential([new Linear(inputs, hidden), new ReLU(), new Linear(hidden, w2.shape[0])]);
    const parameters = model.parameters();
    for (const [index, initial] of [w1, b1, w2, b2].entries()) parameters[index].assign(tensorOf(initial));
    const optimizer = new Adam(parameters, options);
    const [images, labels] = [x, y].map(tensorOf);
    let last;
    return {
      step() {
        last = crossEntropy(model.forward(images), labels);
        optimizer.zeroGrad();
        last.backward();
        return optimizer.step();
      },
      value: () => last.item(),
      finish: () => parameters[3].data(),
    };
  };

const runs = {
  training: training(unguarded),
  "checked-training": training({}),

  // Results go to states, which stay on the device.
  matmul(data) {
    const [a, b] = [data.a, data.b].map(tensorOf);
    const product = stateOf(data.a.shape);
    const value = () => product.square().sum().item();
    return { step: () => assignAll([[product, a.matmul(b)]]), value, finish: value };
  },

  "cross-entropy"({ prediction, target }) {
    const [p, t] = [prediction, target].map(tensorOf);
    const [loss, gradient] = [stateOf([]), stateOf(prediction.shape)];
    const both = valueAndGrad((x) => crossEntropy(x, t));
    return {
      step() {
        const [value, slope] = both(p);
        return assignAll([
          [loss, value],
          [gradient, slope],
        ]);
      },
      value: () => loss.item(),
      finish: () => loss.item(),
    };
  },
};

const shared = { runs, memory, profile };

const onGpu = (engine) => ({
  ...shared,
  label: `Downhill ${engine}`,
  enter: () => useGpu({ engine }),
  leave: leaveGpu,
  counts: gpuCounts,
});

export const downhillWebGpu = onGpu("webgpu");
export const downhillWebGl2 = onGpu("webgl2");
export const downhillCpu = {
  ...shared,
  label: "Downhill cpu, 1 thread",
  enter: () => setThreads(1),
  leave() {},
};
