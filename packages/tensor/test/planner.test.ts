import { countKernels } from "@downhill/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { Parameter, Tensor } from "../src/index.js";
import {
  assignAll,
  conv2d,
  evaluateSync,
  gelu,
  manualSeed,
  number,
  parameter,
  pick,
  profile,
  rand,
  randn,
  softplus,
  state,
  tensor,
  useEngine,
  valueAndGrad,
  variance,
} from "../src/index.js";

beforeEach(() => {
  useEngine("cpu");
  manualSeed(0);
});

/** A tensor whose values are there already, so that only what is measured runs. */
function data(...shape: number[]): Tensor {
  return randn(shape).clone();
}

/** Kernels of a value with its gradient. */
function withGradient(f: (x: Tensor) => Tensor, x: Tensor): number {
  return countKernels(() => {
    const [value, gradient] = valueAndGrad(f)(x);
    evaluateSync(value, gradient);
  });
}

describe("one kernel for", () => {
  const labels = (): Tensor => tensor(Int32Array.from({ length: 16 }, (_, i) => i % 10));
  const target = (): Tensor => data(16, 10);
  const rows: Record<string, () => number> = {
    "a chain of elementwise operations": () => {
      const x = data(1000);
      return countKernels(() => evaluateSync(gelu(x.mul(2).add(1)).tanh()));
    },
    "softmax of an expression": () => {
      const x = data(16, 10);
      return countKernels(() => evaluateSync(x.mul(3).sub(1).softmax()));
    },
    "softmax of one long vector": () => {
      const x = data(4000);
      return countKernels(() => evaluateSync(x.softmax()));
    },
    "softmax over the middle axis of a row": () => {
      const x = data(10);
      return countKernels(() => evaluateSync(x.logSoftmax()));
    },
    "mean and variance of rows": () => {
      const x = data(16, 10);
      return countKernels(() => evaluateSync(x.mean({ axis: 1 }), variance(x, { axis: 1 })));
    },
    "mean squared error with its gradient": () => {
      const y = target();
      return withGradient((x) => x.sub(y).square().mean(), data(16, 10));
    },
    "a robust loss with its gradient": () => {
      const y = target();
      return withGradient((x) => softplus(x.sub(y).abs()).mean(), data(16, 10));
    },
    "cross entropy with its gradient": () => {
      const index = labels();
      return withGradient((x) => pick(x.logSoftmax(), index).neg().mean(), data(16, 10));
    },
    "cross entropy of soft targets with its gradient": () => {
      const y = target().softmax().clone();
      return withGradient((x) => x.logSoftmax().mul(y).sum({ axis: 1 }).mean().neg(), data(16, 10));
    },
    "layer norm with its gradients under a loss": () => {
      const [x, gain, shift] = [data(16, 10), data(10), data(10)];
      const norm = (a: Tensor, b: Tensor, c: Tensor): Tensor => {
        const centered = a.sub(a.mean({ axis: 1, keepDims: true }));
        const scale = centered.square().mean({ axis: 1, keepDims: true }).add(1e-5).sqrt();
        return centered.div(scale).mul(b).add(c).square().mean();
      };
      return countKernels(() => {
        const [value, gradients] = valueAndGrad(norm, { argnums: [0, 1, 2] })(x, gain, shift);
        evaluateSync(value, ...gradients);
      });
    },
    "first and second derivative": () => {
      const f = (x: Tensor): Tensor => x.square().tanh().sum();
      return withGradient((x) => valueAndGrad(f)(x)[1].sum(), data(50));
    },
    "a dense layer with bias and relu": () => {
      const [x, w, b] = [data(16, 20), data(30, 20), data(30)];
      return countKernels(() => evaluateSync(x.matmul(w.transpose()).add(b).relu()));
    },
    "a batched product with an activation": () => {
      const [x, w] = [data(4, 16, 20), data(4, 20, 30)];
      return countKernels(() => evaluateSync(x.matmul(w).tanh()));
    },
    "random numbers with what uses them": () => {
      const x = data(100);
      return countKernels(() => evaluateSync(x.mul(rand([100]).greater(0.5))));
    },
  };
  for (const [name, count] of Object.entries(rows)) test(name, () => expect(count()).toBe(1));
});

describe("a step of training", () => {
  const network = (): Parameter[] => [
    parameter(data(128, 784).mul(0.03), { name: "w1" }),
    parameter(data(128), { name: "b1" }),
    parameter(data(10, 128), { name: "w2" }),
    parameter(data(10), { name: "b2" }),
  ];

  const slotsOf = (parameters: readonly Parameter[]): Parameter[][] =>
    parameters.map((each) => [state(each.mul(0)), state(each.mul(0))]);

  function adamStep(loss: Tensor, parameters: readonly Parameter[], slots: readonly Parameter[][], step: number): void {
    for (const each of parameters) each.zeroGrad();
    loss.backward();
    const [keep, take, keepSquare, takeSquare, rate] = [0.9, 0.1, 0.999, 0.001, 1e-3 / step].map(number) as Tensor[];
    const writes = parameters.flatMap((each, i): [Parameter, Tensor][] => {
      const [m, v] = slots[i] as [Parameter, Parameter];
      const g = each.grad as Tensor;
      const m2 = m.mul(keep as Tensor).add(g.mul(take as Tensor));
      const v2 = v.mul(keepSquare as Tensor).add(g.square().mul(takeSquare as Tensor));
      return [
        [each, each.sub(m2.div(v2.sqrt().add(1e-8)).mul(rate as Tensor))],
        [m, m2],
        [v, v2],
      ];
    });
    void assignAll(writes, { consumed: parameters });
  }

  test("of 784-128-10 with cross entropy and Adam takes 5 kernels and one plan", () => {
    const x = data(64, 784);
    const y = tensor(Int32Array.from({ length: 64 }, (_, i) => i % 10));
    const parameters = network();
    const slots = slotsOf(parameters);
    const loss = (): Tensor => {
      const [w1, b1, w2, b2] = parameters as [Parameter, Parameter, Parameter, Parameter];
      const hidden = x.matmul(w1.transpose()).add(b1).relu();
      return pick(hidden.matmul(w2.transpose()).add(b2).logSoftmax(), y).neg().mean();
    };
    adamStep(loss(), parameters, slots, 1);
    const { plans } = profile();
    // Two products forward, three backward; everything else rides along: bias, relu and its mask, the loss with its
    // gradient, the sums for the biases and every update.
    for (let step = 2; step < 6; step++) expect(countKernels(() => adamStep(loss(), parameters, slots, step))).toBe(5);
    expect(profile().plans).toBe(plans);
  });

  test("of 24 residual layers takes three kernels per layer, however deep", () => {
    const layers = Array.from({ length: 24 }, () =>
      [data(8, 8), data(8), data(8), data(8)].map((each) => parameter(each)),
    );
    const x = data(4, 8);
    const residual = (h: Tensor, [w, b, gain, shift]: readonly Parameter[]): Tensor => {
      const centered = h.sub(h.mean({ axis: 1, keepDims: true }));
      const scale = centered.square().mean({ axis: 1, keepDims: true }).add(1e-5).sqrt();
      const normal = centered
        .div(scale)
        .mul(gain as Tensor)
        .add(shift as Tensor);
      return h.add(
        normal
          .matmul((w as Tensor).transpose())
          .add(b as Tensor)
          .relu(),
      );
    };
    const parameters = layers.flat();
    const slots = slotsOf(parameters);
    const loss = layers.reduce(residual, x).square().mean();
    expect(countKernels(() => adamStep(loss, parameters, slots, 1))).toBe(3 * 24 + 1);
  });
});

describe("kernels of their own", () => {
  test("a convolution and the elementwise work around it", () => {
    const [image, kernel] = [data(2, 1, 8, 8), data(3, 1, 3, 3)];
    expect(countKernels(() => evaluateSync(conv2d(image, kernel).relu()))).toBe(2);
  });
  test("a row longer than the registers: its reductions stand alone", () => {
    const x = data(2, 70_000);
    expect(countKernels(() => evaluateSync(x.softmax()))).toBeGreaterThan(1);
    expect(x.softmax().sum().itemSync()).toBeCloseTo(2, 4);
  });
});
