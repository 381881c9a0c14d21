import type { Tensor } from "@downhill/tensor";
import { conv2d, grad, logSumExp, parameter, softmax, tensor, where } from "@downhill/tensor";
import { expect, test } from "vitest";
import { draw, expectClose, expectGradient, onEveryEngine, random } from "./support.js";

onEveryEngine((engine) => {
  const second = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => grad((t: Tensor) => f(t).sum())(x).sum());
  const rows: [string, (x: Tensor) => Tensor, (x: number) => number][] = [
    ["cube", (x) => x.mul(x).mul(x), (x) => 6 * x],
    ["pow", (x) => x.pow(4), (x) => 12 * x * x],
    ["exp", (x) => x.exp(), Math.exp],
    ["expm1", (x) => x.expm1(), Math.exp],
    ["log", (x) => x.log(), (x) => -1 / x ** 2],
    ["log1p", (x) => x.log1p(), (x) => -1 / (1 + x) ** 2],
    ["sqrt", (x) => x.sqrt(), (x) => -0.25 * x ** -1.5],
    ["sin", (x) => x.sin(), (x) => -Math.sin(x)],
    ["cos", (x) => x.cos(), (x) => -Math.cos(x)],
    ["tanh", (x) => x.tanh(), (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2)],
    [
      "sigmoid",
      (x) => x.sigmoid(),
      (x) => {
        const s = 1 / (1 + Math.exp(-x));
        return s * (1 - s) * (1 - 2 * s);
      },
    ],
    ["erf", (x) => x.erf(), (x) => (-4 * x * Math.exp(-x * x)) / Math.sqrt(Math.PI)],
    ["reciprocal", (x) => x.reciprocal(), (x) => 2 / x ** 3],
    ["div", (x) => tensor(1).div(x.mul(x)), (x) => 6 / x ** 4],
    ["relu", (x) => x.relu().mul(x), () => 2],
    ["abs", (x) => x.abs().mul(x), () => 2],
    ["maximum", (x) => x.maximum(0.1).pow(3), (x) => 6 * x],
    ["where", (x) => where(x.greater(0), x.pow(3), x), (x) => 6 * x],
    ["clip", (x) => x.clip(0, 10).pow(3), (x) => 6 * x],
  ];
  const points = [0.3, 0.7, 1.5, 2.5];
  test.each(rows)("%s", (_what, f, expected) =>
    expectClose(second(f)(tensor(points)), points.map(expected), { relative: 2e-5, absolute: 1e-6 }),
  );

  test("third derivative", () => {
    const third = grad((x: Tensor) => second((t) => t.pow(5))(x).sum());
    expectClose(third(tensor([2])), [240]);
  });
  test("a Hessian with its mixed entries", () => {
    const f = (x: Tensor): Tensor => logSumExp(x);
    const x = [0.1, -0.4, 0.7];
    const p = Array.from(softmax(x).dataSync());
    for (let i = 0; i < 3; i++)
      expectClose(
        grad((t: Tensor) =>
          grad(f)(t)
            .slice([i], [i + 1])
            .sum(),
        )(tensor(x)),
        p.map((pj, j) => (p[i] as number) * (Number(i === j) - pj)),
        { absolute: 1e-6 },
      );
  });
  test("through reductions, products, convolutions and softmax, by differences", () => {
    const slope = (f: (x: Tensor) => Tensor) => (x: Tensor) => grad((t: Tensor) => f(t).sum())(x);
    const w = random([4, 3], -1, 1);
    const kernel = random([1, 1, 2, 2], -1, 1);
    const args = [{ shape: [3, 4], values: draw(12) }];
    for (const f of [
      (x: Tensor) => x.matmul(w).tanh(),
      (x: Tensor) => x.softmax().square(),
      (x: Tensor) => x.logSoftmax().square(),
      (x: Tensor) => x.max({ axis: 1 }).pow(3),
      (x: Tensor) => x.sum({ axis: 0 }).square().mean(),
      (x: Tensor) => conv2d(x.reshape([1, 1, 3, 4]), kernel).pow(3),
      (x: Tensor) => x.transpose().slice([1, 0], [3, 2]).exp(),
    ])
      expectGradient(engine, (x) => slope(f)(x as Tensor).square(), args, { relative: 1e-3, absolute: 5e-3 });
  });
  test("a gradient penalty reaches the parameters", () => {
    const w = parameter([2]);
    const x = tensor([3]);
    // f = w x², f' = 2 w x, penalty (2 w x)² with gradient 8 w x² for w.
    const penalty = grad((t: Tensor) => t.mul(t).mul(w).sum())(x)
      .square()
      .sum();
    penalty.backward();
    expect(w.grad?.arraySync()).toEqual([144]);
  });
});
