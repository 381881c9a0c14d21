import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/likelihood.json" with { type: "json" };

const positive = (unit: number): number => 1.75 + 1.5 * unit;

const facts: Record<string, LossFacts> = {
  poissonNll: { holds: ["convex"] },
  gaussianNll: { holds: [], domain: positive },
  laplaceNll: { holds: [], domain: positive },
  // Two log-gammas with their gradients are more than one kernel holds.
  studentTNll: { holds: [], domain: positive },
  crps: { holds: ["nonnegative", "homogeneous"], domain: positive },
  negativeBinomialNll: { holds: ["nonnegative"], domain: positive },
  tweedie: { holds: ["convex", "nonnegative"], domain: (unit) => unit * 3, options: { full: true } },
  mixtureDensity: { holds: [], domain: positive },
  coxPartialLikelihood: { holds: ["convex", "invariant to shift"], kernels: 2 },
};

lossSuite(losses, goldenRows(golden), facts);
