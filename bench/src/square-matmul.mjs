// A product of two square matrices.
import { seeded } from "./data.mjs";
import { jaxArrays } from "./jax-adam.mjs";
import { fingerprint } from "./statistics.mjs";

export function squareMatmul(size) {
  return {
    title: `matmul ${size}³`,
    work: { bytes: 12 * size ** 2, flops: 2 * size ** 3 },

    data() {
      const { uniform } = seeded(2);
      return { a: uniform([size, size]), b: uniform([size, size]) };
    },

    downhill(lib, data) {
      const [a, b] = [data.a, data.b].map(({ values, shape }) => lib.tensor(values, { shape }));
      let product;
      return {
        step() {
          product = a.matmul(b);
          lib.evaluateSync(product);
        },
        check: () => [fingerprint(product.dataSync())],
      };
    },

    tfjs(tf, data) {
      const [a, b] = [data.a, data.b].map(({ values, shape }) => tf.tensor(values, shape));
      let product = null;
      return {
        step() {
          product?.dispose();
          product = tf.matMul(a, b);
        },
        check: () => [fingerprint(product.dataSync())],
        close: () => tf.dispose([a, b, product]),
      };
    },

    jax(jax, data) {
      const { a, b } = jaxArrays(jax, data);
      let product = null;
      return {
        async step() {
          product?.dispose();
          product = jax.numpy.matmul(a.ref, b.ref);
          await product.blockUntilReady();
        },
        check: () => [fingerprint(product.ref.dataSync())],
        close: () => jax.tree.dispose([a, b, product]),
      };
    },
  };
}
