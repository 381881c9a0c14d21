import { seeded } from "../data.mjs";
import { lossCase } from "../loss-case.mjs";

const count = 1_000_000;

export default {
  title: "mean squared error with gradient, 1M",
  work: { bytes: 12 * count },

  data() {
    const { uniform } = seeded(3);
    return { prediction: uniform([count], 2), target: uniform([count], 2) };
  },

  ...lossCase({
    downhill: (lib) => lib.losses.meanSquaredError,
    tfjs: (tf) => (p, t) => tf.losses.meanSquaredError(t, p, undefined, tf.Reduction.MEAN),
    jax:
      ({ numpy: np }) =>
      (p, t) =>
        np.mean(np.square(p.sub(t))),
  }),
};
