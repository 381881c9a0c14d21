import { oneHot, seeded } from "../data.mjs";
import { jaxCrossEntropy } from "../jax-train.mjs";
import { lossCase } from "../loss-case.mjs";

const [rows, classes] = [4096, 1000];
const sides = lossCase({
  downhill: (lib) => lib.losses.crossEntropy,
  tfjs: (tf) => (p, t) => tf.losses.softmaxCrossEntropy(t, p),
  jax: (jax) => (p, t) => jaxCrossEntropy(jax, p, t),
});

export default {
  title: `cross entropy with gradient ${rows}×${classes}`,
  work: { bytes: 8 * rows * classes },

  data() {
    const { uniform, labels } = seeded(6);
    return { prediction: uniform([rows, classes], 4), target: labels([rows], classes) };
  },

  ...sides,
  // TensorFlow.js has no cross entropy of indices; its rows are made beforehand.
  tfjs: (tf, { prediction, target }) => sides.tfjs(tf, { prediction, target: oneHot(target, classes) }),
};
