// TensorFlow.js in the browser, on one of its backends.
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
import { oneHot, transposed } from "../data.mjs";

const tensorOf = ({ values, shape }) => tf.tensor(values, shape);

/** A variable that does not leave its first value behind. */
const variableOf = (data) => tf.tidy(() => tf.variable(tensorOf(data)));

async function first(tensor) {
  const [value] = await tensor.data();
  return value;
}

const runs = {
  training({ x, y, w1, b1, w2, b2 }) {
    const [images, labels] = [x, oneHot(y, w2.shape[0])].map(tensorOf);
    const variables = [transposed(w1), b1, transposed(w2), b2].map(variableOf);
    const [v1, c1, v2, c2] = variables;
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
    const loss = () => tf.losses.softmaxCrossEntropy(labels, images.matMul(v1).add(c1).relu().matMul(v2).add(c2));
    let last = null;
    return {
      step() {
        const { value, grads } = tf.variableGrads(loss, variables);
        optimizer.applyGradients(grads);
        tf.dispose([last, grads]);
        last = value;
      },
      value: () => first(last),
      finish: () => first(c2),
      close() {
        optimizer.dispose();
        tf.dispose([images, labels, variables, last]);
      },
    };
  },

  matmul(data) {
    const [a, b] = [data.a, data.b].map(tensorOf);
    let product = null;
    async function value() {
      const sum = tf.tidy(() => product.square().sum());
      const number = await first(sum);
      sum.dispose();
      return number;
    }
    return {
      step() {
        product?.dispose();
        product = tf.matMul(a, b);
      },
      value,
      finish: value,
      close: () => tf.dispose([a, b, product]),
    };
  },

  "cross-entropy"({ prediction, target }) {
    const p = tensorOf(prediction);
    const t = tensorOf(oneHot(target, prediction.shape[1]));
    const both = tf.valueAndGrad((x) => tf.losses.softmaxCrossEntropy(t, x));
    let last = null;
    return {
      step() {
        tf.dispose(last);
        last = both(p);
      },
      value: () => first(last.value),
      finish: () => first(last.value),
      close: () => tf.dispose([p, t, last]),
    };
  },
};

const on = (backend) => ({
  runs,
  label: `tfjs ${backend}`,
  async enter() {
    if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend did not start`);
  },
  leave() {},
  memory() {
    const { numBytesInGPUAllocated, numBytesInGPU, numDataBuffers } = tf.memory();
    return { bytes: numBytesInGPUAllocated ?? numBytesInGPU, buffers: numDataBuffers };
  },
});

export const tfjsWebGl = on("webgl");
export const tfjsWebGpu = on("webgpu");
