import * as losses from "@downhill/losses";
import * as optimizers from "@downhill/optimizers";
import * as core from "@downhill/tensor";
import { expect, test } from "vitest";
import { groupedCases, groups, namesOf } from "../src/groups/index.mjs";
import { loadCase } from "../src/load-case.mjs";

interface Case {
  readonly rivals: readonly string[];
  readonly pytorch: { readonly code: string };
}

const library = { ...core, losses, optimizers };
const lossNames: string[] = namesOf("losses");
const smallNames: string[] = namesOf("optimizers").filter((name: string) => name.endsWith("-small"));
const elementwise = Object.keys(groups.losses[0]?.cases ?? {});

test("every case has a name of its own and the sides that it says", () => {
  const names = Object.keys(groups).flatMap((group) => namesOf(group));
  expect(new Set(names).size).toBe(names.length);
  expect(Object.keys(groupedCases)).toEqual(names);
  for (const each of Object.values<Case>(groupedCases)) {
    expect(each.rivals.slice(0, 2)).toEqual(["downhill", "pytorch"]);
    expect(each.pytorch.code).not.toBe("");
  }
});

test.each(elementwise)("%s in a size of its own: one kernel, numbers that are finite", async (name) => {
  const small = await loadCase(`${name}@64`);
  const run = small.downhill(library, small.data());
  run.step();
  const before = core.profile().kernels;
  run.step();
  // Those of special functions are too long for one.
  expect(core.profile().kernels - before).toBe(1);
  const [value, ...gradients] = run.check();
  expect(Number.isFinite(value)).toBe(true);
  expect(gradients.length).toBe(small.pytorch.learned.length);
  for (const square of gradients) expect(square).toBeGreaterThan(0);
});

test("losses are functions of Downhill, and data are the same in every call", async () => {
  for (const name of lossNames) expect(losses, name).toHaveProperty(name.slice("loss/".length));
  const { data } = await loadCase("loss/negativeBinomialNll@16");
  expect(data()).toEqual(data());
  expect(Object.keys(data())).toEqual(["m", "t", "r"]);
});

test("labels of ctc are symbols without the blank", async () => {
  const { y } = (await loadCase("loss/ctc")).data();
  expect(y?.shape).toEqual([16, 30]);
  expect(y?.values).toBeInstanceOf(Int32Array);
  expect(Math.min(...(y?.values ?? []))).toBeGreaterThanOrEqual(1);
  expect(Math.max(...(y?.values ?? []))).toBeLessThan(40);
});

test.each(smallNames)("%s moves its parameters", async (name) => {
  const { data, downhill } = await loadCase(name);
  const run = downhill(library, data());
  await run.step();
  const [once] = run.check() as [number];
  await run.step();
  const [twice] = run.check() as [number];
  expect(once).toBeGreaterThan(0);
  expect(twice).toBeGreaterThan(once);
});

test("a case of one size has no other", async () => {
  await expect(loadCase("loss/ctc@100")).rejects.toThrow('case "loss/ctc" has one size');
  await expect(loadCase("loss/huber@0")).rejects.toThrow("a positive integer expected");
});
