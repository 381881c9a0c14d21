// Optimizers refuse gradients that are not finite, also where results arrive later.
import { Adam, NonFiniteError } from "@downhill/optimizers";
import { parameter } from "@downhill/tensor";
import { expect, test } from "vitest";
import { scriptGpu } from "./script-gpu.js";

test("on an engine that computes later the check waits for nothing, stops what follows, and counts right", async () => {
  await scriptGpu();
  const make = () => {
    const weight = parameter([1, -2], { name: "weight" });
    return { weight, optimizer: new Adam([weight], { lr: (step) => 0.1 / (step + 1) }) };
  };
  const [one, other] = [make(), make()];
  const step = ({ weight, optimizer }: ReturnType<typeof make>, factor: number) => {
    optimizer.zeroGrad();
    weight.square().sum().mul(factor).backward();
    return optimizer.step();
  };
  for (let i = 0; i < 3; i++) for (const each of [one, other]) await step(each, 1);
  await one.optimizer.stateDict();
  // Nothing is awaited: the steps behind the bad one must not be taken either.
  const outcomes = [step(one, Number.NaN), step(one, 1), step(one, 1)];
  expect(await Promise.all(outcomes)).toEqual([undefined, undefined, undefined]);
  const error = await one.optimizer.stateDict().catch((each: unknown) => each);
  expect(error).toBeInstanceOf(NonFiniteError);
  expect(error).toMatchObject({ step: 3, parameter: "weight", lr: 0.1 / 4 });
  expect(one.optimizer.steps).toBe(3);
  expect(await one.optimizer.stateDict()).toEqual(await other.optimizer.stateDict());
  for (let i = 0; i < 3; i++) for (const each of [one, other]) await step(each, 1);
  expect(await one.optimizer.stateDict()).toEqual(await other.optimizer.stateDict());
  expect(await one.weight.array()).toEqual(await other.weight.array());
  // The next step reports it as well.
  void step(one, Number.NaN);
  await one.weight.array();
  await new Promise((done) => setTimeout(done, 20));
  await expect(step(one, 1)).rejects.toThrow('a finite gradient of "weight", got NaN or Infinity at step 6');
  await step(one, 1);
  expect(one.optimizer.steps).toBe(7);
});
