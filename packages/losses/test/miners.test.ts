import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { parameter, take, tensor, zeros } from "@downhill/tensor";
import { close, engines, engineTolerance, onEngine } from "@downhill/testing";
import { describe, expect, test } from "vitest";
import golden from "./golden/metric-learning-miners.json" with { type: "json" };
import { embeddings, labels } from "./support.js";

describe.each(engines)("miners on %s", (engine) => {
  const found = ({ anchor, positive, negative, weight }: losses.Triplets): number[][] => {
    const [a, p, n] = [anchor, positive, negative].map((each) => each.arraySync() as number[]) as [
      number[],
      number[],
      number[],
    ];
    const kept = weight.arraySync() as number[];
    return a.map((each, i) => [each, p[i] as number, n[i] as number]).filter((_, i) => kept[i] === 1);
  };
  test.each(golden.rows.map((row, i) => [`row ${i}: ${row.loss} ${JSON.stringify(row.options)}`, row] as const))(
    "%s",
    (_, row) => {
      onEngine(engine, () => {
        const mine = row.loss === "batchHard" ? losses.batchHard : losses.semiHard;
        expect(found(mine(tensor(row.embeddings), row.labels, row.options))).toEqual(row.triplets);
        expect(row.triplets.length).toBeGreaterThan(0);
      });
    },
  );
  test("batchHard takes labels that the device computes", () => {
    onEngine(engine, () => {
      const [row] = golden.rows as [(typeof golden.rows)[0]];
      const y = tensor(row.labels, { dtype: "int32" }).add(0);
      expect(found(losses.batchHard(tensor(row.embeddings), y))).toEqual(row.triplets);
    });
  });
  test("nothing to find", () => {
    onEngine(engine, () => {
      for (const mine of [losses.batchHard, losses.semiHard])
        for (const [x, y] of [
          [zeros([0, 3]), []],
          [tensor(embeddings), [0, 1, 2, 3, 4, 5]],
          [tensor(embeddings), [1, 1, 1, 1, 1, 1]],
        ] as const) {
          const triplets = mine(x, [...y]);
          expect(found(triplets)).toEqual([]);
          expect(triplets.anchor.dtype).toBe("int32");
          const rows = (index: Tensor): Tensor => take(x, index);
          const loss = losses.tripletMargin(rows(triplets.anchor), rows(triplets.positive), rows(triplets.negative), {
            sampleWeight: triplets.weight,
          });
          expect(Math.abs(loss.itemSync())).toBe(0);
        }
    });
  });
  test("no gradient flows through the choice", () => {
    onEngine(engine, () => {
      const x = parameter(embeddings);
      for (const mine of [losses.batchHard, losses.semiHard]) {
        const { weight, negative } = mine(x, labels);
        expect(weight.requiresGrad).toBe(false);
        expect(negative.requiresGrad).toBe(false);
      }
    });
  });
  test("the triplets train: the mean over those that are left is that of pytorch-metric-learning's reducer", () => {
    onEngine(engine, () => {
      const x = tensor(embeddings);
      const { anchor, positive, negative, weight } = losses.batchHard(x, labels);
      const rows = [anchor, positive, negative].map((index) => take(x, index)) as [Tensor, Tensor, Tensor];
      const each = losses.tripletMargin(...rows, { sampleWeight: weight, reduction: "none" }).arraySync() as number[];
      const left = each.filter((value) => value > 0);
      const mean = left.reduce((sum, value) => sum + value, 0) / left.length;
      close(
        losses.tripletMargin(...rows, { sampleWeight: weight, average: "nonZero" }).itemSync(),
        mean,
        engineTolerance[engine],
      );
    });
  });
});
