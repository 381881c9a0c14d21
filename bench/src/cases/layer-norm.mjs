import { seeded } from "../data.mjs";
import { jaxArrays } from "../jax-adam.mjs";
import { fingerprint } from "../statistics.mjs";

const [rows, columns] = [4096, 1000];
const epsilon = 1e-5;

// Forward and the gradients of input, weight and bias, given the gradient of the output.
export default {
  title: `layer norm with gradient ${rows}×${columns}`,
  work: { bytes: 12 * rows * columns + 16 * columns, flops: 0 },

  data() {
    const { uniform } = seeded(8);
    return {
      x: uniform([rows, columns], 2),
      weight: uniform([columns]),
      bias: uniform([columns]),
      upstream: uniform([rows, columns]),
    };
  },

  downhill(lib, data) {
    const parameters = [data.x, data.weight, data.bias].map(({ values, shape }) => lib.parameter(values, { shape }));
    const [x, weight, bias] = parameters;
    const one = lib.tensor(1);
    const upstream = lib.tensor(data.upstream.values, { shape: data.upstream.shape });
    return {
      step() {
        for (const parameter of parameters) parameter.grad = null;
        const centered = x.sub(x.mean({ axis: -1, keepDims: true }));
        const variance = centered.square().mean({ axis: -1, keepDims: true });
        // As PyTorch does it: one division per row.
        const scale = one.div(variance.add(epsilon).sqrt());
        const output = centered.mul(scale).mul(weight).add(bias);
        output.mul(upstream).sum().backward();
        lib.evaluateSync(...parameters.map((parameter) => parameter.grad));
      },
      check: () => parameters.map((parameter) => fingerprint(parameter.grad.dataSync())),
    };
  },

  tfjs(tf, data) {
    const [x, weight, bias, upstream] = Object.values(data).map(({ values, shape }) => tf.tensor(values, shape));
    const gradients = tf.grads((x, weight, bias) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(weight).add(bias);
    });
    let last = null;
    return {
      step() {
        if (last !== null) tf.dispose(last);
        last = gradients([x, weight, bias], upstream);
      },
      check: () => last.map((gradient) => fingerprint(gradient.dataSync())),
      close: () => tf.dispose([x, weight, bias, upstream, last]),
    };
  },

  jax(jax, data) {
    const { numpy: np, tree } = jax;
    const { x, weight, bias, upstream } = jaxArrays(jax, data);
    const gradients = jax.jit(
      jax.grad(
        (x, weight, bias, upstream) => {
          const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }));
          const variance = np.mean(np.square(centered.ref), -1, { keepdims: true });
          const output = centered
            .div(np.sqrt(variance.add(epsilon)))
            .mul(weight)
            .add(bias);
          return np.sum(output.mul(upstream));
        },
        { argnums: [0, 1, 2] },
      ),
    );
    let last = null;
    return {
      async step() {
        if (last !== null) tree.dispose(last);
        last = gradients(x.ref, weight.ref, bias.ref, upstream.ref);
        await jax.blockUntilReady(last);
      },
      check: () => last.map((gradient) => fingerprint(gradient.ref.dataSync())),
      close: () => tree.dispose([x, weight, bias, upstream, last]),
    };
  },
};
