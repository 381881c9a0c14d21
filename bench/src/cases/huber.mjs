import { seeded } from "../data.mjs";
import { lossCase } from "../loss-case.mjs";

const count = 1_000_000;

export default {
  title: "huber with gradient, 1M",
  work: { bytes: 12 * count + 4, flops: 0 },

  data() {
    const { uniform } = seeded(4);
    return { prediction: uniform([count], 2), target: uniform([count], 2) };
  },

  ...lossCase({
    downhill: (lib) => lib.losses.huber,
    tfjs: (tf) => (p, t) => tf.losses.huberLoss(t, p, undefined, 1, tf.Reduction.MEAN),
    jax:
      ({ numpy: np }) =>
      (p, t) => {
        const e = np.abs(p.sub(t));
        return np.mean(np.where(e.ref.less(1), np.square(e.ref).mul(0.5), e.sub(0.5)));
      },
  }),
};
