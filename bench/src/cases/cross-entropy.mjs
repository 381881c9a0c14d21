import { oneHot, seeded } from "../data.mjs";
import { jaxCrossEntropy } from "../jax-train.mjs";
import { lossCase } from "../loss-case.mjs";

const classes = 1000;
const sides = lossCase({
  downhill: (lib) => lib.losses.crossEntropy,
  tfjs: (tf) => (p, t) => tf.losses.softmaxCrossEntropy(t, p),
  jax: (jax) => (p, t) => jaxCrossEntropy(jax, p, t),
});

const ofRows = (rows) => ({
  title: `cross entropy with gradient ${rows}×${classes}`,
  work: { bytes: 8 * rows * classes + 4 * rows + 4, flops: 0 },

  data() {
    const { uniform, labels } = seeded(6);
    return { prediction: uniform([rows, classes], 4), target: labels([rows], classes) };
  },

  ...sides,
  // TensorFlow.js has no cross entropy of indices; its rows are made beforehand.
  tfjs: (tf, { prediction, target }) => sides.tfjs(tf, { prediction, target: oneHot(target, classes) }),
});

function sized(elements) {
  if (elements % classes !== 0) throw new Error(`cross-entropy: a multiple of ${classes} elements expected`);
  return ofRows(elements / classes);
}

export default { ...ofRows(4096), sized };
