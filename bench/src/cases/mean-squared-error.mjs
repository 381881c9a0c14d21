import { countLabel, seeded } from "../data.mjs";
import { lossCase } from "../loss-case.mjs";

const sized = (count) => ({
  title: `mean squared error with gradient, ${countLabel(count)}`,
  work: { bytes: 12 * count + 4, flops: 0 },

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
});

export default { ...sized(1_000_000), sized };
