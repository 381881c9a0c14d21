// Random training programs: whatever is read is right or a clear error, never stale.
import { memory, tensor, useEngine } from "@downhill/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { programs, runProgram } from "./random-program.js";
import { engines } from "./support.js";

describe.each(engines)("%s", (engine) => {
  test("random programs of building, steps and late reads", () => {
    useEngine(engine);
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
