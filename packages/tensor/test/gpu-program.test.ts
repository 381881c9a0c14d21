// Plans as passes for a graphics processor: run as JavaScript against the reference engine, and their text against the
// rules of what gpu.js translates rightly.
import type { Tensor } from "@downhill/tensor";
import { evaluateSync, useEngine } from "@downhill/tensor";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Pass } from "../src/engines/gpu/pass.js";
import { switchTo } from "../src/runtime/engines.js";
import { passEngine } from "./pass-engine.js";
import { recipes } from "./random-graph.js";
import type { Outcome } from "./random-graph-outcome.js";
import { blurredRuns, compare, run } from "./random-graph-outcome.js";
import { expectClose } from "./support.js";
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

const passes: Pass[] = [];
afterAll(() => useEngine("cpu"));

describe.each([7, 4])("with at most %d arrays per kernel", (arrays) => {
  const seen: Pass[] = [];

  test("a table of graphs", () => {
    useEngine("reference");
    const wanted = cases.map(([, build]) => {
      const outputs = build();
      evaluateSync(...outputs);
      return outputs.map((x: Tensor) => Array.from(x.dataSync()));
    });
    switchTo(passEngine(arrays, seen));
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
      switchTo(passEngine(arrays, seen));
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
    for (const { source, inputs, scalars, output } of seen) {
      const { text } = source;
      expect(inputs.length, text).toBeLessThanOrEqual(arrays);
      expect([source.arrays, source.scalars]).toEqual([inputs.length, scalars.length]);
      const names = [...inputs.map((_, i) => `a${i}`), ...scalars.map((_, i) => `s${i}`)];
      expect(text.startsWith(`function(${names}){`), text).toBe(true);
      // Bit operators, powers, remainders, equality of floats.
      expect(text).not.toMatch(/\*\*|<<|>>|%|~|\^|[^&]&[^&]|[^|]\|[^|]|!==|Infinity|NaN|Math\.(tanh|round|trunc)/);
      // Loops run from 0 up to a literal.
      for (const [loop] of text.matchAll(/for\([^)]*\)/g)) expect(loop).toMatch(/^for\(let (\w+)=0;\1<\d+;\1\+\+\)$/);
      // Integers stand in indices, loops and comparisons of counters only.
      const floats = text.replaceAll(/a\d+\[[^\]]*\]|for\([^)]*\)|\(\w+(\.thread\.x)?\+\w+\*\d+\)(<\d+)?/g, "");
      for (const [number] of floats.matchAll(/(?<![\w.])(?:\d[\d.]*e[+-]?\d+|\d[\w.]*)/g))
        if (!/^\d+\.\d+(e[+-]?\d+)?$|^\d+e[+-]?\d+$/.test(number)) expect(text).toMatch(new RegExp(`[>=]${number}\\b`));
      expect(inputs).not.toContainEqual(output);
    }
    passes.push(...seen);
  });
});
