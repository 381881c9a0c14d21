import type { Tensor } from "@downhill/tensor";
import { assignAll, evaluate, grad, measure, noGrad, parameter, state, tensor, valueAndGrad } from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { expectClose, onEveryEngine } from "./support.js";

const square = (x: Tensor): Tensor => x.mul(x).sum();

onEveryEngine(() => {
  describe("backward", () => {
    test("fills the gradients of all parameters below, and of no others", () => {
      const [a, b, other] = [parameter([1, 2]), parameter([3, 4]), parameter([5])];
      const fixed = state([7, 8]);
      a.mul(b).add(fixed).sum().backward();
      expect([a.grad?.arraySync(), b.grad?.arraySync(), other.grad, fixed.grad]).toEqual([[3, 4], [1, 2], null, null]);
      expect([a.hasGrad, other.hasGrad]).toEqual([true, false]);
    });
    test("accumulates", () => {
      const w = parameter([1, 2]);
      for (let i = 1; i <= 4; i++) {
        w.mul(i).sum().backward();
        expect(w.grad?.arraySync()).toEqual([(i * (i + 1)) / 2, (i * (i + 1)) / 2]);
      }
    });
    test("accumulates without being read in between", () => {
      const w = parameter([1, 2]);
      for (let i = 1; i <= 5; i++) w.square().mul(i).sum().backward();
      expect(w.grad?.arraySync()).toEqual([30, 60]);
    });
    test("of the same loss twice counts twice", () => {
      const w = parameter([3]);
      const loss = w.square().sum();
      loss.backward();
      loss.backward();
      expect([w.grad?.arraySync(), loss.itemSync()]).toEqual([[12], 9]);
    });
    test("after a read of the loss", () => {
      const w = parameter([3]);
      const loss = w.square().sum();
      expect(loss.itemSync()).toBe(9);
      loss.backward();
      expect(w.grad?.arraySync()).toEqual([6]);
    });
    test("null forgets", () => {
      const w = parameter([1]);
      w.sum().backward();
      w.zeroGrad();
      expect([w.grad as Tensor | null, w.hasGrad]).toEqual([null, false]);
      w.mul(5).sum().backward();
      expect(w.grad?.arraySync()).toEqual([5]);
    });
    test("has the parameter's shape where it is a constant or smaller", () => {
      const w = parameter([
        [1, 2],
        [3, 4],
      ]);
      w.sum().backward();
      expect(w.grad?.arraySync()).toEqual([
        [1, 1],
        [1, 1],
      ]);
      w.zeroGrad();
      w.mean().backward();
      expect(w.grad?.arraySync()).toEqual([
        [0.25, 0.25],
        [0.25, 0.25],
      ]);
      w.zeroGrad();
      w.mul([[1], [2]])
        .sum()
        .backward();
      expect(w.grad?.arraySync()).toEqual([
        [1, 1],
        [2, 2],
      ]);
      w.zeroGrad();
      w.reshape([4]).sum({ axis: 0 }).backward();
      expect(w.grad?.arraySync()).toEqual([
        [1, 1],
        [1, 1],
      ]);
    });
    test("of a parameter itself", () => {
      const w = parameter(3);
      (w as Tensor).backward();
      expect(w.grad?.arraySync()).toBe(1);
    });
    test("of a loss of shape [1] or [1, 1]", () => {
      const w = parameter([[3]]);
      w.square().backward();
      expect(w.grad?.arraySync()).toEqual([[6]]);
    });
    test("where a parameter is used many times", () => {
      const w = parameter([2]);
      w.mul(w).mul(w).add(w.exp()).sum().backward();
      expectClose(w.grad as Tensor, [12 + Math.exp(2)]);
    });
    test("a gradient that is kept stays readable after null", () => {
      const w = parameter([1, 2]);
      w.square().sum().backward();
      const kept = w.grad as Tensor;
      w.grad = null;
      expect(kept.arraySync()).toEqual([2, 4]);
    });
    test("a gradient read after further backward passes is the sum that it stood for, or an error", () => {
      const w = parameter([1, 2]);
      w.square().sum().backward();
      const first = w.grad as Tensor;
      expect(first.arraySync()).toEqual([2, 4]);
      w.square().sum().backward();
      const second = w.grad as Tensor;
      w.square().sum().backward();
      w.square().sum().backward();
      expect(w.grad?.arraySync()).toEqual([8, 16]);
      expect(first.arraySync()).toEqual([2, 4]);
      for (const kept of [first, second]) {
        let values: unknown = null;
        try {
          values = kept.arraySync();
        } catch (error) {
          expect((error as Error).message).toContain("can't be read");
          continue;
        }
        expect(values).toEqual(kept === first ? [2, 4] : [4, 8]);
      }
    });
    test("a gradient is a constant: it needs no gradient itself", () => {
      const w = parameter([3]);
      w.square().sum().backward();
      expect(w.grad?.requiresGrad).toBe(false);
    });
    test("two losses of one forward pass", () => {
      const w = parameter([1, 2]);
      const hidden = w.exp();
      hidden.sum().backward();
      hidden.mul(2).sum().backward();
      expectClose(w.grad as Tensor, [3 * Math.E, 3 * Math.exp(2)]);
    });
    test("thousands of layers deep", () => {
      const w = parameter([0.5]);
      let x: Tensor = w;
      for (let i = 0; i < 3000; i++) x = x.mul(1.0001);
      x.sum().backward();
      expectClose(w.grad as Tensor, [1.0001 ** 3000], { relative: 1e-3 });
    });
  });

  describe("noGrad and detach", () => {
    test("noGrad records nothing and gives back what f gives", () => {
      const w = parameter([1, 2]);
      const y = noGrad(() => w.mul(2));
      expect([y.requiresGrad, y.arraySync(), noGrad(() => 5)]).toEqual([false, [2, 4], 5]);
      expect(w.mul(2).requiresGrad).toBe(true);
      expect(noGrad(() => [noGrad(() => w.exp()), w.exp()].map((x) => x.requiresGrad))).toEqual([false, false]);
    });
    test("noGrad ends when f throws", () => {
      const w = parameter([1]);
      expect(() =>
        noGrad(() => {
          throw new Error("inside");
        }),
      ).toThrow("inside");
      expect(w.mul(2).requiresGrad).toBe(true);
    });
    test("detach cuts", () => {
      const w = parameter([3]);
      w.detach().mul(w).sum().backward();
      expect(w.grad?.arraySync()).toEqual([3]);
      expectClose(grad((x: Tensor) => x.mul(x.detach()).sum())(tensor([5])), [5]);
      expect(w.detach().requiresGrad).toBe(false);
    });
    test("a constant that was computed from a parameter inside noGrad", () => {
      const w = parameter([3]);
      const scale = noGrad(() => w.mul(10));
      w.mul(scale).sum().backward();
      expect(w.grad?.arraySync()).toEqual([30]);
    });
    test("a loss in noGrad can't be differentiated backwards, but grad inside still works", () => {
      const w = parameter([3]);
      expect(() => noGrad(() => w.sum().backward())).toThrow("outside noGrad()");
      const slope = noGrad(() => grad(square)(tensor([3])));
      expect([slope.arraySync(), slope.requiresGrad]).toEqual([[6], false]);
      const [value] = noGrad(() => valueAndGrad(square)(w));
      expect(value.requiresGrad).toBe(false);
    });
  });

  describe("grad and valueAndGrad", () => {
    test("one argument, another, several", () => {
      const f = (x: Tensor, y: Tensor): Tensor => x.mul(x).mul(y).sum();
      const [x, y] = [tensor([2, 3]), tensor([5, 7])];
      expect(grad(f)(x, y).arraySync()).toEqual([20, 42]);
      expect(grad(f, { argnums: 1 })(x, y).arraySync()).toEqual([4, 9]);
      expect(grad(f, { argnums: [1, 0] })(x, y).map((g) => g.arraySync())).toEqual([
        [4, 9],
        [20, 42],
      ]);
      expect(grad(f, { argnums: [] })(x, y)).toEqual([]);
    });
    test("value and gradient", () => {
      const [value, slope] = valueAndGrad(square)(tensor([1, 2]));
      expect([value.itemSync(), slope.arraySync()]).toEqual([5, [2, 4]]);
      const [, [a, b]] = valueAndGrad((x: Tensor, y: Tensor) => x.sub(y).square().sum(), { argnums: [0, 1] })(
        tensor([3]),
        tensor([1]),
      );
      expect([a?.arraySync(), b?.arraySync()]).toEqual([[4], [-4]]);
    });
    test("an argument that does not matter gets zeros", () => {
      expect(
        grad((x: Tensor, y: Tensor) => y.sum().add(x.detach().sum()))(tensor([[1, 2]]), tensor([3])).arraySync(),
      ).toEqual([[0, 0]]);
      expect(grad((_x: Tensor) => tensor(5).add(1))(tensor([1])).arraySync()).toEqual([0]);
      expect(grad((x: Tensor) => x.greater(0).cast("float32").sum())(tensor([1])).arraySync()).toEqual([0]);
    });
    test("of the identity", () => {
      expect(grad((x: Tensor) => x)(tensor(5)).arraySync()).toBe(1);
      expect(grad((x: Tensor) => x.reshape([]))(tensor([[5]])).arraySync()).toEqual([[1]]);
    });
    test("the same tensor as both arguments", () => {
      const x = tensor([3]);
      const slopes = grad((a: Tensor, b: Tensor) => a.mul(a).mul(b).sum(), { argnums: [0, 1] })(x, x);
      expect(slopes.map((g) => g.arraySync())).toEqual([[18], [9]]);
    });
    test("with respect to parameters, leaving their grad alone", () => {
      const w = parameter([1, 2]);
      expect(grad(square)(w).arraySync()).toEqual([2, 4]);
      expect(w.grad).toBe(null);
    });
    test("of a function that uses a parameter besides its argument", () => {
      const w = parameter([3]);
      const [value, slope] = valueAndGrad((x: Tensor) => x.mul(w).mul(x).sum())(tensor([2]));
      expect(slope.arraySync()).toEqual([12]);
      expect([value.requiresGrad, slope.requiresGrad]).toEqual([true, true]);
      slope.sum().backward();
      expect(w.grad?.arraySync()).toEqual([4]);
    });
    test("arguments that were computed before an update", () => {
      const w = parameter([1, 2]);
      const [leaf, computed, old] = [tensor([1, 2]), tensor([1, 2]).mul(2), w.mul(3)];
      w.assign([5, 6]);
      expect(grad(square)(leaf).arraySync()).toEqual([2, 4]);
      expect(grad(square)(computed).arraySync()).toEqual([4, 8]);
      expect(grad(square)(old).arraySync()).toEqual([6, 12]);
      expect(valueAndGrad(square)(leaf)[0].itemSync()).toBe(5);
    });
    test("a function that writes to state on its way", () => {
      const count = state([0]);
      const f = (w: Tensor): Tensor => {
        const hidden = w.mul(2);
        count.assign(count.add(1));
        return hidden.mul(w).sum();
      };
      expect(grad(f)(tensor([3])).arraySync()).toEqual([12]);
      expect(grad(f)(parameter([3])).arraySync()).toEqual([12]);
      expect(count.arraySync()).toEqual([2]);
    });
    test("saliency: the gradient with respect to an input of a trained model", () => {
      const w = parameter([
        [1, -1],
        [2, 1],
      ]);
      const x = tensor([[1, 2]]);
      w.assign(w.mul(2));
      expectClose(grad((input: Tensor) => input.matmul(w).relu().sum())(x), [0, 6]);
    });
    test("gradient descent without parameters costs the same at every step", () => {
      let x = tensor([4, -3]);
      let total = tensor(0);
      for (let i = 0; i < 1000; i++) {
        const [value, slope] = valueAndGrad(square)(x);
        x = x.sub(slope.mul(0.001));
        total = total.add(value);
        if (i % 200 === 199) x.dataSync();
      }
      expectClose(x, [4 * 0.998 ** 1000, -3 * 0.998 ** 1000], { relative: 1e-3 });
      expect(x.requiresGrad).toBe(false);
      expect(total.itemSync()).toBeGreaterThan(25);
    });
  });

  test("evaluate computes several in one launch", async () => {
    const x = tensor([1, 2]).exp();
    const [sum, mean] = [x.sum(), x.mean()];
    await evaluate(sum, mean, x);
    expectClose(sum, [Math.E + Math.exp(2)]);
    expectClose(mean, [(Math.E + Math.exp(2)) / 2]);
    await evaluate();
  });

  test("measure gives the value and refuses the gradient", async () => {
    const w = parameter([1, -1]);
    const share = measure(w.greater(0).mean(), w, "share: has no useful gradient; train on hinge()");
    expect([share.itemSync(), share.requiresGrad]).toEqual([0.5, true]);
    expect(() => share.backward()).toThrow(new Error("share: has no useful gradient; train on hinge()"));
    expect(() => share.mul(2).add(w.sum()).backward()).toThrow("share: has no useful gradient");
    expect(() => measure(tensor(1), tensor([1]), "no").backward()).toThrow("depends on no parameter");
    expect(noGrad(() => measure(w.mean(), w, "no")).requiresGrad).toBe(false);
    w.grad = null;
    await assignAll([[w, w.mul(2)]]);
    expect(w.arraySync()).toEqual([2, -2]);
  });
});
