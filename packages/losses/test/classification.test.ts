import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/classification.json" with { type: "json" };

const unit = (value: number): number => 0.02 + 0.48 * (value + 1);

const facts: Record<string, LossFacts> = {
  crossEntropy: { holds: ["nonnegative", "convex", "invariant to shift"] },
  binaryCrossEntropy: { holds: ["nonnegative", "convex", "the same for complements"], domain: unit },
  binaryCrossEntropyWithLogits: { holds: ["nonnegative", "convex"], options: { posWeight: 2 } },
  focal: { holds: ["nonnegative"], options: { gamma: 1.5 } },
  hinge: { holds: ["nonnegative", "convex", "the same with all signs turned"] },
  zeroOne: { holds: ["nonnegative", "invariant to shift"], kernels: 2 },
};

lossSuite(losses, goldenRows(golden), facts);
