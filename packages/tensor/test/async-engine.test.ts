// The runtime over an engine whose results arrive later: a device that runs kernels as JavaScript.
import { crossEntropy } from "@downhill/losses";
import { Adam } from "@downhill/optimizers";
import type { Parameter, Tensor } from "@downhill/tensor";
import {
  assignAll,
  evaluate,
  evaluateSync,
  manualSeed,
  memory,
  parameter,
  profile,
  state,
  tensor,
  useEngine,
  zeros,
} from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { leaveGpu } from "../src/runtime/gpu-switch.js";
import { step, zeroGrad } from "./descent.js";
import { expectNear, numbers, scriptGpu } from "./script-gpu.js";
import { draw } from "./support.js";

/** A small classifier; gives its losses as tensors, which are read by `read`. */
async function train(steps: number, awaiting: (loss: Tensor) => Promise<unknown>): Promise<Tensor[]> {
  const x = tensor(draw(24, -1, 1, 3), { shape: [8, 3] });
  const labels = tensor(Int32Array.from([0, 1, 0, 1, 1, 0, 1, 0]));
  const hidden = parameter(draw(12, -1, 1, 4), { shape: [3, 4], name: "hidden" });
  const bias = parameter(zeros([4]), { name: "bias" });
  const out = parameter(draw(8, -1, 1, 5), { shape: [4, 2], name: "out" });
  const optimizer = new Adam([hidden, bias, out], { lr: 0.05 });
  const losses: Tensor[] = [];
  for (let i = 0; i < steps; i++) {
    const loss = crossEntropy(x.matmul(hidden).add(bias).relu().matmul(out), labels);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    await awaiting(loss);
    losses.push(loss);
  }
  return losses;
}

describe("training", () => {
  test("gives the losses of the reference engine, whenever they are read", async () => {
    useEngine("reference");
    const wanted = (await train(40, async () => {})).map((loss) => loss.itemSync());
    expect(wanted[39]).toBeLessThan((wanted[0] as number) / 2);
    await scriptGpu();
    const { plans } = profile();
    const inStep: number[] = [];
    await train(40, async (loss) => inStep.push(await loss.item()));
    expectNear(inStep, wanted);
    expect(profile().plans).toBeLessThan(plans + 10);
    // None is read before the end, the last first.
    const late = await train(40, async () => {});
    expectNear(await Promise.all(late.reverse().map((loss) => loss.item())), [...wanted].reverse());
  });

  test("plain descent without a read in the loop", async () => {
    await scriptGpu();
    const weight = parameter([4, -2], { name: "weight" });
    for (let i = 0; i < 20; i++) {
      zeroGrad([weight]);
      weight.square().sum().backward();
      await step([weight]);
    }
    expectNear(await weight.data(), [4 * 0.8 ** 20, -2 * 0.8 ** 20]);
  });

  test("memory is flat over 2,000 steps, and kernels are compiled once", async () => {
    const { counts } = await scriptGpu();
    const weight = parameter(draw(64), { name: "weight" });
    const optimizer = new Adam([weight], { lr: 0.01 });
    const most = { early: 0, late: 0, earlyBytes: 0, lateBytes: 0 };
    let compiles = 0;
    for (let i = 0; i < 2000; i++) {
      const batch = tensor(draw(64, -2, 2, i));
      const loss = weight.sub(batch).square().mean();
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
      if (i % 100 === 0) await loss.item();
      const { bytes, buffers } = memory();
      if (i >= 1000) {
        most.late = Math.max(most.late, buffers);
        most.lateBytes = Math.max(most.lateBytes, bytes);
      } else if (i >= 200) {
        most.early = Math.max(most.early, buffers);
        most.earlyBytes = Math.max(most.earlyBytes, bytes);
      }
      if (i === 100) compiles = counts.compiles;
    }
    expect(counts.compiles).toBe(compiles);
    expect(most.late).toBeLessThanOrEqual(most.early);
    expect(most.lateBytes).toBeLessThanOrEqual(most.earlyBytes);
  });
});

describe("reading", () => {
  test("values, shapes and types are right; what was read is the reader's own", async () => {
    await scriptGpu();
    const x = tensor([
      [1, 2],
      [3, 4],
    ]).mul(2);
    expect(await x.array()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    const values = await x.data();
    values.fill(0);
    expect(numbers(await x.data())).toEqual([2, 4, 6, 8]);
    expect(
      await tensor(Int32Array.from([1, -5]))
        .mul(3)
        .data(),
    ).toEqual(Int32Array.from([3, -15]));
    expect(await tensor([1, 5]).less(2).data()).toEqual(Uint8Array.from([1, 0]));
    expect(await zeros([0]).mul(2).data()).toEqual(new Float32Array(0));
    expect(await x.clone().array()).toEqual(await x.array());
    await expect(x.item()).rejects.toThrow(RangeError);
  });

  test("several at once, and again as inputs of others, long after their buffers went", async () => {
    await scriptGpu();
    const x = tensor([1, 2, 3]);
    const [a, b] = [x.mul(2), x.add(1).sum()];
    await evaluate(a, b);
    const { launches } = profile();
    expect([await b.item(), numbers(await a.data())]).toEqual([9, [2, 4, 6]]);
    expect(profile().launches).toBe(launches);
    const unread = x.mul(5);
    await evaluate(unread);
    for (let i = 0; i < 100; i++) await evaluate(tensor([i]).add(1));
    expect(numbers(await a.add(b).data())).toEqual([11, 13, 15]);
    expect(numbers(await unread.add(1).data())).toEqual([6, 11, 16]);
    expect(memory().buffers).toBeLessThan(60);
  });

  test("small results that nobody reads share an array: they are read, used and used again as they were", async () => {
    const device = await scriptGpu();
    const state = parameter([1, 1]);
    const kept: Tensor[] = [];
    const next = (): void => {
      const sum = state.sum().mul(3);
      void evaluate(sum);
      kept.push(sum);
      void assignAll([[state, state.add(0.5)]]);
    };
    for (let i = 0; i < 4; i++) next();
    await state.data();
    for (let i = 4; i < 8; i++) next();
    // Three of them in a graph, in a launch that others follow.
    const [first, second, third] = kept as [Tensor, Tensor, Tensor];
    const together = first.add(second).mul(third);
    void evaluate(together);
    for (let i = 8; i < 12; i++) next();
    const again = first.add(together);
    void evaluate(again);
    for (let i = 12; i < 16; i++) next();
    expect(await Promise.all([again.item(), together.item()])).toEqual([6 + 15 * 12, 15 * 12]);
    const { reads } = device;
    expect(await Promise.all(kept.map((sum) => sum.item()))).toEqual(kept.map((_, i) => 6 + 3 * i));
    expect(device.reads - reads).toBeLessThanOrEqual(3);
    expect(device.memory().buffers).toBeLessThan(16);
  });

  test("batches of one size take one array after the other, and come back when they are wanted again", async () => {
    const device = await scriptGpu();
    const state = parameter(draw(50), { name: "state" });
    const first = await state.data();
    const batches = Array.from({ length: 5 }, (_, i) => tensor(draw(50, -1, 1, i + 1)));
    const sums: Tensor[] = [];
    const wanted: number[] = [];
    const use = async (...list: readonly number[]): Promise<void> => {
      const used = list.map((i) => batches[i] as Tensor);
      const product = used.reduce((all, batch) => all.mul(batch), state).sum();
      await evaluate(product);
      sums.push(product);
      let total = 0;
      for (let i = 0; i < 50; i++) {
        let term = first[i] as number;
        for (const at of list) term *= draw(50, -1, 1, at + 1)[i] as number;
        total += term;
      }
      wanted.push(total);
    };
    for (let i = 0; i < 5; i++) await use(i);
    // One array for the parameter, one for the batch.
    const { buffers } = memory();
    expect(buffers).toBeLessThanOrEqual(4);
    for (const list of [[0, 1], [2], [0, 3], [4, 2], [1, 0], [3], [4], [1], [2]]) await use(...list);
    const results = await Promise.all(sums.map((sum) => sum.item()));
    expectNear(results, wanted);
    expect(device.memory().buffers).toBeLessThan(16);
    expect(numbers(await state.data())).toEqual(Array.from(first));
  });

  test("batches as large as what a run fills", async () => {
    await scriptGpu();
    const weight = parameter(draw(50), { name: "weight" });
    const wanted = numbers(await weight.data());
    for (let i = 0; i < 6; i++) {
      const batch = draw(50, -1, 1, i + 1);
      await assignAll([[weight, weight.mul(0.5).add(tensor(batch))]]);
      wanted.forEach((value, at) => {
        wanted[at] = value * 0.5 + (batch[at] as number);
      });
    }
    expectNear(await weight.data(), wanted);
  });

  test("more small results than have room on the shelf", async () => {
    await scriptGpu();
    const state = parameter([1, 2]);
    const sums: Tensor[] = [];
    for (let i = 0; i < 300; i++) {
      const step = Array.from({ length: 5 }, (_, j) => state.sum().mul(i + j / 8));
      void evaluate(...step);
      sums.push(...step);
    }
    expect(await Promise.all(sums.map((sum) => sum.item()))).toEqual(
      sums.map((_, at) => 3 * (Math.floor(at / 5) + (at % 5) / 8)),
    );
  });

  test("unread results are used where they lie", async () => {
    const device = await scriptGpu();
    const x = tensor([1, 2, 3]).mul(2);
    void evaluate(x);
    let y = x;
    for (let i = 0; i < 5; i++) {
      y = y.add(x);
      void evaluate(y);
    }
    expect(numbers(await y.data())).toEqual([12, 24, 36]);
    expect(device.reads).toBeLessThan(8);
    expect(device.counts.dispatches).toBe(6);
  });

  test("is as of the call, whatever is written before it arrives", async () => {
    await scriptGpu();
    const weight = parameter([1, 2], { name: "weight" });
    const before = weight.data();
    weight.assign([3, 4]);
    const between = weight.data();
    weight.assign(weight.mul(10));
    weight.assign(weight.mul(10));
    expect(numbers(await weight.data())).toEqual([300, 400]);
    expect([numbers(await before), numbers(await between)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("obeys the rules of laziness", async () => {
    await scriptGpu();
    const weight = parameter([1, 2], { name: "weight" });
    const [read, early, late] = [weight.mul(2), weight.mul(3), weight.mul(4)];
    void read.data();
    weight.assign([3, 4]);
    expect(numbers(await early.data())).toEqual([3, 6]);
    weight.assign([5, 6]);
    expect([numbers(await read.data()), numbers(await early.data())]).toEqual([
      [2, 4],
      [3, 6],
    ]);
    await expect(late.data()).rejects.toThrow(
      /^evaluate: this tensor can't be read: it was built from "weight" as it was at least 2 updates ago/,
    );
  });

  test("gradients, before the step and long after", async () => {
    await scriptGpu();
    const weight = parameter([1, 2], { name: "weight" });
    weight.square().sum().backward();
    const gradient = weight.grad as Tensor;
    expect(numbers(await gradient.data())).toEqual([2, 4]);
    weight.square().sum().backward();
    expect(numbers(await (weight.grad as Tensor).data())).toEqual([4, 8]);
    for (let i = 0; i < 5; i++) {
      await step([weight]);
      zeroGrad([weight]);
      weight.square().sum().backward();
    }
    expect(numbers(await gradient.data())).toEqual([2, 4]);
  });

  test("at once is refused, and the error says what to write", async () => {
    await scriptGpu();
    const x = tensor([1]).mul(2);
    const text = (fn: string): Error =>
      new Error(`${fn}Sync: this engine ("webgpu") reads asynchronously; use await t.${fn}()`);
    expect(() => x.dataSync()).toThrow(text("data"));
    expect(() => x.itemSync()).toThrow(text("item"));
    expect(() => x.arraySync()).toThrow(text("array"));
    expect(() => evaluateSync(x)).toThrow(
      new Error('evaluateSync: this engine ("webgpu") reads asynchronously; use await evaluate(...)'),
    );
    // Also once it is there: an error that comes and goes would be worse.
    expect(await x.item()).toBe(2);
    expect(() => x.itemSync()).toThrow(text("item"));
  });
});

describe("first values", () => {
  test("of parameters from data, tensors and other parameters", async () => {
    await scriptGpu();
    manualSeed(1);
    const first = parameter([[1, 2]], { name: "first" });
    const second = parameter(first.mul(3), { name: "second" });
    const third = parameter(second, { name: "third" });
    const counter = state(Int32Array.from([7]));
    second.assign([[0, 0]]);
    expect([await first.array(), await second.array(), await third.array()]).toEqual([[[1, 2]], [[0, 0]], [[3, 6]]]);
    counter.assign(counter.add(tensor(Int32Array.from([1]))));
    expect(await counter.data()).toEqual(Int32Array.from([8]));
  });

  test("hundreds need no await", async () => {
    await scriptGpu();
    const all = Array.from({ length: 700 }, (_, i) => parameter(zeros([2]).add(i)));
    // Nor does what follows at once.
    const last = all[699] as Parameter;
    last.assign(last.mul(2));
    expect(numbers(await last.data())).toEqual([1398, 1398]);
  });
});

describe("what waits", () => {
  test("is bounded: a loop that never awaits gets an error, one that awaits steps does not", async () => {
    await scriptGpu();
    const weight = parameter([1], { name: "weight" });
    const advance = (): Promise<void> => assignAll([[weight, weight.add(1)]]);
    const steps: Promise<void>[] = [];
    expect(() => {
      for (let i = 0; i < 600; i++) steps.push(advance());
    }).toThrow(
      new Error(
        'evaluate: 512 runs wait for the engine "webgpu"; write "await optimizer.step()" in the loop, or await what it reads',
      ),
    );
    // The first value of the parameter came from JavaScript, without a run.
    expect(steps.length).toBe(512);
    // Leaving is no work of its own.
    await leaveGpu();
    expect(weight.itemSync()).toBe(513);
    await Promise.all(steps);
    await scriptGpu();
    for (let i = 0; i < 1200; i++) await advance();
    expect(await weight.item()).toBe(1713);
  });
});
