// A loss of one prediction with its gradient, as every library computes it.

import { jaxArrays } from "./jax-adam.mjs";
import { fingerprint } from "./statistics.mjs";

/**
 * The sides of a case that evaluates `loss(prediction, target)` and its gradient for the prediction.
 * The data are {prediction, target}; each argument makes the loss from a library.
 */
export function lossCase({ downhill, tfjs, jax }) {
  return {
    downhill(lib, { prediction, target }) {
      const loss = downhill(lib);
      const p = lib.parameter(prediction.values, { shape: prediction.shape });
      const t = lib.tensor(target.values, { shape: target.shape });
      let value;
      return {
        step() {
          p.grad = null;
          value = loss(p, t);
          value.backward();
          lib.evaluateSync(value, p.grad);
        },
        check: () => [value.itemSync(), fingerprint(p.grad.dataSync())],
      };
    },

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
