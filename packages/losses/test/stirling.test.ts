import type { Tensor } from "@downhill/tensor";
import { grad, tensor } from "@downhill/tensor";
import { close, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";
import { stirlingError } from "../src/shared/stirling.js";
import golden from "./golden/stirling.json" with { type: "json" };

const sum = (x: Tensor): Tensor => stirlingError(x).sum();
const slope = grad(sum);
const bend = grad((x: Tensor) => slope(x).sum());
const places = golden.rows.map(({ x }) => x);

describe("the error of Stirling's formula, from 1e-6 to 1e9", () => {
  test("value, slope and second derivative in float64", () => {
    onEngine("reference", () => {
      const x = tensor(places);
      const values = [stirlingError(x), slope(x), bend(x)].map((each) => each.arraySync() as number[]);
      golden.rows.forEach((row, i) => {
        const tolerance = { relative: 1e-9, absolute: 1e-10 };
        close(
          values.map((each) => each[i] as number),
          [row.value, row.slope, row.bend],
          tolerance,
        );
      });
    });
  });
  test("value and slope in float32", () => {
    onEngine("cpu", () => {
      const x = tensor(places);
      close(
        stirlingError(x).arraySync(),
        golden.rows.map(({ value }) => value),
        { relative: 1e-6, absolute: 1e-6 },
      );
      close(
        slope(x).arraySync(),
        golden.rows.map((row) => row.slope),
        { relative: 1e-6, absolute: 1e-6 },
      );
    });
  });
  test("what is no positive number gives no number", () => {
    for (const each of stirlingError(tensor([0, -1, -0.5, Number.NaN])).dataSync())
      expect(Number.isFinite(each)).toBe(false);
  });
});
