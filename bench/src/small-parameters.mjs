// One step of an optimizer on many small parameters: what a step costs beside its arithmetic.
import { seeded } from "./data.mjs";
import { fingerprint } from "./statistics.mjs";

const count = 200;
const size = 256;

/**
 * A case for the optimizer `name`; `kept` is how many numbers it keeps for each element. PyTorch's side is chosen by the case's
 * own name. `tfjs(train)` makes TensorFlow.js's optimizer, where it has one.
 */
export function smallParameters(name, { kept, options = {}, tfjs, title = name }) {
  const elements = count * size;
  const without = (library) => () => {
    throw new Error(`${library} has no ${name}`);
  };
  return {
    title: `${title}, 200 parameters of 256`,
    // Parameter and state are read and written, the gradient is read.
    work: { bytes: (12 + 8 * kept) * elements, flops: 0, footprint: (8 + 4 * kept) * elements },

    data() {
      const { uniform } = seeded(10);
      return { parameters: uniform([count, size]), gradients: uniform([count, size]) };
    },

    downhill(lib, data) {
      const row = ({ values }, i) => values.slice(i * size, (i + 1) * size);
      const parameters = Array.from({ length: count }, (_, i) => lib.parameter(row(data.parameters, i)));
      const gradients = Array.from({ length: count }, (_, i) => lib.tensor(row(data.gradients, i)));
      // The others check nothing either.
      const optimizer = new lib.optimizers[name](parameters, { ...options, errorIfNonFinite: false });
      return {
        async step() {
          optimizer.zeroGrad();
          // The gradients of this sum are those of the data.
          const terms = parameters.map((parameter, i) => parameter.mul(gradients[i]).sum());
          terms.reduce((sum, term) => sum.add(term)).backward();
          await optimizer.step();
          lib.evaluateSync(parameters[count - 1]);
        },
        check: () => [parameters.reduce((sum, parameter) => sum + fingerprint(parameter.dataSync()), 0)],
      };
    },

    tfjs:
      tfjs === undefined
        ? without("TensorFlow.js")
        : (tf, data) => {
            const rows = ({ values, shape }) => tf.unstack(tf.tensor(values, shape));
            const variables = rows(data.parameters).map((each) => tf.variable(each));
            const gradients = rows(data.gradients);
            const optimizer = tfjs(tf.train);
            const named = Object.fromEntries(variables.map((each, i) => [each.name, gradients[i]]));
            return {
              step: () => optimizer.applyGradients(named),
              check: () => [variables.reduce((sum, each) => sum + fingerprint(each.dataSync()), 0)],
              close() {
                optimizer.dispose();
                tf.dispose([variables, gradients]);
              },
            };
          },

    jax: without("this bench of jax-js"),
  };
}
