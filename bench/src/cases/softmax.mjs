import { seeded } from "../data.mjs";
import { jaxArrays } from "../jax-adam.mjs";
import { fingerprint } from "../statistics.mjs";

const shape = [4096, 1000];

export default {
  title: `softmax ${shape.join("×")}`,
  work: { bytes: 8 * shape[0] * shape[1], flops: 0 },

  data: () => ({ x: seeded(7).uniform(shape, 4) }),

  downhill(lib, { x }) {
    const input = lib.tensor(x.values, { shape });
    let output;
    return {
      step() {
        output = input.softmax();
        lib.evaluateSync(output);
      },
      check: () => [fingerprint(output.dataSync())],
    };
  },

  tfjs(tf, { x }) {
    const input = tf.tensor(x.values, shape);
    let output = null;
    return {
      step() {
        output?.dispose();
        output = tf.softmax(input);
      },
      check: () => [fingerprint(output.dataSync())],
      close: () => tf.dispose([input, output]),
    };
  },

  jax(jax, data) {
    const { x } = jaxArrays(jax, data);
    const softmax = jax.jit((x) => jax.nn.softmax(x, -1));
    let output = null;
    return {
      async step() {
        output?.dispose();
        output = softmax(x.ref);
        await output.blockUntilReady();
      },
      check: () => [fingerprint(output.ref.dataSync())],
      close: () => jax.tree.dispose([x, output]),
    };
  },
};
