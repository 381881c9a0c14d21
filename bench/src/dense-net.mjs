// A net of two dense layers: forward, cross entropy, backward, and Adam unless only the gradient is asked for.
import { oneHot, seeded, transposed } from "./data.mjs";
import { jaxCrossEntropy, jaxGradient, jaxTraining } from "./jax-train.mjs";

/** Options of optimizers: no check of the gradients, which the others don't have either. */
export const unguarded = { errorIfNonFinite: false };

export function denseNet([inputs, hidden, classes], batch, { update = true } = {}) {
  const net = `${inputs}-${hidden}-${classes}, batch ${batch}`;
  const parameterCount = hidden * (inputs + 1) + classes * (hidden + 1);
  return {
    title: update ? `training step ${net}, Adam` : `loss and gradient alone ${net}`,
    work: {
      // A step reads and writes each parameter and its two moments; the gradient alone reads one and writes the other.
      bytes: 4 * batch * (inputs + 1) + (update ? 24 : 8) * parameterCount,
      // Forward and the gradient of the weights, and in the second layer that of its input.
      flops: batch * hidden * (4 * inputs + 6 * classes),
      ...(update && { footprint: 4 * batch * (inputs + 1) + 12 * parameterCount }),
    },

    data() {
      const { uniform, labels, zeros } = seeded(1);
      return {
        x: uniform([batch, inputs]),
        y: labels([batch], classes),
        w1: uniform([hidden, inputs], inputs ** -0.5),
        b1: zeros([hidden]),
        w2: uniform([classes, hidden], hidden ** -0.5),
        b2: zeros([classes]),
      };
    },

    downhill(lib, { x, y, w1, b1, w2, b2 }) {
      const { Linear, ReLU, Sequential } = lib.nn;
      const model = new Sequential([new Linear(inputs, hidden), new ReLU(), new Linear(hidden, classes)]);
      const parameters = model.parameters();
      for (const [index, initial] of [w1, b1, w2, b2].entries()) {
        parameters[index].assign(lib.tensor(initial.values, { shape: initial.shape }));
      }
      const optimizer = new lib.optimizers.Adam(parameters, unguarded);
      const [images, labels] = [x, y].map(({ values, shape }) => lib.tensor(values, { shape }));
      let last;
      return {
        async step() {
          const loss = lib.losses.crossEntropy(model.forward(images), labels);
          optimizer.zeroGrad();
          loss.backward();
          if (update) await optimizer.step();
          else lib.evaluateSync(loss, ...parameters.map((parameter) => parameter.grad));
          last = await loss.item();
        },
        check: () => [last],
      };
    },

    tfjs(tf, { x, y, w1, b1, w2, b2 }) {
      const [images, labels] = [x, oneHot(y, classes)].map(({ values, shape }) => tf.tensor(values, shape));
      const variable = ({ values, shape }) => tf.variable(tf.tensor(values, shape));
      const variables = [transposed(w1), b1, transposed(w2), b2].map(variable);
      const [v1, c1, v2, c2] = variables;
      const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
      const loss = () => tf.losses.softmaxCrossEntropy(labels, images.matMul(v1).add(c1).relu().matMul(v2).add(c2));
      let last;
      return {
        step() {
          const { value, grads } = tf.variableGrads(loss, variables);
          if (update) optimizer.applyGradients(grads);
          [last] = value.dataSync();
          tf.dispose([value, grads]);
        },
        check: () => [last],
        close() {
          optimizer.dispose();
          tf.dispose([images, labels, variables]);
        },
      };
    },

    jax(jax, { x, y, ...parameters }) {
      const { numpy: np, nn } = jax;
      const run = update ? jaxTraining : jaxGradient;
      return run(jax, parameters, { x, y }, ({ w1, b1, w2, b2 }, { x, y }) => {
        const h = nn.relu(np.matmul(x, np.transpose(w1)).add(b1));
        return jaxCrossEntropy(jax, np.matmul(h, np.transpose(w2)).add(b2), y);
      });
    },
  };
}
