// What is special about relaxed multiply-add; the project "relaxed" of vitest.config.ts runs the other tests with it.
import { tensor } from "@downhill/tensor";
import { expect, test } from "vitest";
import { hasMultiplyAdd, withMultiplyAdd } from "../../src/engines/cpu/multiply-add.js";
import { bytesOf } from "../../src/engines/cpu/wasm.js";
import { cpuWasm } from "../../src/generated/cpu-wasm.js";

test("this host has relaxed SIMD", () => {
  expect(hasMultiplyAdd()).toBe(true);
});

test("the module is valid, as long as before, and multiplies and adds at once where it matters", () => {
  const plain = bytesOf(cpuWasm);
  const relaxed = withMultiplyAdd(plain);
  expect(WebAssembly.validate(relaxed)).toBe(true);
  expect(relaxed.length).toBe(plain.length);
  const count = (code: number): number =>
    relaxed.reduce((sum, byte, i) => sum + Number(byte === 0xfd && relaxed[i + 1] === code && relaxed[i + 2] === 2), 0);
  // The kernels of matmul have 29, the functions of one variable the others.
  expect(count(0x85)).toBeGreaterThan(150);
  expect(count(0x86)).toBeGreaterThan(5);
});

test("a product and a sum are rounded once", () => {
  const epsilon = 2 ** -13;
  const left = tensor(Array.from({ length: 4 }, () => [1, 1 + epsilon]));
  const right = tensor([new Array(8).fill(-1), new Array(8).fill(1 - epsilon)]);
  // The product is 1 - epsilon^2, which float32 rounds to 1.
  expect(new Set(left.matmul(right).dataSync())).toEqual(new Set([-(epsilon ** 2)]));
});
