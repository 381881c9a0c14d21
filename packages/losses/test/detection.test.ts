import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import { detection } from "./detection-in-a-row.js";
import golden from "./golden/detection.json" with { type: "json" };

// Any four numbers above 0 are a box of centre and size.
const boxes = { domain: (unit: number): number => 1.5 + unit, options: { format: "cxcywh", eps: 1e-12 } };
const holds = ["zero at target", "nonnegative", "symmetric", "the same in any unit"] as const;

const facts: Record<string, LossFacts> = {
  boxIou: { ...boxes, holds },
  giou: { ...boxes, holds },
  diou: { ...boxes, holds },
  detection: { holds: ["nonnegative"], ...boxes, options: { boxLoss: "gioucxcywh" } },
  ciou: { ...boxes, holds, fixed: "the weight of the proportions" },
};

lossSuite({ ...losses, detection }, goldenRows(golden), facts);
