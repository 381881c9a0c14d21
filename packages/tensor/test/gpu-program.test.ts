// Plans as passes for a graphics processor: run as JavaScript against the reference engine, and their text against the
// rules of what gpu.js translates rightly.
import { crossEntropy } from "@downhill/losses";
import { Linear, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optimizers";
import type { Tensor } from "@downhill/tensor";
import {
  assignAll,
  evaluateSync,
  grad,
  manualSeed,
  number,
  parameter,
  pick,
  profile,
  state,
  tensor,
  useEngine,
  where,
} from "@downhill/tensor";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Pass } from "../src/engines/gpu/pass.js";
import { switchTo } from "../src/runtime/engines.js";
import { passEngine, webgl2, webgpu } from "./pass-engine.js";
import { recipes } from "./random-graph.js";
import type { Outcome } from "./random-graph-outcome.js";
import { blurredRuns, compare, run } from "./random-graph-outcome.js";
import { expectClose, random } from "./support.js";
import { cases } from "./thread-cases.js";

/** What a graph without passes for one of its operations gives. */
const missing = Symbol("missing");

function unlessMissing<T>(compute: () => T): T | typeof missing {
  try {
    return compute();
  } catch (error) {
    if (/no passes for/.test(String(error))) return missing;
    throw error;
  }
}

afterAll(() => useEngine("cpu"));

describe.each([
  ["7 arrays per kernel", webgpu(7)],
  ["4 arrays per kernel", webgpu(4)],
  ["what WebGL2 promises", webgl2],
])("with at most %s", (_name, limits) => {
  const seen: Pass[] = [];

  test("a table of graphs", () => {
    useEngine("reference");
    const wanted = cases.map(([, build]) => {
      const outputs = build();
      evaluateSync(...outputs);
      return outputs.map((x: Tensor) => Array.from(x.dataSync()));
    });
    switchTo(passEngine(limits, seen));
    let ran = 0;
    cases.forEach(([name, build], i) => {
      const outputs = unlessMissing(() => {
        const built = build();
        evaluateSync(...built);
        return built;
      });
      if (outputs === missing) return;
      ran++;
      outputs.forEach((x, output) => {
        try {
          expectClose(x, wanted[i]?.[output] ?? [], { relative: 1e-5, absolute: 1e-4 });
        } catch (error) {
          throw new Error(`${name}, output ${output}: ${(error as Error).message}`);
        }
      });
    });
    expect(ran).toBeGreaterThan(cases.length / 2);
  }, 60_000);

  test.each([
    ["", {}],
    [" with NaN, infinities and huge numbers", { special: true, gradients: false }],
  ])(
    "random graphs%s",
    (_, options) => {
      const drawn = fc.sample(recipes, { numRuns: 120, seed: 5 });
      useEngine("reference");
      const wanted = drawn.map((recipe) => [run(recipe, options), blurredRuns(recipe, options)] as const);
      switchTo(passEngine(limits, seen));
      let ran = 0;
      drawn.forEach((recipe, i) => {
        const got = unlessMissing(() => run(recipe, options));
        if (got === missing) return;
        ran++;
        const [outcome, blurred] = wanted[i] as readonly [Outcome, Outcome[]];
        compare(got, outcome, blurred, "special" in options);
      });
      expect(ran).toBeGreaterThan(30);
    },
    120_000,
  );

  test("the text keeps to what gpu.js translates rightly", () => {
    expect(seen.length).toBeGreaterThan(200);
    for (const { source, inputs, scalars, outputs } of seen) {
      // Behind the function stands what else there is to know about it.
      const text = source.text.replace(/\/\*.*\*\/$/, "");
      expect(inputs.length, text).toBeLessThanOrEqual(limits.arrays);
      expect(outputs.length, text).toBeLessThanOrEqual(limits.results);
      expect(inputs.length + outputs.length, text).toBeLessThanOrEqual(limits.together);
      expect([source.arrays, source.scalars]).toEqual([inputs.length, scalars.length]);
      const names = [...inputs.map((_, i) => `a${i}`), ...scalars.map((_, i) => `s${i}`)];
      expect(text.startsWith(`function(${names}){`), text).toBe(true);
      // Bit operators, powers, remainders, equality of floats.
      expect(text).not.toMatch(/\*\*|<<|>>|%|~|\^|[^&]&[^&]|[^|]\|[^|]|!==|Infinity|NaN|Math\.(tanh|round|trunc)/);
      // Loops run from 0 up to a literal.
      for (const [loop] of text.matchAll(/for\([^)]*\)/g))
        expect(loop).toMatch(/^for\(let (\w+)=0;\1<\d+;\1(\+\+|\+=\d+)\)$/);
      for (const output of outputs) expect(inputs).not.toContainEqual(output);
      // Names that are not numbered are those of own kernels, which have a test of their own.
      if (/(const|let) (?!v\d)/.test(text)) continue;
      // Integers stand in indices, loops and comparisons of counters only.
      const floats = text.replaceAll(
        /a\d+\[[^\]]*\]|for\([^)]*\)|\(\w+(\.thread\.x)?\+\w+\*\d+\)(<\d+)?|if\(this\.thread\.x<\d+\)/g,
        "",
      );
      for (const [number] of floats.matchAll(/(?<![\w.])(?:\d[\d.]*e[+-]?\d+|\d[\w.]*)/g))
        if (!/^\d+\.\d+(e[+-]?\d+)?$|^\d+e[+-]?\d+$/.test(number)) expect(text).toMatch(new RegExp(`[>=]${number}\\b`));
    }
  });
});

describe("passes of", () => {
  /** The passes of one graph, after a comparison with the reference engine. */
  function passesOf(build: () => Tensor[], arrays = 7): Pass[] {
    useEngine("reference");
    const reference = build();
    evaluateSync(...reference);
    const wanted = reference.map((x) => Array.from(x.dataSync()));
    const seen: Pass[] = [];
    switchTo(passEngine(arrays, seen));
    const outputs = build();
    evaluateSync(...outputs);
    outputs.forEach((x, i) => {
      expectClose(x, wanted[i] as number[], { relative: 1e-5, absolute: 1e-6 });
    });
    return seen;
  }
  const x = (): Tensor => random([16, 10]);
  const both = (t: Tensor): Tensor[] => [t.add(1), t.mul(2)];

  const counts: [string, number, () => Tensor[]][] = [
    ["a chain of elementwise operations", 1, () => [x().mul(2).exp().add(1).tanh()]],
    ["a softmax over few: maxima and sums by each thread, quotients", 1, () => [x().softmax()]],
    ["a softmax over many: maxima and sums, quotients", 2, () => [random([16, 100]).softmax()]],
    [
      "a sum of rows that needs a maximum per row",
      2,
      () => [
        x()
          .sub(x().max({ axis: 1, keepDims: true }))
          .exp()
          .sum(),
      ],
    ],
    ["a total of few", 1, () => [x().sum()]],
    ["a total of many, in two stages", 2, () => [random([100, 100]).sum()]],
    ["arithmetic on totals", 1, () => [x().sum().div(x().max().add(1)).sqrt()]],
    ["a column total with arithmetic", 1, () => [x().sum({ axis: 0 }).mul(2).add(1)]],
    ["what no array is needed for", 1, () => [tensor(2).add(0).mul(tensor(3).exp())]],
    ["no elements", 0, () => [random([0, 3]).exp(), random([0, 3]).sum({ axis: 1 })]],
    [
      "several outputs, one of them used by others",
      1,
      () => {
        const t = x().exp();
        return [t, ...both(t)];
      },
    ],
    ["what is cheap, for several outputs", 1, () => both(x().exp())],
    ["what is expensive, for several outputs", 1, () => both(x().erf().sin())],
    ["infinite numbers", 1, () => [where(x().greater(0), Infinity, where(x().less(-1), -Infinity, x()))]],
  ];
  test.each(counts)("%s", (_, count, build) => expect(passesOf(build).length).toBe(count));

  test("more arrays than a kernel may read are read in parts", () => {
    const sum = (): Tensor[] => {
      const terms = Array.from({ length: 11 }, (_, i) => random([50], -1, 1, i));
      return [terms.reduce((all, term) => all.add(term))];
    };
    expect(passesOf(sum, 15).length).toBe(1);
    expect(passesOf(sum, 7).length).toBe(2);
    expect(passesOf(sum, 4).length).toBe(4);
  });

  test("what is tested for equality has one value, however often it is wanted", () => {
    // Which element was the largest, which was not cut.
    const slopes = (f: (t: Tensor) => Tensor): Tensor[] => [grad(f)(x())];
    passesOf(() => slopes((t) => t.cos().max({ axis: 1 }).sum()));
    passesOf(() => slopes((t) => t.sin().mul(3).clip(-1, 1).exp().sum()));
  });

  test("an index out of range gives NaN", () => {
    switchTo(passEngine(7));
    const picked = pick(
      tensor([
        [1, 2],
        [3, 4],
      ]).add(0),
      tensor(new Int32Array([1, 2])).add(0),
    );
    expect(Array.from(picked.dataSync())).toEqual([2, NaN]);
  });

  test.each([
    ["10 arrays together", webgpu(9), true, 12],
    ["10 arrays together", webgpu(9), false, 8],
    ["8 arrays together", webgpu(7), true, 13],
    ["8 arrays together", webgpu(7), false, 9],
    ["WebGL2", webgl2, true, 12],
    ["WebGL2", webgl2, false, 9],
  ])("a step of 784-128-10 with the optimizer Adam, %s, its check %s", async (_, limits, errorIfNonFinite, most) => {
    const train = async (steps: number) => {
      manualSeed(1);
      const model = new Sequential([new Linear(784, 128), new ReLU(), new Linear(128, 10)]);
      const optimizer = new Adam(model.parameters(), { errorIfNonFinite });
      const [inputs, labels] = [random([32, 784], 0, 1), tensor(Int32Array.from({ length: 32 }, (_, i) => i % 10))];
      const step = (batch: Tensor): Promise<void> => {
        const loss = crossEntropy(model.forward(batch), labels);
        optimizer.zeroGrad();
        loss.backward();
        return optimizer.step();
      };
      const values = (): number[][] => model.parameters().map((each) => Array.from(each.dataSync()));
      let count = 0;
      for (let i = 0; i < steps; i++) {
        const { kernels } = profile();
        await step(inputs);
        count = profile().kernels - kernels;
      }
      return { step, values, count, inputs };
    };
    useEngine("reference");
    const wanted = (await train(3)).values();
    switchTo(passEngine(limits));
    const { step, values, count, inputs } = await train(3);
    const got = values();
    got.forEach((each, i) => {
      expectClose(tensor(each), wanted[i] as number[], { relative: 1e-4, absolute: 1e-5 });
    });
    expect(count).toBe(most);
    if (!errorIfNonFinite) return;
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const bad = inputs.dataSync().slice();
      bad[784 * 5 + 100] = wrong;
      await expect(step(tensor(bad, { shape: [32, 784] }))).rejects.toThrow(/expected a finite gradient/);
      expect(values()).toEqual(got);
    }
    await step(inputs);
    expect(values()).not.toEqual(got);
  });

  test("totals of several tensors, and arithmetic on them, are one pass where it has room", () => {
    const totals = (): Tensor[] => {
      const [a, b, c] = [random([20], 0.5, 2, 1), random([3, 10], 0.5, 2, 2), random([5, 8], 0.5, 2, 3)];
      const [x, y, z] = [a.square().sum(), b.log().abs().max().sqrt(), c.sum({ axis: 1 }).max()];
      return [x, x.mul(y).add(z), x.div(z).sub(y)];
    };
    expect([15, 7, 4].map((arrays) => passesOf(totals, arrays).length)).toEqual([2, 2, 3]);
    // Something between them reads one and changes what another reads.
    const between = (): Tensor[] => {
      const y = random([300], -1, 1);
      const norm = y.square().sum().sqrt();
      const scaled = y.div(norm);
      const rest = random([11]).sum();
      return [scaled, norm.add(rest), scaled.abs().max().mul(rest).mul(norm), rest.exp(), rest];
    };
    passesOf(between, 15);
    passesOf(between, 4);
  });

  test("a step of 784-128-10 with cross entropy and Adam", () => {
    const train = (steps: number): { values: number[][]; count: number } => {
      const inputs = random([64, 784], 0, 1);
      const labels = tensor(Int32Array.from({ length: 64 }, (_, i) => i % 10));
      const weights = [
        random([128, 784], -0.05, 0.05, 1),
        random([128]),
        random([10, 128], -0.1, 0.1, 2),
        random([10]),
      ];
      const parameters = weights.map((each) => parameter(each));
      const slots = parameters.map((each) => [state(each.mul(0)), state(each.mul(0))] as const);
      const [w1, b1, w2, b2] = parameters as Tensor[] as [Tensor, Tensor, Tensor, Tensor];
      let count = 0;
      for (let step = 1; step <= steps; step++) {
        const before = profile().kernels;
        const [keep, keepSquare, rate] = [0.9, 0.999, 1e-3 / step].map(number) as [Tensor, Tensor, Tensor];
        for (const each of parameters) each.zeroGrad();
        const hidden = inputs.matmul(w1.transpose()).add(b1).relu();
        pick(hidden.matmul(w2.transpose()).add(b2).logSoftmax(), labels).neg().mean().backward();
        const writes = parameters.flatMap((each, i) => {
          const [m, v] = slots[i] as (typeof slots)[number];
          const g = each.grad as Tensor;
          const m2 = m.mul(keep).add(g.mul(keep.neg().add(1)));
          const v2 = v.mul(keepSquare).add(g.square().mul(keepSquare.neg().add(1)));
          return [
            [each, each.sub(m2.div(v2.sqrt().add(1e-3)).mul(rate))],
            [m, m2],
            [v, v2],
          ] as const;
        });
        void assignAll(
          writes.map(([cell, value]) => [cell, value]),
          { consumed: parameters },
        );
        count = profile().kernels - before;
      }
      return { values: parameters.map((each) => Array.from(each.dataSync())), count };
    };
    useEngine("reference");
    const wanted = train(3).values;
    switchTo(passEngine(7));
    const { values, count } = train(3);
    values.forEach((got, i) => {
      expectClose(tensor(got), wanted[i] as number[], { relative: 1e-4, absolute: 1e-5 });
    });
    // Two layers; per row, per element and in all of the loss; three products and two sums, with Adam where they are gradients.
    expect(count).toBeLessThanOrEqual(12);
  });
});
