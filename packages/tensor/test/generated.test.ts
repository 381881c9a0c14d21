// Generated functions give the bits that the tape gives: programs may change from one to the other at any time.
import type { Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { Generator } from "../src/engines/cpu/generator.js";
import { limits } from "../src/engines/cpu/grid.js";
import { currentLauncher } from "../src/runtime/engines.js";
import { bitsOf, cutAsUsual, generate } from "./crew.js";
import type { Recipe } from "./random-graph.js";
import { buildGraph, recipes } from "./random-graph.js";
import { random } from "./support.js";
import { cases } from "./thread-cases.js";

/** A new engine that generates functions at once, or never. */
function engineThatGenerates(functions: boolean): void {
  cutAsUsual();
  generate(functions);
}

/** How many functions the engine has. */
function functions(): number {
  const { generator } = currentLauncher().engine as unknown as { generator: Generator };
  return generator.modules.reduce((sum, { count }) => sum + count, 0);
}

test.each(cases)("%s", (_, build) => {
  engineThatGenerates(false);
  const wanted = bitsOf(build());
  expect(functions()).toBe(0);
  engineThatGenerates(true);
  expect(bitsOf(build())).toEqual(wanted);
});

test("random graphs", () => {
  const drawn = fc.sample(recipes, { numRuns: 400, seed: 5 });
  const compute = (recipe: Recipe): number[][] => bitsOf(buildGraph(recipe).items.map(({ x }) => x));
  engineThatGenerates(false);
  const wanted = drawn.map(compute);
  engineThatGenerates(true);
  drawn.forEach((recipe, i) => expect(compute(recipe), buildGraph(recipe).text).toEqual(wanted[i]));
  expect(functions()).toBeGreaterThan(150);
});

test("a program changes over when it has run for a while, and the same steps are the same function", () => {
  engineThatGenerates(false);
  const step = (size: number): number[][] => {
    const x = random([size], -1, 1, 1);
    return bitsOf([x.mul(x).sub(x).abs().mean(), x.mul(x).add(1)]);
  };
  const wanted = step(5000);
  Object.assign(limits, { generate: 5000, function: 100 });
  const seen: number[] = [];
  for (let i = 0; i < 6; i++) {
    expect(step(5000)).toEqual(wanted);
    seen.push(functions());
  }
  expect(seen[0]).toBe(0);
  expect(seen.at(-1)).toBeGreaterThan(0);
  for (let i = 0; i < 6; i++) step(5016);
  expect(functions()).toBe(seen.at(-1));
});

test("sums of every length near a line and a run, with NaN behind the end", () => {
  for (const functions of [false, true]) {
    engineThatGenerates(functions);
    // What was here before lies behind the ends of what comes now.
    tensor(new Float32Array(4096).fill(Number.NaN)).add(1).dataSync();
    for (const size of [1, 3, 4, 15, 16, 17, 31, 33, 511, 512, 513, 1023, 1024, 1025, 2049]) {
      const x = tensor(Float32Array.from({ length: size }, (_, i) => (i % 7) - 3));
      const wanted = Array.from({ length: size }, (_, i) => ((i % 7) - 3) ** 2 + 1).reduce((sum, value) => sum + value);
      expect(x.mul(x).add(1).sum().itemSync(), `${size} elements`).toBe(wanted);
    }
  }
});

test("where the host refuses new modules, the tape does all", () => {
  engineThatGenerates(false);
  const x = (): Tensor => random([3000], -1, 1, 1);
  const wanted = bitsOf([x().mul(2).sub(1).abs().add(3)]);
  engineThatGenerates(true);
  const refuse = vi.spyOn(WebAssembly, "Module").mockImplementation(function refusal() {
    throw new WebAssembly.CompileError("not here");
  });
  try {
    for (let i = 0; i < 3; i++) expect(bitsOf([x().mul(2).sub(1).abs().add(3)])).toEqual(wanted);
  } finally {
    refuse.mockRestore();
  }
  expect(bitsOf([x().mul(2).sub(1).abs().add(3), x().mul(5).add(2)])[0]).toEqual(wanted[0]);
});
