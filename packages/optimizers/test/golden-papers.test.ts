import * as optimizers from "@downhill/optimizers";
import { Sophia } from "@downhill/optimizers";
import type { Parameter } from "@downhill/tensor";
import { parameter, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, describe, expect, test } from "vitest";
import papers from "./golden/optimizers_papers.json" with { type: "json" };
import wrapped from "./golden/optimizers_wrappers.json" with { type: "json" };
import type { Followed, ProblemData } from "./trajectories.js";
import { follow } from "./trajectories.js";

type Options = Readonly<Record<string, unknown>>;
interface Row {
  readonly optimizer: string;
  readonly options: Options;
  readonly problem: string;
  readonly steps: Parameters<typeof follow>[3];
}
interface WrapperRow extends Row {
  readonly inner: string;
  readonly innerOptions: Options;
}

const [data, ...rows] = papers.rows as unknown as [ProblemData, ...Row[]];
const [, ...wrapperRows] = wrapped.rows as unknown as [ProblemData, ...WrapperRow[]];
const classes = optimizers as unknown as Record<string, new (of: unknown, options: Options) => optimizers.Optimizer>;
const make = (name: string, of: unknown, options: Options) =>
  new (classes[name] as (typeof classes)[string])(of, options);

/** Every tenth step the curvature is estimated, of half the gradient, as in tools/golden/optimizers_papers.py. */
function withCurvature(optimizer: Sophia): Followed {
  return {
    minimize: (loss) => optimizer.minimize(loss),
    async before(loss, step) {
      if (step % 10 !== 1) return;
      optimizer.zeroGrad();
      loss.mul(0.5).backward();
      await optimizer.updateHessian();
    },
  };
}

afterAll(() => useEngine("cpu"));

describe.each(engines)(`200 steps on %s, against float64 in ${papers.source}`, (engine) => {
  test.each(rows)("$optimizer $options on $problem", async ({ optimizer, options, problem, steps }) => {
    useEngine(engine);
    const start = (weights: Parameter[]) => {
      const made = make(optimizer, weights, options);
      return made instanceof Sophia ? withCurvature(made) : made;
    };
    await follow(data, problem, start, steps);
  });

  test.each(wrapperRows)("$optimizer $options around $inner on $problem", async (row) => {
    useEngine(engine);
    const { optimizer, options, inner, innerOptions, problem, steps } = row;
    await follow(data, problem, (weights) => make(optimizer, make(inner, weights, innerOptions), options), steps);
  });
});

test.each([...new Set(rows.map(({ optimizer }) => optimizer))])("every option of %s is in a row", async (name) => {
  const { groups } = await make(name, [parameter([[1]])], {}).stateDict();
  const known = Object.keys(groups[0]?.options ?? {}).filter((key) => key !== "maximize");
  const own = rows.filter(({ optimizer }) => optimizer === name);
  const shown = new Set(own.flatMap(({ options }) => Object.keys(options)));
  expect(known.filter((key) => !shown.has(key))).toEqual([]);
});
