import { oneHot, seeded } from "../data.mjs";
import { unguarded } from "../dense-net.mjs";
import { jaxCrossEntropy, jaxTraining } from "../jax-train.mjs";

const [batch, side, classes] = [64, 28, 10];
const [few, many] = [16, 32];
const flat = many * (side / 4) ** 2;
const parameterCount = few * 9 + few + many * few * 9 + many + classes * flat + classes;
/** Products of one 3×3 filter with an image, less those with padding. */
const products = (side) => (3 * side - 2) ** 2;

// conv 3×3, relu, max pool, conv 3×3, relu, max pool, dense; cross entropy, backward, Adam.
export default {
  title: `conv net 1-${few}-${many}, ${side}×${side}, batch ${batch}, Adam`,
  work: {
    bytes: 4 * batch * (side ** 2 + 1) + 24 * parameterCount,
    // Forward and the gradient of the weights, and past the first layer that of its input.
    flops: 2 * batch * (2 * few * products(side) + 3 * few * many * products(side / 2) + 3 * flat * classes),
    footprint: 4 * batch * (side ** 2 + 1) + 12 * parameterCount,
  },

  data() {
    const { uniform, labels, zeros } = seeded(10);
    return {
      x: uniform([batch, 1, side, side]),
      y: labels([batch], classes),
      w1: uniform([few, 1, 3, 3], 0.3),
      b1: zeros([few]),
      w2: uniform([many, few, 3, 3], 0.08),
      b2: zeros([many]),
      w3: uniform([classes, flat], flat ** -0.5),
      b3: zeros([classes]),
    };
  },

  downhill(lib, { x, y, ...initial }) {
    const parameters = Object.values(initial).map(({ values, shape }) => lib.parameter(values, { shape }));
    const [w1, b1, w2, b2, w3, b3] = parameters;
    const optimizer = new lib.optimizers.Adam(parameters, unguarded);
    const [images, labels] = [x, y].map(({ values, shape }) => lib.tensor(values, { shape }));
    const block = (x, w, b) =>
      lib.maxPool2d(
        lib
          .conv2d(x, w, { padding: 1 })
          .add(b.reshape([-1, 1, 1]))
          .relu(),
        { size: 2 },
      );
    let last;
    return {
      async step() {
        const features = block(block(images, w1, b1), w2, b2).reshape([batch, flat]);
        const loss = lib.losses.crossEntropy(features.matmul(w3.transpose()).add(b3), labels);
        optimizer.zeroGrad();
        loss.backward();
        await optimizer.step();
        last = await loss.item();
      },
      check: () => [last],
    };
  },

  tfjs(tf, { x, y, w1, b1, w2, b2, w3, b3 }) {
    const [images, labels] = tf.tidy(() => [
      tf.tensor(x.values, x.shape).transpose([0, 2, 3, 1]),
      tf.tensor(oneHot(y, classes).values, [batch, classes]),
    ]);
    const variables = tf.tidy(() => {
      const kernel = ({ values, shape }) => tf.variable(tf.tensor(values, shape).transpose([2, 3, 1, 0]));
      const vector = ({ values, shape }) => tf.variable(tf.tensor(values, shape));
      // Its images have channels last, so the rows of the dense weight come in that order.
      const dense = tf.tensor(w3.values, [classes, many, side / 4, side / 4]).transpose([2, 3, 1, 0]);
      return [kernel(w1), vector(b1), kernel(w2), vector(b2), tf.variable(dense.reshape([flat, classes])), vector(b3)];
    });
    const [k1, c1, k2, c2, k3, c3] = variables;
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
    const block = (x, w, b) => tf.maxPool(tf.conv2d(x, w, 1, "same").add(b).relu(), 2, 2, "valid");
    const loss = () =>
      tf.losses.softmaxCrossEntropy(
        labels,
        block(block(images, k1, c1), k2, c2)
          .reshape([batch, flat])
          .matMul(k3)
          .add(c3),
      );
    let last;
    return {
      step() {
        const value = optimizer.minimize(loss, true, variables);
        [last] = value.dataSync();
        value.dispose();
      },
      check: () => [last],
      close() {
        optimizer.dispose();
        tf.dispose([images, labels, variables]);
      },
    };
  },

  jax(jax, { x, y, ...parameters }) {
    const { numpy: np, nn, lax } = jax;
    const block = (x, w, b) => {
      const h = nn.relu(lax.conv(x, w, [1, 1], "SAME").add(b.reshape([-1, 1, 1])));
      const [n, c, height, width] = h.shape;
      return np.max(h.reshape([n, c, height / 2, 2, width / 2, 2]), [3, 5]);
    };
    return jaxTraining(jax, parameters, { x, y }, ({ w1, b1, w2, b2, w3, b3 }, { x, y }) => {
      const features = block(block(x, w1, b1), w2, b2).reshape([batch, flat]);
      return jaxCrossEntropy(jax, np.matmul(features, np.transpose(w3)).add(b3), y);
    });
  },
};
