import { expect, test } from "vitest";
import { run as handWrittenLoop } from "../src/hand-written-loop.js";
import { run as regressionStyle } from "../src/regression-style.js";

// A tenth of the digits right is chance.
test.each([
  ["hand-written-loop", handWrittenLoop, 0.8],
  ["regression-style", regressionStyle, 0.7],
])("%s learns from 2,000 digits", async (_name, run, bound) => {
  const lines: string[] = [];
  const share = await run({ trainDigits: 2000, testDigits: 1000, print: (line) => lines.push(line) });
  expect(share).toBeGreaterThan(bound);
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toBe(`accuracy on 1000 test digits: ${(100 * share).toFixed(2)} %`);
});
