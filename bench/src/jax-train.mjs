import { adamUpdate, jaxArrays } from "./jax-adam.mjs";

/** A training step with Adam in jax-js: `loss(parameters, batch)` over arrays; loss, gradient and update in one jit. */
export function jaxTraining(jax, parameterData, batchData, loss) {
  const { numpy: np, tree, jit, valueAndGrad } = jax;
  const batch = jaxArrays(jax, batchData);
  let parameters = jaxArrays(jax, parameterData);
  let moments = [tree.map(np.zerosLike, tree.ref(parameters)), tree.map(np.zerosLike, tree.ref(parameters))];
  const update = jit((parameters, moments, batch, step) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), batch);
    return [value, ...adamUpdate(jax, parameters, moments, gradients, step)];
  });
  let count = 0;
  let last;
  return {
    async step() {
      count++;
      let value;
      [value, parameters, moments] = update(parameters, moments, tree.ref(batch), np.array(count));
      await jax.blockUntilReady([parameters, moments]);
      [last] = await value.data();
    },
    check: () => [last],
    close() {
      tree.dispose([parameters, moments, batch]);
      update.dispose();
    },
  };
}

/** Loss and gradient alone, in one jit. */
export function jaxGradient(jax, parameterData, batchData, loss) {
  const { tree, jit, valueAndGrad } = jax;
  const [parameters, batch] = [parameterData, batchData].map((data) => jaxArrays(jax, data));
  const both = jit(valueAndGrad(loss));
  let last;
  return {
    async step() {
      const [value, gradients] = both(tree.ref(parameters), tree.ref(batch));
      await jax.blockUntilReady(gradients);
      [last] = await value.data();
      tree.dispose(gradients);
    },
    check: () => [last],
    close() {
      tree.dispose([parameters, batch]);
      both.dispose();
    },
  };
}

/** Mean cross entropy of logits and int32 labels, in the fastest of five forms tried with jax-js 0.1.25. */
export function jaxCrossEntropy({ nn, numpy: np }, logits, labels) {
  const classes = logits.shape[1];
  return np.mean(nn.logsumexp(logits.ref, -1).sub(np.sum(logits.mul(nn.oneHot(labels, classes)), -1)));
}
