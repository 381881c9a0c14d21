import * as optimizers from "@downhill/optimizers";
import type { Parameter } from "@downhill/tensor";
import { parameter, useEngine } from "@downhill/tensor";
import { engines } from "@downhill/testing";
import { afterAll, describe, expect, test } from "vitest";
import golden from "./golden/optimizers.json" with { type: "json" };
import type { ProblemData } from "./trajectories.js";
import { follow } from "./trajectories.js";

interface Row {
  readonly optimizer: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly problem: string;
  readonly steps: Parameters<typeof follow>[3];
}

const [data, ...rows] = golden.rows as unknown as [ProblemData, ...Row[]];
const classes = optimizers as unknown as Record<
  string,
  new (
    weights: Parameter[],
    options: Row["options"],
  ) => optimizers.Optimizer
>;

afterAll(() => useEngine("cpu"));

describe.each(engines)(`200 steps on %s, against ${golden.source}`, (engine) => {
  test.each(rows)("$optimizer $options on $problem", async ({ optimizer, options, problem, steps }) => {
    useEngine(engine);
    const make = classes[optimizer] as (typeof classes)[string];
    await follow(data, problem, (weights) => new make(weights, options), steps);
  });
});

test.each([...new Set(rows.map(({ optimizer }) => optimizer))])("every option of %s is in a row", async (name) => {
  const make = classes[name] as (typeof classes)[string];
  const { groups } = await new make([parameter([[1]])], {}).stateDict();
  const known = Object.keys(groups[0]?.options ?? {}).filter((key) => key !== "maximize");
  const shown = new Set(
    rows.filter(({ optimizer }) => optimizer === name).flatMap(({ options }) => Object.keys(options)),
  );
  expect(known.filter((key) => !shown.has(key))).toEqual([]);
});
