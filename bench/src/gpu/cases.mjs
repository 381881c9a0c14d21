// What is measured in the browser: the data and titles of cases that the bench on the CPU has too.
import crossEntropy from "../cases/cross-entropy.mjs";
import matmul from "../cases/matmul-512.mjs";
import training from "../cases/mlp-784-128-10.mjs";

export const cases = {
  training,
  // The default: a step is not taken when a gradient is not finite. The others have nothing like it.
  "checked-training": { ...training, title: `${training.title}, gradients checked` },
  matmul,
  "cross-entropy": crossEntropy.sized(1_024_000),
};
