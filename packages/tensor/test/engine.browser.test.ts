import { expect, test } from "vitest";
import { limits } from "../src/engines/cpu/grid.js";
import {
  assignAll,
  engineName,
  evaluateSync,
  manualSeed,
  memory,
  parameter,
  pick,
  profile,
  randn,
  tensor,
  useEngine,
} from "../src/index.js";
import { currentLauncher } from "../src/runtime/engines.js";

test("the cpu engine is there from the import on", async () => {
  expect(engineName()).toBe("cpu");
  expect(await tensor([1, 2, 3]).exp().sum().item()).toBeCloseTo(30.19287, 4);
});

test("random numbers and formulas agree with the reference engine", () => {
  const run = (): Float32Array => {
    manualSeed(3);
    const x = randn([8, 33]);
    return x
      .matmul(x.transpose())
      .softmax()
      .mul(x.sum({ axis: 1 }))
      .dataSync() as Float32Array;
  };
  const cpu = run();
  useEngine("reference");
  const reference = run();
  useEngine("cpu");
  cpu.forEach((value, i) => expect(value).toBeCloseTo(reference[i] as number, 4));
});

test("a program that runs often gets functions of its own, with the same results", () => {
  const x = randn([5000]).clone();
  const run = (): number[] => Array.from(x.mul(3).sub(x.abs()).square().add(1).dataSync());
  const first = run();
  const usual = limits.generate;
  limits.generate = 0;
  expect(run()).toEqual(first);
  limits.generate = usual;
  const { generator } = currentLauncher().engine as unknown as { generator: { modules: unknown[]; refused: boolean } };
  expect(generator.modules.length).toBeGreaterThan(0);
  expect(generator.refused).toBe(false);
});

test("training: the loss falls, plans and memory stay", async () => {
  manualSeed(0);
  const inputs = randn([64, 20]).clone();
  const labels = tensor(Int32Array.from({ length: 64 }, (_, i) => i % 4));
  const weight = parameter(randn([20, 4]).mul(0.1), { name: "weight" });
  const losses: number[] = [];
  let plans = 0;
  let bytes = 0;
  for (let step = 0; step < 200; step++) {
    const loss = pick(inputs.matmul(weight).logSoftmax(), labels).neg().mean();
    weight.zeroGrad();
    loss.backward();
    const { grad } = weight;
    if (grad === null) throw new Error("no gradient");
    await assignAll([[weight, weight.sub(grad.mul(1 / (1 + step / 100)))]], { consumed: [weight] });
    losses.push(await loss.item());
    if (step === 100) [plans, bytes] = [profile().plans, memory().bytes];
  }
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.8);
  expect(profile().plans).toBe(plans);
  expect(memory().bytes).toBe(bytes);
  evaluateSync(weight.sum());
});
