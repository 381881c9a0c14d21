import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/ranking.json" with { type: "json" };

const facts: Record<string, LossFacts> = {
  marginRanking: { holds: ["nonnegative", "convex", "invariant to shift"], options: { margin: 0.5 } },
  listNet: { holds: ["nonnegative", "convex", "invariant to shift"] },
};

lossSuite(losses, goldenRows(golden), facts);
