import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/regression.json" with { type: "json" };

const facts: Record<string, LossFacts> = {
  meanSquaredError: {
    holds: ["zero at target", "nonnegative", "symmetric", "convex", "the same with all signs turned"],
  },
  meanAbsoluteError: {
    holds: ["zero at target", "nonnegative", "symmetric", "convex", "homogeneous", "the same with all signs turned"],
  },
  huber: {
    holds: ["zero at target", "nonnegative", "symmetric", "convex", "the same with all signs turned"],
    options: { delta: 0.7 },
  },
};

lossSuite(losses, goldenRows(golden), facts);
