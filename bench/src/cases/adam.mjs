import { seeded } from "../data.mjs";
import { adamUpdate, jaxArrays } from "../jax-adam.mjs";
import { fingerprint } from "../statistics.mjs";

const count = 1_000_000;

// One step on one parameter; the gradient is there already.
export default {
  title: "Adam, 1M parameters",
  // Parameter and both moments are read and written, the gradient is read.
  work: { bytes: 28 * count, flops: 0, footprint: 16 * count },

  data() {
    const { uniform } = seeded(9);
    return { parameter: uniform([count]), gradient: uniform([count]) };
  },

  // Without the check of the gradients, which the others don't have either.
  downhill(lib, data, options = { errorIfNonFinite: false }) {
    const parameter = lib.parameter(data.parameter.values, { shape: [count] });
    const gradient = lib.tensor(data.gradient.values, { shape: [count] });
    const optimizer = new lib.optimizers.Adam([parameter], options);
    return {
      async step() {
        optimizer.zeroGrad();
        // The gradient of this sum is `gradient`, so the step reads it like any other.
        parameter.mul(gradient).sum().backward();
        await optimizer.step();
        lib.evaluateSync(parameter);
      },
      check: () => [fingerprint(parameter.dataSync())],
    };
  },

  tfjs(tf, data) {
    const parameter = tf.variable(tf.tensor1d(data.parameter.values));
    const gradient = tf.tensor1d(data.gradient.values);
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
    return {
      step: () => optimizer.applyGradients({ [parameter.name]: gradient }),
      check: () => [fingerprint(parameter.dataSync())],
      close() {
        optimizer.dispose();
        tf.dispose([parameter, gradient]);
      },
    };
  },

  jax(jax, data) {
    const { numpy: np, tree } = jax;
    const arrays = jaxArrays(jax, data);
    let state = [arrays.parameter, [np.zeros([count]), np.zeros([count])]];
    const update = jax.jit((...given) => adamUpdate(jax, ...given));
    let steps = 0;
    return {
      async step() {
        state = update(...state, arrays.gradient.ref, np.array(++steps));
        await jax.blockUntilReady(state);
      },
      check: () => [fingerprint(state[0].ref.dataSync())],
      close: () => tree.dispose([state, arrays.gradient]),
    };
  },
};
