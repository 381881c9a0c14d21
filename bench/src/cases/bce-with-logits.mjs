import { seeded } from "../data.mjs";
import { lossCase } from "../loss-case.mjs";

const count = 1_000_000;

export default {
  title: "binary cross entropy with logits and gradient, 1M",
  work: { bytes: 12 * count + 4, flops: 0 },

  data() {
    const { uniform, bits } = seeded(5);
    return { prediction: uniform([count], 4), target: bits([count]) };
  },

  ...lossCase({
    downhill: (lib) => lib.losses.binaryCrossEntropyWithLogits,
    tfjs: (tf) => (p, t) => tf.losses.sigmoidCrossEntropy(t, p, undefined, 0, tf.Reduction.MEAN),
    jax:
      ({ numpy: np }) =>
      (x, y) =>
        np.mean(
          np
            .maximum(x.ref, 0)
            .sub(x.ref.mul(y))
            .add(np.log1p(np.exp(np.abs(x).mul(-1)))),
        ),
  }),
};
