// Rule 2 of DESIGN §2: numbers are inputs of a plan, never part of its key.
import type { Tensor } from "@downhill/tensor";
import { assignAll, number, parameter, profile, state, tensor } from "@downhill/tensor";
import { expect, test } from "vitest";
import { zeroGrad } from "./descent.js";
import { expectClose, onEveryEngine } from "./support.js";

onEveryEngine(() => {
  test("no new plan after step 2 with changing numbers", () => {
    const [weight, m] = [
      parameter(
        [
          [1, 2],
          [3, 4],
        ],
        { name: "weight" },
      ),
      state([
        [0, 0],
        [0, 0],
      ]),
    ];
    const train = (i: number): void => {
      const loss = weight
        .mul(1 + i / 7)
        .add(i)
        .clip(-i - 5, 50 + i)
        .pow(2)
        .mean();
      zeroGrad([weight]);
      loss.backward();
      const lr = number(0.1 / (i + 1));
      const momentum = m.mul(1 - 0.9 ** (i + 1)).add(weight.grad as Tensor);
      void assignAll(
        [
          [m, momentum],
          [weight, weight.sub(momentum.mul(lr).div(1 - 0.99 ** (i + 1)))],
        ],
        { consumed: [weight] },
      );
      loss.itemSync();
      weight
        .slice([i % 2], [(i % 2) + 1])
        .sum()
        .itemSync();
    };
    train(0);
    train(1);
    const before = profile();
    for (let i = 2; i < 40; i++) train(i);
    const after = profile();
    expect([after.plans - before.plans, after.launches - before.launches]).toEqual([0, 38 * 2]);
  });
  test("numbers that look alike", () => {
    const x = tensor([2, 3]);
    const f = (a: number, b: number): unknown => x.mul(a).add(b).arraySync();
    expect([f(0, 0), f(1, 0), f(1, 1), f(-1, 0), f(0.5, NaN), f(Infinity, 1), f(2, 3)]).toEqual([
      [0, 0],
      [2, 3],
      [3, 4],
      [-2, -3],
      [NaN, NaN],
      [Infinity, Infinity],
      [7, 9],
    ]);
    const { plans } = profile();
    f(5, 6);
    expect(profile().plans).toBe(plans);
  });
  test("numbers that are computed from numbers", () => {
    const rate = number(0.5).mul(4).add(1).sqrt();
    expectClose(tensor([1, 2]).mul(rate), [Math.sqrt(3), 2 * Math.sqrt(3)]);
    expectClose(rate, [Math.sqrt(3)]);
    expectClose(number(2).pow(number(10)).maximum(5).less(3), [0]);
  });
  test("constants of one structure and two meanings", () => {
    const x = tensor([1, 4]);
    expect([
      x.sub(1).arraySync(),
      x.mul(1).arraySync(),
      x.add(-0).arraySync(),
      x.mul(-0).reciprocal().arraySync(),
    ]).toEqual([
      [0, 3],
      [1, 4],
      [1, 4],
      [-Infinity, -Infinity],
    ]);
  });
});
