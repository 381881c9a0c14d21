import { optimizerCase } from "../optimizer-case.mjs";

// Of each rule that PyTorch has: the class, the options of both, how many numbers it keeps for each element, and TensorFlow.js's.
const rows = {
  SGD: { options: { lr: 1e-3 }, pytorch: "lr=1e-3", kept: 0, tfjs: (train) => train.sgd(1e-3) },
  "SGD-momentum": {
    rule: "SGD",
    options: { lr: 1e-3, momentum: 0.9 },
    pytorch: "lr=1e-3, momentum=0.9",
    kept: 1,
    tfjs: (train) => train.momentum(1e-3, 0.9),
  },
  Adam: { kept: 2, tfjs: (train) => train.adam(1e-3, 0.9, 0.999, 1e-8) },
  AdamW: { kept: 2 },
  // PyTorch 1.13 has a factor too many in its momentum, so that its steps are 0.7 % shorter; later versions don't.
  NAdam: { kept: 2, tolerance: 0.01 },
  RAdam: { kept: 2 },
  Adamax: { kept: 2, tfjs: (train) => train.adamax(2e-3, 0.9, 0.999, 1e-8) },
  Adagrad: { kept: 1, tfjs: (train) => train.adagrad(0.01, 0) },
  // TensorFlow.js 4.22 divides by the mean square of the step before, so that its first step is the whole gradient.
  Adadelta: { kept: 2 },
  // TensorFlow.js has epsilon inside the root.
  RMSprop: { kept: 1, tfjs: (train) => train.rmsprop(0.01, 0.99, 0, 1e-12) },
  Rprop: { kept: 2 },
  ASGD: { kept: 1 },
};

const cases = (suffix, title, size) =>
  Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [
      `optimizer/${name}${suffix}`,
      optimizerCase(row.rule ?? name, { ...row, ...size, title: `${name.replace("-", ", ")}, ${title}` }),
    ]),
  );

// PyTorch as it comes: up to 1.13 `foreach=None` on a CPU is a loop over the parameters in Python; 2.0 and later loop there, too.
const mark = 0.4;

export const large = {
  heading: "Optimizers, one parameter of 1M",
  mark,
  cases: cases("", "1M", { count: 1, size: 1_000_000 }),
};

export const small = {
  heading: "Optimizers, 200 parameters of 256",
  mark,
  cases: cases("-small", "200 × 256", { count: 200, size: 256 }),
};
