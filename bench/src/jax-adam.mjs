/** One Adam update in jax-js, to be traced by jit: (parameters, moments, gradients, step) => [parameters, moments]. */
export function adamUpdate({ numpy: np, tree }, parameters, [first, second], gradients, step, lr = 1e-3) {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const m = tree.map((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), first, tree.ref(gradients));
  const v = tree.map((v, g) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), second, gradients);
  const bias1 = np.subtract(1, np.pow(beta1, step.ref));
  const bias2 = np.subtract(1, np.pow(beta2, step));
  const next = tree.map(
    (p, m, v) =>
      p.sub(
        m
          .div(bias1.ref)
          .mul(lr)
          .div(np.sqrt(v.div(bias2.ref)).add(epsilon)),
      ),
    parameters,
    tree.ref(m),
    tree.ref(v),
  );
  bias1.dispose();
  bias2.dispose();
  return [next, [m, v]];
}

/** jax-js arrays of the data, int32 for indices. */
export function jaxArrays({ numpy: np }, data) {
  return Object.fromEntries(
    Object.entries(data).map(([name, { shape, values }]) => [
      name,
      np.array(values, { shape, dtype: values instanceof Int32Array ? np.int32 : np.float32 }),
    ]),
  );
}
