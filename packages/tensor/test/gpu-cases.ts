// The GPU engines against the reference engine, on real WebGPU and WebGL2 (a software adapter will do).
import type { Tensor } from "@downhill/tensor";
import { cumsum, engineName, evaluate, grad, manualSeed, rand, tensor, useEngine } from "@downhill/tensor";
import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Recipe } from "./random-graph.js";
import { buildGraph, recipes } from "./random-graph.js";
import { chains, ofChain } from "./random-products.js";
import { agrees } from "./support.js";
import { cases } from "./thread-cases.js";

interface Expected {
  readonly name: string;
  readonly build: () => readonly Tensor[];
  readonly values: readonly ArrayLike<number>[];
}

/** Graphs of moderate numbers: what float32 can't hold differs from device to device. */
const tame = (values: readonly ArrayLike<number>[]): boolean =>
  values.every((list) => Array.from(list).every((x) => Number.isFinite(x) && Math.abs(x) < 1e6));

function onReference(entries: readonly (readonly [string, () => readonly Tensor[]])[]): Expected[] {
  useEngine("reference");
  const expected = entries.map(([name, build]) => ({ name, build, values: build().map((x) => x.dataSync()) }));
  useEngine("cpu");
  return expected;
}

const graphs = (recipe: Recipe): readonly [string, () => readonly Tensor[]] => [
  buildGraph(recipe).text,
  () => buildGraph(recipe).items.map(({ x }) => x),
];
const drawn = fc.sample(recipes, { numRuns: 60, seed: 3 });
const drawnChains = fc.sample(chains, { numRuns: 40, seed: 4 });

const values = (dims: readonly number[], seed: number): Tensor => {
  const size = dims.reduce((product, extent) => product * extent, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed)),
    { shape: dims },
  );
};
const turned = (x: Tensor): Tensor =>
  x.transpose(x.shape.length === 2 ? [1, 0] : [...x.shape.keys()].map((i) => (i < 1 ? 0 : 3 - i)));

/** Products that devices compute in tiles: with all rests by four, factors as they are and transposed, alone and in batches. */
const products: readonly (readonly [string, () => readonly Tensor[]])[] = [
  [68, 64, 72],
  [65, 66, 67],
  [67, 69, 66],
  [66, 71, 68],
  [64, 68, 65],
  [4, 4, 16_385],
].flatMap(([m = 0, k = 0, n = 0]) =>
  [[], [3]].map((batch) => {
    const [a, b] = [() => values([...batch, m, k], 1), () => values([...batch, k, n], 2)];
    const [at, bt] = [() => turned(values([...batch, k, m], 3)), () => turned(values([...batch, n, k], 4))];
    const build = (): readonly Tensor[] => [
      a().matmul(b()).add(1),
      at().matmul(b()).exp(),
      a().matmul(bt()).relu().square(),
      at().matmul(bt()),
      values([m, k], 5).matmul(b()),
      a()
        .matmul(values([k, n], 6))
        .sum({ axis: -1 }),
    ];
    return [`products ${[...batch, m, k, n].join("x")}`, build] as const;
  }),
);

/** Products that only other kernels read, which may stay in tiles: with all rests by four, read in every way. */
const between: readonly (readonly [string, () => readonly Tensor[]])[] = [
  [36, 32, 40],
  [33, 34, 35],
  [35, 37, 34],
  [34, 39, 37],
].map(([m = 0, k = 0, n = 0]) => {
  const product = (): Tensor =>
    values([m, k], 1)
      .matmul(values([k, n], 2))
      .add(values([n], 3))
      .relu();
  const build = (): readonly Tensor[] => {
    const wide = 200;
    const [left, right] = [values([wide, m], 4), values([n, wide], 5)];
    return [
      // As a factor: of a small product, of one in tiles, of one that stays in tiles itself; as it is and transposed.
      product().matmul(values([n, 3], 6)),
      product().matmul(right),
      product().matmul(right).sum(),
      product()
        .transpose([1, 0])
        .matmul(values([m, wide], 7))
        .exp(),
      product().transpose([1, 0]).matmul(product()),
      left.matmul(product()).neg(),
      left.matmul(product()).square().sum({ axis: 0 }),
      values([wide, n], 8).matmul(product().transpose([1, 0])),
      product()
        .matmul(product().transpose([1, 0]))
        .max({ axis: 1 }),
      // By rows, by columns, in parts, element by element, as another shape.
      product().softmax(),
      product()
        .sum({ axis: 0 })
        .mul(product().sum({ axis: 1 }).sum()),
      product()
        .matmul(right)
        .mul(left.transpose([1, 0]).mean()),
      cumsum(product().slice([1, 2], [m - 1, n - 1])),
      grad((x: Tensor) =>
        x
          .matmul(values([k, n], 2))
          .square()
          .matmul(right)
          .tanh()
          .sum(),
      )(values([m, k], 1)),
    ];
  };
  return [`products ${[m, k, n].join("x")} that others read`, build] as const;
});

/** Tests that an engine computes what the reference engine computes. */
export function likeReferenceOn(engine: "webgpu" | "webgl2"): void {
  const table = onReference([...cases, ...products, ...between]);
  const chained = onReference(drawnChains.map((chain) => [JSON.stringify(chain), () => [ofChain(chain)]]));
  const random = onReference(drawn.map(graphs)).filter(({ values }) => tame(values));
  beforeAll(async () => {
    const { reason } = await useGpu({ engine });
    expect({ reason, name: engineName() }).toEqual({ reason: null, name: engine });
  });
  afterAll(() => leaveGpu());

  const check = async ({ name, build, values }: Expected): Promise<void> => {
    const outputs = build();
    await evaluate(...outputs);
    for (const [output, x] of outputs.entries()) {
      const [got, wanted] = [await x.data(), values[output] as ArrayLike<number>];
      expect(got.length, name).toBe(wanted.length);
      const largest = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      for (let i = 0; i < got.length; i++) {
        const [actual, expected] = [got[i] as number, wanted[i] as number];
        if (!agrees(actual, expected, { relative: 1e-4, absolute: 1e-5 * largest }))
          expect.fail(`${name}: output ${output} at ${i} of ${got.length}: expected ${expected}, got ${actual}`);
      }
    }
  };

  test.each(table.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => check(entry), 30_000);

  test("random numbers are those of the CPU, bit for bit", async () => {
    const draw = (): readonly Tensor[] => {
      manualSeed(7);
      return [rand([1]), rand([70_000]), rand([300, 7]), rand([1000]).less(0.3)];
    };
    const here = draw();
    await evaluate(...here);
    const got = await Promise.all(here.map((x) => x.data()));
    await leaveGpu();
    draw().forEach((x, i) => {
      expect(got[i]).toEqual(x.dataSync());
    });
    await useGpu({ engine });
  });

  test("what reads more arrays than a kernel may is split", async () => {
    const terms = Array.from({ length: 40 }, (_, i) => tensor(Float32Array.from({ length: 100 }, (_, j) => i + j)));
    const sum = await terms.reduce((all, term) => all.add(term)).data();
    expect(sum).toEqual(Float32Array.from({ length: 100 }, (_, j) => 780 + 40 * j));
  });

  test("random chains of products", async () => {
    for (const entry of chained) await check(entry);
  }, 120_000);

  test("random graphs", async () => {
    expect(random.length).toBeGreaterThan(30);
    for (const entry of random) await check(entry);
  }, 120_000);
}
