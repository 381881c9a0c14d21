import { adamUpdate, jaxArrays } from "../jax-adam.mjs";
import { optimizerCase } from "../optimizer-case.mjs";
import { fingerprint } from "../statistics.mjs";

// One parameter; every library.
const { rivals: _, ...adam } = optimizerCase("Adam", {
  count: 1,
  size: 1_000_000,
  kept: 2,
  tfjs: (train) => train.adam(1e-3, 0.9, 0.999, 1e-8),
  title: "Adam, 1M parameters",
});

export default {
  ...adam,

  jax(jax, data) {
    const { numpy: np, tree } = jax;
    const arrays = jaxArrays(jax, data);
    let state = [arrays.parameters.ref, [np.zerosLike(arrays.parameters.ref), np.zerosLike(arrays.parameters.ref)]];
    const update = jax.jit((...given) => adamUpdate(jax, ...given));
    let steps = 0;
    return {
      async step() {
        state = update(...state, arrays.gradients.ref, np.array(++steps));
        await jax.blockUntilReady(state);
      },
      check: () => [fingerprint(state[0].ref.sub(arrays.parameters.ref).dataSync())],
      close: () => tree.dispose([state, arrays]),
    };
  },
};
