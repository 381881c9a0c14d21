import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/classification.json" with { type: "json" };

const unit = (value: number): number => 0.02 + 0.48 * (value + 1);
/** For arguments that can't be probabilities. */
const logarithm = (value: number): number => 2 * (value - 1);

const facts: Record<string, LossFacts> = {
  crossEntropy: { holds: ["nonnegative", "convex", "invariant to shift"] },
  nll: { holds: ["nonnegative", "convex"], domain: logarithm },
  binaryCrossEntropy: { holds: ["nonnegative", "convex", "the same for complements"], domain: unit },
  binaryCrossEntropyWithLogits: { holds: ["nonnegative", "convex"], options: { posWeight: 2 } },
  focal: { holds: ["nonnegative"], options: { gamma: 1.5 } },
  categoricalFocal: { holds: ["nonnegative", "invariant to shift"], options: { gamma: 1.5 } },
  poly1CrossEntropy: { holds: ["nonnegative", "invariant to shift"] },
  generalizedCrossEntropy: { holds: ["nonnegative", "invariant to shift"] },
  symmetricCrossEntropy: { holds: ["nonnegative", "invariant to shift"] },
  asymmetricLoss: { holds: ["nonnegative"], options: { clip: 0.25 } },
  ldam: {
    holds: ["nonnegative", "convex", "invariant to shift"],
    options: { classCounts: [1000, 16, 81, 1], scale: 2 },
  },
  hinge: { holds: ["nonnegative", "convex", "the same with all signs turned"] },
  squaredHinge: { holds: ["nonnegative", "convex", "the same with all signs turned"] },
  categoricalHinge: { holds: ["nonnegative", "convex", "invariant to shift"] },
  multiMargin: { holds: ["nonnegative", "convex", "invariant to shift"], options: { p: 2 } },
  // Every class against every other one.
  multiLabelMargin: { holds: ["nonnegative", "convex", "invariant to shift"], kernels: 7 },
  multiLabelSoftMargin: { holds: ["nonnegative", "convex"] },
  softMargin: { holds: ["nonnegative", "convex", "the same with all signs turned"] },
  hingeEmbedding: { holds: ["convex"] },
  klDivergence: { holds: [], domain: logarithm },
  jensenShannon: { holds: ["nonnegative", "invariant to shift"], target: 1 },
  // A sort and a running sum lead to the support.
  sparsemax: { holds: ["nonnegative", "convex", "invariant to shift"], kernels: 6 },
  // With the divergence it is more than one kernel can hold; without it is one.
  evidential: { holds: ["nonnegative"], options: { evidence: "softplus" }, kernels: 5 },
  distillation: { holds: ["zero at target", "nonnegative", "convex", "invariant to shift"] },
  zeroOne: { holds: ["nonnegative", "invariant to shift"], kernels: 2 },
};

lossSuite(losses, goldenRows(golden), facts);
