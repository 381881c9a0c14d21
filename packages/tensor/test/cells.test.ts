// Writes to parameters and state, alone, together and in turns.
import type { Tensor } from "@downhill/tensor";
import { assignAll, cumsum, parameter, state, tensor, zeros } from "@downhill/tensor";
import { expect, test } from "vitest";
import { step, zeroGrad } from "./descent.js";
import { expectClose, onEveryEngine } from "./support.js";

onEveryEngine(() => {
  test("two sets of parameters that take turns, as in a GAN", () => {
    const [g, dis] = [parameter([0.5], { name: "generator" }), parameter([1.5], { name: "discriminator" })];
    let [wg, wd] = [0.5, 1.5];
    for (let i = 0; i < 10; i++) {
      const fake = g.mul(2).tanh();
      zeroGrad([g, dis]);
      dis.mul(fake.detach()).square().add(dis.mul(0.7).sub(1).square()).sum().backward();
      void step([dis]);
      // The generator's graph survives the discriminator's step, and sees the new discriminator.
      zeroGrad([g, dis]);
      const loss = dis.mul(fake).sub(1).square().sum();
      loss.backward();
      void step([g]);
      const f = Math.tanh(2 * wg);
      wd -= 0.1 * (2 * wd * f * f + 2 * (wd * 0.7 - 1) * 0.7);
      const slope = 2 * (wd * f - 1) * wd * 2 * (1 - f * f);
      expectClose(loss, [(wd * f - 1) ** 2], { relative: 1e-4, absolute: 1e-6 });
      wg -= 0.1 * slope;
    }
    expectClose(g, [wg], { relative: 1e-4 });
    expectClose(dis, [wd], { relative: 1e-4 });
  });

  test("steps of one set keep the gradients of another", () => {
    const [a, b] = [parameter([1], { name: "a" }), parameter([2], { name: "b" })];
    a.mul(b).sum().backward();
    void step([a]);
    expect(b.hasGrad).toBe(true);
    for (let i = 0; i < 3; i++) {
      zeroGrad([a]);
      a.square().sum().backward();
      void step([a]);
    }
    expect(b.grad?.arraySync()).toEqual([1]);
    void step([b]);
    expectClose(b, [1.9]);
  });

  test("a write that reads the version before the current one", () => {
    const weight = parameter([1], { name: "weight" });
    const old = weight.mul(2);
    weight.assign([10]);
    weight.assign(old);
    expect(weight.arraySync()).toEqual([2]);
    weight.assign(weight.add(weight));
    weight.assign(weight.add(weight));
    expect(weight.arraySync()).toEqual([8]);
    // In place this would read what it has just written.
    const long = parameter([1, 2, 3, 4, 5]);
    const [reversed, sums] = [long.flip(), cumsum(long.flip())];
    long.assign([0, 0, 0, 0, 0]);
    long.assign(reversed);
    expect(long.arraySync()).toEqual([5, 4, 3, 2, 1]);
    expect(() => sums.dataSync()).toThrow("can't be read");
  });

  test("parameters that are exchanged", () => {
    const [a, b] = [parameter([1]), parameter([2])];
    for (let i = 0; i < 3; i++)
      void assignAll([
        [a, b],
        [b, a],
      ]);
    expect([a.arraySync(), b.arraySync()]).toEqual([[2], [1]]);
    void assignAll([
      [a, b],
      [b, b],
    ]);
    expect([a.arraySync(), b.arraySync()]).toEqual([[1], [1]]);
  });

  test("assign between backward and step keeps the gradients", () => {
    const weight = parameter([3], { name: "weight" });
    const loss = weight.square().sum();
    loss.backward();
    weight.assign([100]);
    expectClose(loss, [9]);
    expect(weight.grad?.arraySync()).toEqual([6]);
    void step([weight], 1);
    expect(weight.arraySync()).toEqual([94]);
  });

  test("state that follows a parameter", () => {
    const [weight, mean] = [parameter([1], { name: "weight" }), state([0])];
    let [w, m] = [1, 0];
    for (let i = 0; i < 10; i++) {
      zeroGrad([weight]);
      const loss = weight.sub(mean).square().sum();
      loss.backward();
      void assignAll(
        [
          [weight, weight.sub((weight.grad as Tensor).mul(0.1))],
          [mean, mean.mul(0.9).add(weight.detach().mul(0.1))],
        ],
        { consumed: [weight] },
      );
      [w, m] = [w - 0.2 * (w - m), 0.9 * m + 0.1 * w];
    }
    expectClose(weight, [w]);
    expectClose(mean, [m]);
  });

  test("assignAll refuses wrong pairs, and then writes none", () => {
    const weight = parameter([1], { name: "weight" });
    const rows: [string, () => unknown][] = [
      [
        'assignAll: "writes" expected pairs of a Parameter and a Tensor, got a Tensor first',
        () => assignAll([[tensor([1]) as never, tensor([1])]]),
      ],
      [
        'assignAll: "writes" expected pairs of a Parameter and a Tensor, got an array of length 1 second',
        () => assignAll([[weight, [2] as never]]),
      ],
      [
        'assignAll: "writes" expected every parameter once, got "weight" twice',
        () =>
          assignAll([
            [weight, tensor([2])],
            [weight, tensor([3])],
          ]),
      ],
      ['assignAll: "value" expected the shape of "weight" [1], got [2, 3]', () => assignAll([[weight, zeros([2, 3])]])],
      [
        'assignAll: "value" expected the dtype of "weight" float32, got int32; use cast()',
        () => assignAll([[weight, tensor([2], { dtype: "int32" })]]),
      ],
    ];
    for (const [text, f] of rows) expect(f).toThrow(text);
    expect(weight.arraySync()).toEqual([1]);
  });
});
