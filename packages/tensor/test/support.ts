// What the tests of this folder share: engines, comparison, numbers, and gradients by differences.
import type { EngineName, NestedNumbers, Tensor } from "@downhill/tensor";
import { grad, tensor, useEngine } from "@downhill/tensor";
import { beforeEach, describe, expect } from "vitest";

export const engines: readonly EngineName[] = ["reference", "cpu"];

/** The same tests on every engine. */
export function onEveryEngine(tests: (engine: EngineName) => void): void {
  describe.each(engines)("%s", (engine) => {
    beforeEach(() => useEngine(engine));
    tests(engine);
  });
}

/** How far apart two numbers may be: a few units in the last place of float32. */
export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
}

/** All numbers of nested arrays, in order. */
export function flat(x: NestedNumbers | ArrayLike<number>): number[] {
  if (typeof x === "number") return [x];
  return Array.from(x as ArrayLike<NestedNumbers>).flatMap(flat);
}

/** Whether two numbers agree; NaN agrees with NaN, and a zero with either zero. */
export function agrees(
  actual: number,
  expected: number,
  { relative = 2e-6, absolute = 1e-37 }: Tolerance = {},
): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  if (actual === expected || Math.fround(actual) === Math.fround(expected)) return true;
  // What float32 can't hold may come out as its largest value or as infinity.
  if (Math.abs(expected) > 3.4028e38 && Math.abs(actual) > 3.4028e38) return Math.sign(actual) === Math.sign(expected);
  return Number.isFinite(expected) && Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
}

/** Asserts that a tensor holds these numbers in this shape. */
export function expectClose(actual: Tensor, expected: NestedNumbers | ArrayLike<number>, tolerance?: Tolerance): void {
  const got = Array.from(actual.dataSync());
  const wanted = flat(expected);
  expect(got.length).toBe(wanted.length);
  const wrong = got.findIndex((value, i) => !agrees(value, wanted[i] as number, tolerance));
  if (wrong >= 0)
    expect.fail(
      `position ${wrong} of ${got.length}: expected ${wanted[wrong]}, got ${got[wrong]}\n${got.slice(0, 40).join(" ")}`,
    );
}

/** Asserts shape, dtype and exact values. */
export function expectExactly(
  actual: Tensor,
  shape: readonly number[],
  dtype: string,
  values: readonly number[],
): void {
  expect({ shape: actual.shape, dtype: actual.dtype, values: Array.from(actual.dataSync()) }).toEqual({
    shape,
    dtype,
    values,
  });
}

/** Repeatable random numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` float32 numbers between `low` and `high`. */
export function draw(count: number, low = -2, high = 2, seed = 1): number[] {
  const next = randomNumbers(seed + count);
  return Array.from({ length: count }, () => Math.fround(low + (high - low) * next()));
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** A tensor of random numbers. */
export const random = (shape: readonly number[], low = -2, high = 2, seed = 1): Tensor =>
  tensor(Float32Array.from(draw(sizeOf(shape), low, high, seed)), { shape });

/** All multi-indices of a shape, in row-major order. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, extent) => all.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])),
    [[]],
  );
}

/** An argument of a function whose gradient is checked. */
export interface Argument {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A sum with weights that are all different, so that no two outputs can be mistaken for each other. */
const weigh = (x: Tensor): Tensor =>
  x
    .cast("float32")
    .mul(tensor(draw(x.size, 0.5, 1.5, 77), { shape: x.shape }))
    .sum();

// Differences are taken once for all engines: changing the engine for every check would cost more than the check.
const differences = new Map<string, number[][]>();
let lastTest = "";
let calls = 0;

/** The gradients of a function by central differences, in float64 on the reference engine. */
function byDifferences(f: (...args: Tensor[]) => Tensor, args: readonly Argument[]): number[][] {
  useEngine("reference");
  const at = (values: readonly (readonly number[])[]): number =>
    weigh(f(...args.map(({ shape }, i) => tensor([...(values[i] as number[])], { shape })))).itemSync();
  const step = 1e-5;
  return args.map(({ values }, which) =>
    values.map((_, i) => {
      const moved = (by: number): number =>
        at(args.map((arg, k) => arg.values.map((value, j) => (k === which && j === i ? value + by : value))));
      return (moved(step) - moved(-step)) / (2 * step);
    }),
  );
}

/** Asserts that the gradient on `engine` is that of central differences. */
export function expectGradient(
  engine: EngineName,
  f: (...args: Tensor[]) => Tensor,
  args: readonly Argument[],
  tolerance: Tolerance = { relative: 1e-4, absolute: 1e-4 },
): void {
  const name = expect.getState().currentTestName ?? "";
  calls = name === lastTest ? calls + 1 : 0;
  lastTest = name;
  const key = `${name.replace(engine, "")} ${calls}`;
  const wanted = differences.get(key) ?? byDifferences(f, args);
  differences.set(key, wanted);
  useEngine(engine);
  const argnums = args.map((_, i) => i);
  const gradients = grad((...tensors: Tensor[]) => weigh(f(...tensors)), { argnums })(
    ...args.map(({ shape, values }) => tensor([...values], { shape })),
  );
  gradients.forEach((gradient, i) => {
    expect(gradient.shape).toEqual(args[i]?.shape);
    expectClose(gradient, wanted[i] as number[], tolerance);
  });
}
