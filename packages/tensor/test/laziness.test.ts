// Rule 1 of DESIGN §2: right or an error, never stale.
import type { Tensor } from "@downhill/tensor";
import { assignAll, memory, noGrad, parameter, profile, state, take, tensor } from "@downhill/tensor";
import { expect, test } from "vitest";
import { step, zeroGrad } from "./descent.js";
import { expectClose, onEveryEngine, randomNumbers } from "./support.js";

const gone =
  /^evaluate: this tensor can't be read: it was built from "weight" as it was at least 2 updates ago, and that value is gone; read it before the second optimizer\.step\(\) or assign\(\) after building it$/;
const since = <T>(f: () => T): { launches: number; nodes: number; result: T } => {
  const before = profile();
  const result = f();
  const after = profile();
  return { launches: after.launches - before.launches, nodes: after.nodes - before.nodes, result };
};

onEveryEngine(() => {
  test("what was built before a step reads as before it, right after it", () => {
    const weight = parameter([1, 2], { name: "weight" });
    let w = [1, 2];
    for (let i = 0; i < 30; i++) {
      const prediction = weight.mul(3);
      const metric = prediction.sub(1).abs().mean();
      zeroGrad([weight]);
      weight.square().sum().backward();
      const gradient = weight.grad as Tensor;
      void step([weight]);
      const later = prediction.add(metric);
      const error = w.reduce((s, v) => s + Math.abs(3 * v - 1), 0) / 2;
      expectClose(
        later,
        w.map((v) => 3 * v + error),
      );
      expectClose(
        prediction,
        w.map((v) => 3 * v),
      );
      expectClose(metric, [error]);
      expectClose(
        gradient,
        w.map((v) => 2 * v),
      );
      w = w.map((v) => v * 0.8);
      expectClose(weight, w);
    }
  });

  test("read too late, it is an error that names the parameter and the remedy", () => {
    const weight = parameter([1, 2], { name: "weight" });
    const [read, early, late] = [weight.mul(2), weight.mul(3), weight.mul(4)];
    read.dataSync();
    weight.assign([3, 4]);
    expect(early.arraySync()).toEqual([3, 6]);
    weight.assign([5, 6]);
    expect([read.arraySync(), early.arraySync()]).toEqual([
      [2, 4],
      [3, 6],
    ]);
    expect(() => late.dataSync()).toThrow(gone);
    expect(() => late.add(1).dataSync()).toThrow(gone);
    expect(() => late.sum().itemSync()).toThrow(gone);
    // And again: an error is no accident that passes.
    expect(() => late.dataSync()).toThrow(gone);
    expect(weight.arraySync()).toEqual([5, 6]);
  });

  test("a step that would use a value that is gone is refused as a whole", () => {
    const [weight, other] = [parameter([1], { name: "weight" }), parameter([1])];
    const late = weight.mul(4);
    weight.assign([2]);
    weight.assign([3]);
    expect(
      () =>
        void assignAll([
          [other, other.add(1)],
          [weight, late],
        ]),
    ).toThrow(gone);
    expect([weight.arraySync(), other.arraySync()]).toEqual([[3], [1]]);
  });

  test("a loss is computed with the step and can be read for ever", () => {
    const weight = parameter([4], { name: "weight" });
    const losses = Array.from({ length: 10 }, () => {
      const loss = weight.square().sum();
      zeroGrad([weight]);
      loss.backward();
      void step([weight]);
      return loss;
    });
    losses.forEach((loss, i) => {
      expectClose(loss, [(4 * 0.8 ** i) ** 2]);
    });
  });

  test("a loss read between backward and step: nothing runs twice, nothing changes", () => {
    const weight = parameter([1, 2], { name: "weight" });
    const run = (read: (loss: Tensor) => unknown): number[] => {
      weight.assign([1, 2]);
      let x: Tensor = weight;
      for (let i = 0; i < 40; i++) x = x.mul(1.01).add(0.01);
      const loss = x.square().sum();
      zeroGrad([weight]);
      loss.backward();
      const early = since(() => read(loss));
      const late = since(() => void step([weight]));
      expectClose(loss, [early.result === null ? loss.itemSync() : (early.result as number)]);
      return [early.launches, early.nodes, late.launches, late.nodes, ...weight.dataSync()];
    };
    const [launches, , stepLaunches, all, ...plain] = run(() => null);
    expect([launches, stepLaunches]).toEqual([0, 1]);
    const [early, , late, rest, ...values] = run((loss) => {
      loss.itemSync();
      weight.grad?.dataSync();
      return loss.itemSync();
    });
    expect([early, late]).toEqual([1, 1]);
    // The step starts from the gradients: the forward pass is not walked again.
    expect(rest).toBeLessThan(10);
    expect(all).toBeGreaterThan(100);
    expectClose(tensor(values), plain);
    const [first, , second, after, ...same] = run(() => {
      weight.grad?.dataSync();
      return null;
    });
    expect([first, second]).toEqual([1, 1]);
    expect(after).toBeLessThan(10);
    expectClose(tensor(same), plain);
  });

  test("a second backward before the step accumulates; micro-batches equal one batch", () => {
    const next = randomNumbers(1);
    const x = tensor(Array.from({ length: 8 }, () => [next(), next()]));
    const target = tensor(Array.from({ length: 8 }, () => [next()]));
    const train = (parts: number): number[] => {
      const weight = parameter([[0.5], [-0.5]], { name: "weight" });
      const losses: Tensor[] = [];
      for (let i = 0; i < 5; i++) {
        zeroGrad([weight]);
        for (let part = 0; part < parts; part++) {
          const [from, to] = [(8 / parts) * part, (8 / parts) * (part + 1)];
          const loss = x
            .slice([from], [to])
            .matmul(weight)
            .sub(target.slice([from], [to]))
            .square()
            .sum()
            .div(8);
          loss.backward();
          losses.push(loss);
        }
        void step([weight], 0.5);
      }
      const total = losses.reduce((sum, loss) => sum + loss.itemSync(), 0);
      return [...weight.dataSync(), total];
    };
    const whole = train(1);
    for (const parts of [2, 4, 8]) expectClose(tensor(train(parts)), whole, { relative: 1e-5, absolute: 1e-6 });
  });

  test("gradients that a step has used can't be mixed with new ones", () => {
    const [weight, fresh] = [parameter([1], { name: "weight" }), parameter([1])];
    weight.square().sum().backward();
    void step([weight]);
    const used =
      'the gradient of "weight" was already used by a step; call optimizer.zeroGrad() before backward(), or gradients of different steps would mix';
    expect(() => weight.mul(fresh).sum().backward()).toThrow(new Error(`backward: ${used}`));
    expect([fresh.grad, weight.hasGrad]).toEqual([null, false]);
    expect(() => weight.grad).toThrow(
      new Error(
        'grad: the gradient of "weight" was used by an optimizer step; read it before step(), or call zeroGrad() and backward() again',
      ),
    );
    zeroGrad([weight]);
    expect(weight.grad).toBe(null);
    weight.mul(fresh).sum().backward();
    expectClose(fresh.grad as Tensor, [0.8]);
  });

  test("an exception between backward and step leaves no trace", () => {
    const train = (faults: boolean): number[] => {
      const [weight, bias] = [parameter([1, 2], { name: "weight" }), parameter([0.5])];
      for (let i = 0; i < 20; i++) {
        const batch = (scale: number): Tensor => weight.mul(scale).add(bias).square().sum();
        if (faults && i % 3 === 0) {
          try {
            zeroGrad([weight, bias]);
            const loss = batch(100);
            loss.backward();
            if (i % 2 === 0) loss.itemSync();
            throw new Error("a batch went wrong");
          } catch {}
        }
        zeroGrad([weight, bias]);
        batch(1).backward();
        void step([weight, bias], 0.01);
      }
      return [...weight.dataSync(), ...bias.dataSync()];
    };
    expect(train(true)).toEqual(train(false));
  });

  test("a step that fails while it runs changes nothing, and can be tried again", () => {
    const [weight, bias] = [parameter([1, 2], { name: "weight" }), parameter([3])];
    weight.assign([1, 2]);
    const bad = take(tensor([10, 20]), tensor(new Int32Array([1])).add(5));
    const before = weight.mul(7);
    weight.sum().mul(bias).sum().backward();
    expect(
      () =>
        void assignAll(
          [
            [weight, weight.sub(weight.grad as Tensor)],
            [bias, bias.add(bad)],
          ],
          { consumed: [weight, bias] },
        ),
    ).toThrow("expected integers from 0 to 1, got 6 at position 0");
    expect([weight.arraySync(), bias.arraySync(), before.arraySync()]).toEqual([[1, 2], [3], [7, 14]]);
    expect([weight.grad?.arraySync(), bias.grad?.arraySync()]).toEqual([[3, 3], [3]]);
    void step([weight, bias], 1);
    expect([weight.arraySync(), bias.arraySync()]).toEqual([[-2, -1], [0]]);
  });

  test("steps that fail while they run leak nothing, and spoil no older value in silence", () => {
    const [weight, bias] = [parameter([1, 2], { name: "weight" }), parameter([3], { name: "bias" })];
    const fail = (): void => {
      const bad = take(tensor([10, 20]), tensor(new Int32Array([1])).add(5));
      expect(
        () =>
          void assignAll([
            [weight, weight.add(100)],
            [bias, bias.add(bad)],
          ]),
      ).toThrow("got 6 at position 0");
    };
    for (let i = 0; i < 10; i++) fail();
    const old = weight.mul(7);
    weight.assign([3, 4]);
    const before = memory();
    for (let i = 0; i < 10; i++) fail();
    expect(memory().buffers).toBeLessThanOrEqual(before.buffers);
    expect([weight.arraySync(), bias.arraySync()]).toEqual([[3, 4], [3]]);
    let values: unknown = [7, 14];
    try {
      values = old.arraySync();
    } catch (error) {
      expect((error as Error).message).toMatch(gone);
    }
    expect(values).toEqual([7, 14]);
  });

  test("an average over steps as a plain expression", () => {
    const weight = parameter([1], { name: "weight" });
    let [average, wanted, w] = [tensor([0]) as Tensor, 0, 1];
    for (let i = 0; i < 50; i++) {
      average = average.mul(0.9).add(weight.detach().mul(0.1));
      wanted = wanted * 0.9 + w * 0.1;
      zeroGrad([weight]);
      weight.square().sum().backward();
      void step([weight]);
      w *= 0.8;
    }
    expectClose(average, [wanted], { relative: 1e-5 });
    let tracked: Tensor = tensor([0]);
    for (let i = 0; i < 50; i++) {
      tracked = tracked.add(weight);
      weight.assign([i + 1]);
    }
    expectClose(tracked, [(49 * 50) / 2 + w], { relative: 1e-5 });
    const fixed = parameter([2]);
    let mixed: Tensor = tensor([0]);
    for (let i = 0; i < 5; i++) {
      weight.assign([i]);
      mixed = mixed.add(weight.mul(fixed));
    }
    expectClose(mixed, [20]);
  });

  test("an old value that meets a new one", () => {
    const weight = parameter([1], { name: "weight" });
    const old = weight.mul(10);
    weight.assign([2]);
    const both = old.add(weight);
    weight.assign([3]);
    expect(both.arraySync()).toEqual([12]);
    weight.assign([4]);
    expect(both.arraySync()).toEqual([12]);
  });

  test.each(["unread", "read"])("a penalty built once outside the loop is an error (%s)", (how) => {
    const weight = parameter([1, 2], { name: "weight" });
    const penalty = weight.square().sum();
    if (how === "read") penalty.itemSync();
    const loss = (): Tensor => weight.sum().add(penalty.mul(0.1));
    loss().backward();
    void step([weight]);
    zeroGrad([weight]);
    expect(() => loss().backward()).toThrow(
      /^backward: the graph contains a value built from .* before its last update, whose gradient is gone; build it inside the training loop, after the last optimizer\.step\(\)$/,
    );
    expect(weight.hasGrad).toBe(false);
  });

  test("what was read before another parameter's write still leads to its own", () => {
    const [weight, other] = [parameter([1], { name: "weight" }), parameter([5])];
    const hidden = weight.mul(2);
    expect(hidden.arraySync()).toEqual([2]);
    const above = hidden.mul(3);
    other.assign([6]);
    above.mul(other).sum().backward();
    expect([weight.grad?.arraySync(), other.grad?.arraySync()]).toEqual([[36], [6]]);
    zeroGrad([weight, other]);
    hidden.sum().backward();
    above.square().sum().backward();
    expect(weight.grad?.arraySync()).toEqual([74]);
  });

  test("a gradient that is a value of the forward pass leaves that alone", () => {
    const [w, v] = [parameter([1, 2]), parameter([3, 4])];
    const factor = tensor([0, 1]).exp();
    const hidden = v.exp();
    w.mul(factor).sum({ keepDims: true }).backward();
    hidden.sum({ keepDims: true }).backward();
    expect(v.grad?.requiresGrad).toBe(false);
    hidden.mul(2).sum().backward();
    expectClose(v.grad as Tensor, [3 * Math.exp(3), 3 * Math.exp(4)]);
    for (let step = 0; step < 4; step++) {
      w.zeroGrad();
      w.mul(step).sum().backward();
      v.sum().backward();
    }
    expectClose(factor, [1, Math.E]);
  });

  test("a gradient that would need an overwritten value is refused at backward(), not lost and not left pending", () => {
    const [weight, factor] = [parameter([3], { name: "weight" }), state([2], { name: "factor" })];
    const build = (): Tensor => {
      const hidden = weight.mul(factor).add(1);
      const value = hidden.mul(hidden);
      value.dataSync();
      return value;
    };
    for (const writes of [1, 2, 3]) {
      const value = build();
      for (let i = 0; i < writes; i++) factor.assign([2]);
      zeroGrad([weight]);
      let refused = "";
      try {
        value.sum().backward();
      } catch (error) {
        refused = (error as Error).message;
      }
      if (refused === "") expect(weight.grad?.arraySync()).toEqual([28]);
      else expect([/^(backward|evaluate): .*gone/.test(refused), weight.hasGrad]).toEqual([true, false]);
      factor.assign([2]);
      expect(factor.arraySync()).toEqual([2]);
    }
  });

  test("a backward pass that fails while it runs does not stand in the way of other models", () => {
    const [weight, other] = [parameter([1, 2], { name: "weight" }), parameter([3], { name: "other" })];
    const index = tensor(new Int32Array([1])).add(5);
    const loss = take(weight, index).sum();
    loss.backward();
    expect(() => loss.itemSync()).toThrow("expected integers from 0 to 1, got 6");
    expect(weight.hasGrad).toBe(false);
    other.square().sum().backward();
    expect(other.grad?.arraySync()).toEqual([6]);
  });

  test("backward of a loss from before the step is an error, not a silent constant", () => {
    const weight = parameter([1], { name: "weight" });
    const loss = weight.square().sum();
    weight.assign([2]);
    expect(() => loss.backward()).toThrow("whose gradient is gone");
    expectClose(loss, [1]);
  });

  test("a value from before a step may be used as data", () => {
    const weight = parameter([1], { name: "weight" });
    const target = weight.mul(10).detach();
    weight.assign([2]);
    weight.sub(target).square().sum().backward();
    expect(weight.grad?.arraySync()).toEqual([-16]);
  });

  test("noGrad reads parameters like any other code", () => {
    const weight = parameter([1], { name: "weight" });
    const frozen = noGrad(() => weight.mul(2));
    weight.assign([5]);
    expect(frozen.arraySync()).toEqual([2]);
  });
});
