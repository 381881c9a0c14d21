import { readdirSync, readFileSync } from "node:fs";
import * as losses from "@downhill/losses";
import { expect, test } from "vitest";

/** Functions that make arguments of losses; they have tests of their own. */
const helpers: string[] = ["balancedWeights", "batchHard", "semiHard"];

test("every loss that the package exports has golden rows", () => {
  const folder = new URL("golden/", import.meta.url);
  const rows = readdirSync(folder).flatMap((file) => {
    const { rows } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { rows: { loss?: string }[] };
    return rows.flatMap(({ loss }) => loss ?? []);
  });
  expect([...new Set([...rows, ...helpers])].sort()).toEqual(Object.keys(losses).sort());
});
