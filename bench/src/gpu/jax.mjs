// jax-js in the browser, on its WebGPU device.
import * as jax from "@jax-js/jax";
import { adamUpdate, jaxArrays } from "../jax-adam.mjs";
import { jaxCrossEntropy } from "../jax-train.mjs";

const { numpy: np, nn, tree, jit, valueAndGrad } = jax;

async function first(array) {
  const [value] = await array.ref.data();
  return value;
}

/** Work is submitted when it is waited for, and dropped with its result: so results of a block are kept until its end. */
function keeping(compute, value, inputs) {
  let results = [];
  return {
    step() {
      results.push(compute());
    },
    async value() {
      await jax.blockUntilReady(results);
      const last = results.pop();
      tree.dispose(results);
      results = [last];
      return value(last);
    },
    finish: () => jax.blockUntilReady(results),
    close: () => tree.dispose([results, inputs]),
  };
}

const runs = {
  training({ x, y, ...initial }) {
    const batch = jaxArrays(jax, { x, y });
    let parameters = jaxArrays(jax, initial);
    let moments = [tree.map(np.zerosLike, tree.ref(parameters)), tree.map(np.zerosLike, tree.ref(parameters))];
    const loss = ({ w1, b1, w2, b2 }, { x, y }) => {
      const h = nn.relu(np.matmul(x, np.transpose(w1)).add(b1));
      return jaxCrossEntropy(jax, np.matmul(h, np.transpose(w2)).add(b2), y);
    };
    const update = jit((parameters, moments, batch, step) => {
      const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), batch);
      return [value, ...adamUpdate(jax, parameters, moments, gradients, step)];
    });
    let count = 0;
    let last = null;
    return {
      step() {
        last?.dispose();
        [last, parameters, moments] = update(parameters, moments, tree.ref(batch), np.array(++count));
      },
      value: () => first(last),
      finish: () => jax.blockUntilReady([parameters, moments]),
      close() {
        tree.dispose([parameters, moments, batch, last]);
        update.dispose();
      },
    };
  },

  matmul(data) {
    const { a, b } = jaxArrays(jax, data);
    const sum = async (product) => {
      const [number] = await np.sum(np.square(product.ref)).data();
      return number;
    };
    return keeping(() => np.matmul(a.ref, b.ref), sum, [a, b]);
  },

  "cross-entropy"(data) {
    const { prediction, target } = jaxArrays(jax, data);
    const both = jit(valueAndGrad((p, t) => jaxCrossEntropy(jax, p, t)));
    const run = keeping(
      () => both(prediction.ref, target.ref),
      ([value]) => first(value),
      [prediction, target],
    );
    return {
      ...run,
      close() {
        run.close();
        both.dispose();
      },
    };
  },
};

export const jaxWebGpu = {
  runs,
  label: "jax-js webgpu",
  async enter() {
    const found = await jax.init("webgpu");
    if (!found.includes("webgpu")) throw new Error("the webgpu device did not start");
    jax.defaultDevice("webgpu");
  },
  leave() {},
};
