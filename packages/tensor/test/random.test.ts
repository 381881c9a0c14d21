import type { Tensor } from "@downhill/tensor";
import {
  bernoulliMask,
  grad,
  manualSeed,
  ones,
  parameter,
  permutation,
  profile,
  rand,
  randint,
  randn,
  randomState,
  setRandomState,
  useEngine,
} from "@downhill/tensor";
import { describe, expect, test } from "vitest";
import { engines, expectClose, onEveryEngine } from "./support.js";

const values = (x: Tensor): number[] => Array.from(x.dataSync());
const mean = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
const moment = (x: readonly number[], power: number): number => mean(x.map((v) => v ** power));
const seeded = (seed: number, f: () => Tensor): number[] => {
  manualSeed(seed);
  return values(f());
};

test("the same numbers on every engine, bit for bit", () => {
  const draws = engines.map((engine) => {
    useEngine(engine);
    return [
      seeded(7, () => rand([7, 13])),
      seeded(0, () => rand([70000])),
      seeded(2 ** 53 - 1, () => rand([])),
      seeded(7, () => randint(-5, 1000, [5, 5])),
      seeded(7, () => bernoulliMask([100], 0.3)),
      seeded(7, () => rand([3, 1]).add(rand([1, 2]))),
    ];
  });
  for (const each of draws) expect(each).toEqual(draws[0]);
});
test("randn: the same numbers on every engine, to float32's precision", () => {
  const [first, ...others] = engines.map((engine) => {
    useEngine(engine);
    manualSeed(3);
    return randn([1000]);
  });
  const wanted = values(first as Tensor);
  for (const other of others) expectClose(other, wanted, { absolute: 2e-6 });
});

onEveryEngine(() => {
  test("a seed means the same numbers in every release", () => {
    expect(seeded(0, () => rand([4])).map((x) => x * 2 ** 24)).toEqual([8832054, 13876782, 12791822, 1978302]);
    expect(seeded(123456789, () => rand([2])).map((x) => x * 2 ** 24)).toEqual([9979235, 4141533]);
    manualSeed(0);
    expect(Array.from(permutation(8))).toEqual([3, 1, 2, 4, 7, 0, 5, 6]);
  });

  test("seeds repeat, draws differ, seeds differ", () => {
    const twice = (seed: number): number[][] => {
      manualSeed(seed);
      return [values(rand([50])), values(rand([50])), values(randn([50])), Array.from(permutation(50))];
    };
    const [a, b] = [twice(5), twice(6)];
    expect(twice(5)).toEqual(a);
    expect(new Set([...a, ...b].map((list) => list.join())).size).toBe(8);
  });

  test("the order of reading does not matter", () => {
    manualSeed(5);
    const [a, b] = [rand([5]), rand([5])];
    const late = [values(b), values(a)];
    expect([seeded(5, () => rand([5])), values(rand([5]))]).toEqual([late[1], late[0]]);
  });

  test("the state continues a run exactly", () => {
    manualSeed(9);
    rand([3]);
    const state = randomState();
    expect(state).toEqual({ seed: 9, draws: 1 });
    const wanted = [values(rand([5])), values(randn([5])), Array.from(permutation(5))];
    manualSeed(1);
    setRandomState(state);
    expect([values(rand([5])), values(randn([5])), Array.from(permutation(5))]).toEqual(wanted);
  });

  test("one tensor keeps its numbers wherever it is used", () => {
    const x = rand([100]);
    const y = x.mul(2);
    expect(values(y.sub(x).sub(x))).toEqual(new Array(100).fill(0));
    expect(values(y)).toEqual(values(x).map((v) => v * 2));
    expect(
      values(
        rand([100])
          .sub(rand([100]))
          .equal(0),
      ).some(Boolean),
    ).toBe(false);
  });

  test("a mask is the same in the gradient", () => {
    const w = parameter(ones([1000]));
    const dropped = w.mul(bernoulliMask([1000], 0.5));
    dropped.sum().backward();
    const slopes = values(w.grad as Tensor);
    expect(values(dropped)).toEqual(slopes);
    expect(mean(slopes)).toBeGreaterThan(0.4);
    const slope = grad((x: Tensor) => x.mul(rand([10])).sum())(ones([10]));
    expect(values(slope)).toEqual(values(slope));
  });

  test("drawing again makes no new plan", () => {
    const step = (): number[] =>
      values(
        randn([16])
          .add(rand([16]))
          .mul(bernoulliMask([16], 0.5)),
      );
    step();
    const { plans } = profile();
    expect(new Set(Array.from({ length: 20 }, () => step().join())).size).toBe(20);
    expect(profile().plans).toBe(plans);
  });

  describe("statistics", () => {
    const count = 100_000;
    test("rand is uniform on [0, 1), in steps of 2^-24", () => {
      const x = seeded(1, () => rand([count]));
      expect(x.every((v) => v >= 0 && v < 1 && Number.isInteger(v * 2 ** 24))).toBe(true);
      expect(Math.abs(mean(x) - 0.5)).toBeLessThan(0.004);
      expect(
        Math.abs(
          moment(
            x.map((v) => v - 0.5),
            2,
          ) -
            1 / 12,
        ),
      ).toBeLessThan(0.001);
      const bins = new Array<number>(100).fill(0);
      for (const v of x) bins[Math.floor(v * 100)]!++;
      const chi = bins.reduce((s, n) => s + (n - count / 100) ** 2 / (count / 100), 0);
      expect(chi).toBeGreaterThan(50); // 99 degrees of freedom: 0.001 % of all seeds are outside
      expect(chi).toBeLessThan(170);
    });
    test("neighbours, rows and draws are independent", () => {
      const correlation = (x: readonly number[], y: readonly number[]): number =>
        mean(x.map((v, i) => (v - 0.5) * ((y[i] as number) - 0.5))) * 12;
      manualSeed(2);
      const [x, y] = [values(rand([count])), values(rand([count]))];
      for (const lag of [1, 2, 3, 64, 1000, 4096])
        expect(Math.abs(correlation(x.slice(lag), x.slice(0, -lag)))).toBeLessThan(0.016);
      expect(Math.abs(correlation(x, y))).toBeLessThan(0.016);
      const seeds = Array.from({ length: 2000 }, (_, seed) => seeded(seed, () => rand([2])));
      expect(Math.abs(mean(seeds.map((pair) => pair[0] as number)) - 0.5)).toBeLessThan(0.03);
      expect(
        Math.abs(
          correlation(
            seeds.map((pair) => pair[0] as number),
            seeds.map((pair) => pair[1] as number),
          ),
        ),
      ).toBeLessThan(0.1);
    });
    test("hardly a number comes twice", () => {
      const x = seeded(4, () => rand([4096]));
      expect(new Set(x).size).toBeGreaterThan(4090);
    });
    test("randn is standard normal", () => {
      const x = seeded(3, () => randn([count]));
      expect(x.every(Number.isFinite)).toBe(true);
      expect(Math.abs(mean(x))).toBeLessThan(0.013);
      expect(Math.abs(moment(x, 2) - 1)).toBeLessThan(0.02);
      expect(Math.abs(moment(x, 3))).toBeLessThan(0.04);
      expect(Math.abs(moment(x, 4) - 3)).toBeLessThan(0.15);
      expect(Math.abs(mean(x.map((v) => Number(Math.abs(v) < 1))) - 0.6827)).toBeLessThan(0.006);
      expect(x.some((v) => v > 3.5) && x.some((v) => v < -3.5)).toBe(true);
    });
    test("randint is even and stays inside", () => {
      const x = seeded(3, () => randint(-2, 4, [count]));
      const counts = [-2, -1, 0, 1, 2, 3].map((k) => x.filter((v) => v === k).length);
      expect(counts.reduce((s, n) => s + n, 0)).toBe(count);
      for (const n of counts) expect(Math.abs(n - count / 6)).toBeLessThan(600);
      expect(randint(0, 1, [2, 3]).dtype).toBe("int32");
      expect(values(randint(5, 6, [3]))).toEqual([5, 5, 5]);
      expect(values(randint(-2147483648, -2147483647, [2]))).toEqual([-2147483648, -2147483648]);
    });
    test("bernoulliMask drops a share of p", () => {
      for (const p of [0, 0.25, 0.5, 0.9, 1]) {
        const mask = bernoulliMask([count], p);
        expect(mask.dtype).toBe("bool");
        expect(Math.abs(mean(values(mask)) - (1 - p))).toBeLessThan(p === 0 || p === 1 ? 1e-9 : 0.008);
      }
    });
    test("permutations hold each number once, in every order alike", () => {
      manualSeed(8);
      expect(Array.from(permutation(1000)).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
      expect([Array.from(permutation(0)), Array.from(permutation(1))]).toEqual([[], [0]]);
      const counts = new Map<string, number>();
      for (let i = 0; i < 6000; i++) {
        const key = permutation(3).join();
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect(counts.size).toBe(6);
      for (const n of counts.values()) expect(Math.abs(n - 1000)).toBeLessThan(150);
    });
  });

  test("shapes", () => {
    expect([rand([2, 3]).shape, randn([0, 3]).shape, rand([]).shape, randint(0, 2, [4]).shape]).toEqual([
      [2, 3],
      [0, 3],
      [],
      [4],
    ]);
    expect([values(rand([0])), values(randn([2, 0]))]).toEqual([[], []]);
    expect(Number.isFinite(randn([]).itemSync())).toBe(true);
  });
});
