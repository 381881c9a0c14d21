// Rows of golden/ops.json, which tools/golden/ops.py makes with PyTorch in float64.
import { readFileSync } from "node:fs";
import type { NestedNumbers, Tensor } from "@downhill/tensor";
import { grad, tensor } from "@downhill/tensor";
import { expect, test } from "vitest";
import type { Tolerance } from "./support.js";
import { expectClose, expectExactly, flat } from "./support.js";

interface GoldenRow {
  readonly op: string;
  readonly inputs: readonly NestedNumbers[];
  readonly dtypes?: readonly string[];
  readonly options: Record<string, unknown>;
  readonly value: NestedNumbers | { values: NestedNumbers; indices: NestedNumbers };
  readonly upstream: NestedNumbers;
  readonly gradients: readonly (NestedNumbers | null)[];
}

const { rows } = JSON.parse(readFileSync(new URL("golden/ops.json", import.meta.url), "utf8")) as { rows: GoldenRow[] };

/** Names of the operations that have rows. */
export const goldenOps: readonly string[] = [...new Set(rows.map((row) => row.op))];

type Call = (inputs: Tensor[], options: never) => Tensor | { values: Tensor; indices: Tensor };

const shapeOf = (x: NestedNumbers): number[] =>
  typeof x === "number" ? [] : [x.length, ...(x.length > 0 ? shapeOf(x[0] as NestedNumbers) : [])];

/** A test per row of these operations: value, indices, and the gradient of sum(value * upstream). */
export function testGolden(
  calls: Readonly<Record<string, Call>>,
  tolerance: Tolerance = { relative: 2e-6, absolute: 1e-6 },
): void {
  const wanted = rows.filter((row) => Object.hasOwn(calls, row.op));
  test("there are golden rows for each", () => {
    expect(Object.keys(calls).filter((op) => !goldenOps.includes(op))).toEqual([]);
  });
  test.each(wanted.map((row, i) => [`${i} ${row.op} ${JSON.stringify(row.options)}`, row] as const))(
    "golden %s",
    (_name, row) => {
      const { op, inputs, dtypes, options, value, upstream, gradients } = row;
      const dtype = (i: number): "float32" | "int32" => (dtypes?.[i] ?? "float32") as "float32" | "int32";
      const tensors = inputs.map((data, i) => tensor(data, { dtype: dtype(i) }));
      const floats = inputs.map((_, i) => i).filter((i) => dtype(i) === "float32");
      const call = calls[op] as Call;
      const run = (...args: Tensor[]): { values: Tensor; indices?: Tensor } => {
        const result = call(args, options as never);
        return "indices" in result ? result : { values: result };
      };
      const { values, indices } = run(...tensors);
      const golden = typeof value === "object" && !Array.isArray(value) ? value : { values: value, indices: null };
      expect(values.shape).toEqual(shapeOf(golden.values));
      expectClose(values, golden.values, tolerance);
      if (golden.indices !== null)
        expectExactly(indices as Tensor, shapeOf(golden.indices), "int32", flat(golden.indices));
      const slopes = grad(
        (...args: Tensor[]) =>
          run(...args)
            .values.mul(tensor(upstream))
            .sum(),
        { argnums: floats },
      )(...tensors);
      floats.forEach((input, i) => {
        expect((slopes[i] as Tensor).shape).toEqual((tensors[input] as Tensor).shape);
        expectClose(slopes[i] as Tensor, gradients[input] as NestedNumbers, tolerance);
      });
    },
  );
}
