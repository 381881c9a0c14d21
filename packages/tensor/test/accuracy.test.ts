// What float32 results are good for, against float64: totals of many numbers, spread around a far mean, and every function
// over the whole range, as users call it: alone, as part of a larger kernel, on one thread and on two.
import { evaluateSync, setThreads, tensor, useEngine, variance } from "@downhill/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { litter, modes } from "./against-reference.js";
import { randomNumbers } from "./support.js";

/** Numbers between `low` and `high`, fast to draw. */
function numbers(count: number, low: number, high: number): Float32Array {
  const values = new Float32Array(count);
  let state = 12345;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = low + ((high - low) * ((state >>> 8) + 0.5)) / 2 ** 24;
  }
  return values;
}

/** The sum of every `step`th number of `count`, in float64. */
function total(values: Float32Array, start = 0, step = 1, end = values.length): number {
  let sum = 0;
  for (let i = start; i < end; i += step) sum += values[i] as number;
  return sum;
}

/** Asserts that errors are at most `relative * |wanted| + absolute`. */
function expectWithin(got: ArrayLike<number>, wanted: readonly number[], relative = 1e-6, absolute = 0): void {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((want, i) => {
    const error = Math.abs((got[i] as number) - want);
    expect(error, `${got[i]}, not ${want}`).toBeLessThanOrEqual(relative * Math.abs(want) + absolute);
  });
}

describe.each(modes)("%s", (_, enter) => {
  test("the mean of ten million numbers", async () => {
    await enter();
    const values = numbers(10_000_000, 0, 1);
    const x = tensor(values);
    expectWithin([x.mean().itemSync()], [total(values) / values.length]);
    // Equal numbers are the worst: every rounding goes the same way.
    expectWithin([tensor(values.fill(0.1)).mean().itemSync()], [Math.fround(0.1)]);
  });

  test("sums along long axes", async () => {
    await enter();
    const long = 2 ** 20;
    const values = numbers(3 * long, 0, 1);
    const rows = tensor(values, { shape: [3, long] });
    const wantedRows = [0, 1, 2].map((i) => total(values, i * long, 1, (i + 1) * long));
    expectWithin(rows.sum({ axis: 1 }).dataSync(), wantedRows);
    expectWithin(
      rows.mul(2).sum({ axis: 1 }).dataSync(),
      wantedRows.map((sum) => 2 * sum),
    );
    const columns = values.slice(0, 5 * 2 ** 18);
    const wantedColumns = [0, 1, 2, 3, 4].map((i) => total(columns, i, 5));
    const tall = tensor(columns, { shape: [2 ** 18, 5] });
    expectWithin(tall.sum({ axis: 0 }).dataSync(), wantedColumns);
    const both = [tall.mul(2).sum({ axis: 0 }), tall.sum()];
    evaluateSync(...both);
    expectWithin(
      both[0]?.dataSync() ?? [],
      wantedColumns.map((sum) => 2 * sum),
    );
    expectWithin(both[1]?.dataSync() ?? [], [total(columns)]);
    const middle = tensor(columns, { shape: [1, 2 ** 18, 5] }).sum({ axis: 1 });
    expectWithin(middle.dataSync(), wantedColumns);
    const ones = tensor(new Float32Array(2 ** 18 * 5).fill(0.1), { shape: [2 ** 18, 5] });
    expectWithin(ones.sum({ axis: 0 }).dataSync(), new Array(5).fill(2 ** 18 * Math.fround(0.1)));
  });

  test("variance around a far mean", async () => {
    await enter();
    for (const [rows, columns, offset] of [
      [1, 1_000_000, 1e4],
      [100, 1000, 1e4],
      [7, 4097, -1e4],
      [30, 65, 1e5],
    ] as const) {
      const values = numbers(rows * columns, offset - 1, offset + 1);
      const spread = (start: number, step: number, end: number, count: number): number => {
        const mean = total(values, start, step, end) / count;
        let sum = 0;
        for (let i = start; i < end; i += step) sum += ((values[i] as number) - mean) ** 2;
        return sum / (count - 1);
      };
      const x = tensor(values, { shape: [rows, columns] });
      const byRow = Array.from({ length: rows }, (_, r) => spread(r * columns, 1, (r + 1) * columns, columns));
      // The mean is rounded twice, after float32 sums of up to 32 terms; the square of its error is added.
      const lost = (count: number): number => ((3 * offset * 2 ** -24) ** 2 * count) / (count - 1);
      expectWithin(variance(x, { axis: 1 }).dataSync(), byRow, 3e-6, lost(columns));
      expectWithin([variance(x).itemSync()], [spread(0, 1, values.length, values.length)], 3e-6, lost(values.length));
      if (rows < 2) continue;
      const byColumn = Array.from({ length: columns }, (_, c) => spread(c, columns, values.length, rows));
      expectWithin(variance(x, { axis: 0 }).dataSync(), byColumn, 3e-6, lost(rows));
    }
  });
});

/** Error in units of the last place of a float32 at the true value; infinity counts as the number after the largest. */
function ulp(got: number, want: number): number {
  const rounded = Math.fround(want);
  if (got === rounded || (Number.isNaN(got) && Number.isNaN(rounded))) return 0;
  if (Number.isNaN(got) || !Number.isFinite(want)) return Number.POSITIVE_INFINITY;
  const near = Math.max(-(2 ** 128), Math.min(2 ** 128, got));
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(want), 2 ** -126)));
  return Math.abs(near - want) / 2 ** (Math.min(exponent, 127) - 23);
}

// Both zeros, infinities, NaN, every power of two with its neighbours, subnormals, and one in 80,021 of all floats.
const upper = 2 ** 31;
const bits = [
  ...[0, 0x7f800000, 0x7fc00000, 0x007fffff, 0x7f7fffff, 0x7f7ffffe],
  ...Array.from({ length: 23 }, (_, i) => 1 << i),
  ...Array.from({ length: 3 * 254 }, (_, i) => (Math.floor(i / 3 + 1) << 23) + (i % 3) - 1),
].flatMap((each) => [each, each + upper]);
const everywhere = new Float32Array(
  Uint32Array.from([...bits, ...Array.from({ length: 53_673 }, (_, i) => i * 80_021)]).buffer,
);
const next = randomNumbers(3);
/** All these, and many where functions bend: up to 110 in magnitude. */
const points = Float32Array.from({ length: everywhere.length + 40_000 }, (_, i) =>
  i < everywhere.length ? (everywhere[i] as number) : (next() - 0.5) * 10 ** (next() * 5 - 2.66),
);

const bounds = {
  exp: 1,
  log: 1,
  expm1: 2,
  log1p: 2,
  tanh: 2,
  sigmoid: 2.5,
  erf: 2,
  sin: 2,
  cos: 2,
  sqrt: 0.5,
  reciprocal: 0.5,
} as const;
type Name = keyof typeof bounds;

describe("functions over the whole range", () => {
  const wanted = new Map<Name, ArrayLike<number>>();
  beforeAll(() => {
    useEngine("reference");
    for (const name of Object.keys(bounds) as Name[]) wanted.set(name, tensor(points)[name]().dataSync());
    useEngine("cpu");
    setThreads(1);
    litter();
  });

  test.each(Object.entries(bounds) as [Name, number][])("%s within %d units in the last place", (name, bound) => {
    const x = tensor(points);
    const alone = x[name]();
    alone.dataSync();
    // In a kernel of several: of an intermediate result, and with a total.
    const inside = x.mul(1)[name]();
    evaluateSync(x.neg(), inside, x.abs()[name]().sum());
    for (const [how, y] of Object.entries({ alone, inside })) {
      const got = y.dataSync();
      const want = wanted.get(name) as ArrayLike<number>;
      let [worst, at] = [0, 0];
      points.forEach((_, i) => {
        const error = ulp(got[i] as number, want[i] as number);
        if (error > worst) [worst, at] = [error, i];
      });
      expect(worst, `${how}: ${name}(${points[at]}) is ${want[at]}, got ${got[at]}`).toBeLessThanOrEqual(bound);
    }
  });
});
