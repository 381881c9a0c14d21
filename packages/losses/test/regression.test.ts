import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/regression.json" with { type: "json" };

const even = ["zero at target", "nonnegative", "symmetric", "the same with all signs turned"] as const;

const facts: Record<string, LossFacts> = {
  meanSquaredError: { holds: [...even, "convex"] },
  meanAbsoluteError: { holds: [...even, "convex", "homogeneous"] },
  huber: { holds: [...even, "convex"], options: { delta: 0.7 } },
  smoothL1: { holds: [...even, "convex"], options: { beta: 0.7 } },
  logCosh: { holds: [...even, "convex"] },
  pinball: { holds: ["zero at target", "nonnegative", "convex", "homogeneous"], options: { quantile: 0.8 } },
  expectile: { holds: ["zero at target", "nonnegative", "convex"], options: { expectile: 0.8 } },
  meanSquaredLogError: {
    holds: ["zero at target", "nonnegative", "symmetric"],
    domain: (unit) => (unit + 1) * 3,
  },
  meanAbsolutePercentageError: {
    holds: ["zero at target", "nonnegative", "convex", "the same with all signs turned"],
    options: { eps: 0.5 },
  },
  symmetricMeanAbsolutePercentageError: { holds: [...even, "invariant to scale"] },
  // Away from vectors as short as eps.
  cosineDistance: { holds: [...even, "invariant to scale"], domain: (unit) => unit * 3 + (unit < 0 ? -0.1 : 0.1) },
  charbonnier: { holds: [...even, "convex"], options: { scale: 0.7 } },
  cauchy: { holds: even, options: { scale: 0.7 } },
  welsch: { holds: even, options: { scale: 1.5 } },
  gemanMcClure: { holds: even, options: { scale: 0.7 } },
  wing: { holds: even, options: { width: 1.5, curvature: 0.5 } },
};

lossSuite(losses, goldenRows(golden), facts);
