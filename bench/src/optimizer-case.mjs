// One step of an optimizer whose gradients are there already.

import { seeded } from "./data.mjs";
import { unguarded } from "./dense-net.mjs";
import { fingerprint } from "./statistics.mjs";

/** The sum of squares of what has been added to parameters that began with `rows`. */
const changed = (rows, values) =>
  rows.reduce((sum, row, i) => sum + fingerprint(values[i].map((value, j) => value - row[j])), 0);

/**
 * The case of `count` parameters of `size` elements. `rule` is the name of the class in Downhill and PyTorch, `options` are Downhill's and
 * `pytorch` the same as Python's arguments, `kept` is how many numbers are kept for each element. `tfjs(train)` makes TensorFlow.js's
 * optimizer, where it has one. `tolerance` is by how much the libraries may differ, when that is more than 0.2 %.
 */
export function optimizerCase(rule, { count, size, kept, options = {}, pytorch = "", tfjs, tolerance, title }) {
  const elements = count * size;
  const rowsOf = ({ values }) => Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
  return {
    title,
    tolerance,
    rivals: ["downhill", "pytorch", ...(tfjs === undefined ? [] : ["tfjs-wasm"])],
    // Parameter and state are read and written, the gradient is read.
    work: { bytes: (12 + 8 * kept) * elements, flops: 0, footprint: (8 + 4 * kept) * elements },

    data() {
      const { uniform } = seeded(9);
      return { parameters: uniform([count, size]), gradients: uniform([count, size]) };
    },

    // `guard` leaves the check of the gradients on.
    downhill(lib, data, guard = unguarded) {
      const parameters = rowsOf(data.parameters).map((row) => lib.parameter(row));
      const gradients = rowsOf(data.gradients).map((row) => lib.tensor(row));
      const optimizer = new lib.optimizers[rule](parameters, { ...options, ...guard });
      return {
        async step() {
          optimizer.zeroGrad();
          // The gradients of this sum are those of the data, so the step reads them like any other.
          const terms = parameters.map((parameter, i) => parameter.mul(gradients[i]).sum());
          terms.reduce((sum, term) => sum.add(term)).backward();
          await optimizer.step();
          lib.evaluateSync(parameters.at(-1));
        },
        check: () => [
          changed(
            rowsOf(data.parameters),
            parameters.map((parameter) => parameter.dataSync()),
          ),
        ],
      };
    },

    pytorch: { kind: "optimizer", code: `torch.optim.${rule}(parameters${pytorch === "" ? "" : `, ${pytorch}`})` },

    tfjs(tf, data) {
      const tensors = (rows) => rows.map((row) => tf.tensor1d(row));
      const variables = tensors(rowsOf(data.parameters)).map((each) => tf.variable(each));
      const gradients = tensors(rowsOf(data.gradients));
      const optimizer = tfjs(tf.train);
      const named = Object.fromEntries(variables.map((each, i) => [each.name, gradients[i]]));
      return {
        step: () => optimizer.applyGradients(named),
        check: () => [
          changed(
            rowsOf(data.parameters),
            variables.map((each) => each.dataSync()),
          ),
        ],
        close() {
          optimizer.dispose();
          tf.dispose([variables, gradients]);
        },
      };
    },
  };
}
