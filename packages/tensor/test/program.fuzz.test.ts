// Random training programs: whatever is read is right or a clear error, never stale.
import { memory, tensor, useEngine } from "@downhill/tensor";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { switchTo } from "../src/runtime/engines.js";
import { passEngine, webgl2, webgpu } from "./pass-engine.js";
import { programs, runProgram } from "./random-program.js";
import { engines } from "./support.js";

afterAll(() => useEngine("cpu"));

const entries: readonly (readonly [string, () => void])[] = [
  ...engines.map((engine) => [engine, () => useEngine(engine)] as const),
  ["the passes of WebGPU", () => switchTo(passEngine(webgpu(9)))],
  ["the passes of WebGL2", () => switchTo(passEngine(webgl2))],
];

describe.each(entries)("%s", (_, enter) => {
  test("random programs of building, steps and late reads", () => {
    enter();
    const total = { right: 0, errors: 0, runs: 0 };
    fc.assert(
      fc.property(programs, (program) => {
        const { right, errors } = runProgram(program);
        total.right += right;
        total.errors += errors;
        total.runs++;
      }),
    );
    // Most reads are in time, and some are late.
    expect(total.right).toBeGreaterThan(10 * total.runs);
    expect(total.errors).toBeGreaterThan(total.runs / 4);
    expect(tensor([1]).mul(2).itemSync()).toBe(2);
    expect(memory().bytes).toBeGreaterThan(0);
  });
});
