import * as losses from "@downhill/losses";
import type { LossFacts, LossRow } from "@downhill/testing";
import { lossSuite } from "@downhill/testing";
import golden from "./golden/losses.json" with { type: "json" };

const unit = (value: number): number => 0.02 + 0.48 * (value + 1);

const facts: Record<string, LossFacts> = {
  meanSquaredError: {
    holds: ["zero at target", "nonnegative", "symmetric", "convex", "the same with all signs turned"],
    kernels: 1,
  },
  meanAbsoluteError: {
    holds: ["zero at target", "nonnegative", "symmetric", "convex", "homogeneous", "the same with all signs turned"],
    kernels: 1,
  },
  huber: {
    holds: ["zero at target", "nonnegative", "symmetric", "convex", "the same with all signs turned"],
    options: { delta: 0.7 },
    kernels: 1,
  },
  crossEntropy: { holds: ["nonnegative", "convex", "invariant to shift"], kernels: 1 },
  binaryCrossEntropy: { holds: ["nonnegative", "convex", "the same for complements"], domain: unit, kernels: 1 },
  binaryCrossEntropyWithLogits: { holds: ["nonnegative", "convex"], options: { posWeight: 2 }, kernels: 1 },
  hinge: { holds: ["nonnegative", "convex", "the same with all signs turned"], kernels: 1 },
  zeroOne: { holds: ["nonnegative", "invariant to shift"], kernels: 2 },
  marginRanking: { holds: ["nonnegative", "convex", "invariant to shift"], options: { margin: 0.5 }, kernels: 1 },
  listNet: { holds: ["nonnegative", "convex", "invariant to shift"], kernels: 1 },
};

/** The rows of tools/golden/losses.py. */
interface GoldenRow extends Omit<LossRow, "inputs" | "source"> {
  readonly prediction?: LossRow["inputs"][number];
  readonly first?: LossRow["inputs"][number];
  readonly second?: LossRow["inputs"][number];
  readonly gradient?: NonNullable<LossRow["gradients"]>[number];
}

function rowOf({ prediction, first, second, gradient, gradients, ...rest }: GoldenRow): LossRow {
  const inputs = [prediction ?? first, second].filter((input) => input !== undefined);
  return { ...rest, inputs, gradients: gradient === undefined ? gradients : [gradient], source: golden.source };
}

lossSuite(losses, (golden.rows as unknown as GoldenRow[]).map(rowOf), facts);
