// Every loss on the engines for graphics processors, against its golden numbers (a software adapter will do).
import * as losses from "@downhill/losses";
import { engineName } from "@downhill/tensor";
import { leaveGpu, useGpu } from "@downhill/tensor/gpu";
import type { LossFunction, LossRow } from "@downhill/testing";
import { checkLater, goldenRows } from "@downhill/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import classification from "./golden/classification.json" with { type: "json" };
import detection from "./golden/detection.json" with { type: "json" };
import likelihood from "./golden/likelihood.json" with { type: "json" };
import metricLearning from "./golden/metric-learning.json" with { type: "json" };
import ranking from "./golden/ranking.json" with { type: "json" };
import regression from "./golden/regression.json" with { type: "json" };
import segmentation from "./golden/segmentation.json" with { type: "json" };
import sequence from "./golden/sequence.json" with { type: "json" };

/** Rows of each loss that are run: each has kernels of its own, which take their time to compile. */
const each = 3;

const files = [regression, likelihood, classification, ranking, detection, segmentation, sequence, metricLearning];
const rows = new Map<string, LossRow[]>();
for (const row of files.flatMap(goldenRows)) {
  const known = rows.get(row.loss) ?? [];
  if (known.length < each) rows.set(row.loss, [...known, row]);
}

describe.each(["webgpu", "webgl2"] as const)("%s", (engine) => {
  beforeAll(async () => {
    const { reason } = await useGpu({ engine });
    expect({ reason, name: engineName() }).toEqual({ reason: null, name: engine });
  });
  afterAll(() => leaveGpu());

  test.each([...rows])(
    "%s",
    async (name, own) => {
      const loss = (losses as unknown as Record<string, LossFunction>)[name] as LossFunction;
      for (const row of own) await checkLater(loss, row, { relative: 1e-4, absolute: 2e-5 });
    },
    60_000,
  );
});
