import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/segmentation.json" with { type: "json" };

const facts: Record<string, LossFacts> = {
  dice: { holds: ["nonnegative"], kernels: 2 },
  generalizedDice: { holds: ["nonnegative"], kernels: 2 },
  tversky: { holds: ["nonnegative"], options: { alpha: 0.3, beta: 0.7 }, kernels: 2 },
  focalTversky: { holds: ["nonnegative"], kernels: 2 },
  jaccard: { holds: ["nonnegative"], kernels: 2 },
  lovaszHinge: { holds: ["nonnegative", "convex"], kernels: 8 },
  lovaszSoftmax: { holds: ["nonnegative", "invariant to shift"], kernels: 18 },
};

lossSuite(losses, goldenRows(golden), facts);
