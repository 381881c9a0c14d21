import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/sequence.json" with { type: "json" };

const facts: Record<string, LossFacts> = {
  ctc: { holds: ["nonnegative", "invariant to shift"], kernels: 60 },
};

lossSuite(losses, goldenRows(golden), facts);
