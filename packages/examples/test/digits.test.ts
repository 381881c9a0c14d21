import { expect, test } from "vitest";
import { loadDigits, oneHotRows } from "../src/digits.js";

// The first labels as every copy of MNIST has them.
test.each([
  ["train", [5, 0, 4, 1, 9]],
  ["test", [7, 2, 1, 0, 4]],
] as const)("loads the %s digits", (part, first) => {
  const { count, images, labels } = loadDigits(part, 100);
  expect([count, images.shape, labels.length, [...labels.subarray(0, 5)]]).toEqual([100, [100, 784], 100, first]);
  expect(Math.min(...images.data)).toBe(0);
  expect(Math.max(...images.data)).toBe(1);
  // The corner is paper.
  expect(images.data[0]).toBe(0);
});

test("there are 10,000 to test on", () => {
  expect(loadDigits("test").count).toBe(10_000);
});

test("labels as rows", () => {
  const { data, shape } = oneHotRows(Int32Array.of(1, 9), 1, -1);
  expect(shape).toEqual([2, 10]);
  expect([...data]).toEqual([-1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1]);
});
