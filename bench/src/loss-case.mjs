// A loss of one prediction with its gradient, as every library computes it.

import { jaxArrays } from "./jax-adam.mjs";
import { fingerprint } from "./statistics.mjs";

/** Downhill's side: `loss(library)` makes the loss of all data in their order, and these of them are learned. */
export const downhillLoss = (loss, learned) => (lib, data) => {
  const evaluate = loss(lib);
  const parameters = [];
  const tensors = Object.entries(data).map(([name, { values, shape }]) => {
    if (!learned.includes(name)) return lib.tensor(values, { shape });
    parameters.push(lib.parameter(values, { shape }));
    return parameters.at(-1);
  });
  let value;
  return {
    step() {
      for (const parameter of parameters) parameter.grad = null;
      value = evaluate(...tensors);
      value.backward();
      lib.evaluateSync(value, ...parameters.map((parameter) => parameter.grad));
    },
    check: () => [value.itemSync(), ...parameters.map((parameter) => fingerprint(parameter.grad.dataSync()))],
  };
};

/**
 * The sides of a case that evaluates `loss(prediction, target)` and its gradient for the prediction.
 * The data are {prediction, target}; each argument makes the loss from a library.
 */
export function lossCase({ downhill, tfjs, jax }) {
  return {
    downhill: downhillLoss(downhill, ["prediction"]),

    tfjs(tf, { prediction, target }) {
      const p = tf.tensor(prediction.values, prediction.shape);
      const t = tf.tensor(target.values, target.shape);
      const both = tf.valueAndGrad((x) => tfjs(tf)(x, t));
      let last = null;
      return {
        step() {
          if (last !== null) tf.dispose(last);
          last = both(p);
          last.value.dataSync();
        },
        check: () => [last.value.dataSync()[0], fingerprint(last.grad.dataSync())],
        close: () => tf.dispose([p, t, last]),
      };
    },

    jax(library, data) {
      const { jit, valueAndGrad, tree } = library;
      const { prediction, target } = jaxArrays(library, data);
      const both = jit(valueAndGrad(jax(library)));
      let last = null;
      return {
        async step() {
          if (last !== null) tree.dispose(last);
          last = both(prediction.ref, target.ref);
          await library.blockUntilReady(last);
        },
        check: () => [last[0].ref.dataSync()[0], fingerprint(last[1].ref.dataSync())],
        close: () => tree.dispose([prediction, target, last]),
      };
    },
  };
}
