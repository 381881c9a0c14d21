import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/metric-learning.json" with { type: "json" };

/** No vector so short that its squared length is 0. */
const domain = (unit: number): number => (Math.abs(unit) < 1e-3 ? 0.25 : unit * 3);
const directions = [
  "nonnegative",
  "invariant to scale of the inputs",
  "invariant to rotation",
  "the same in any order",
] as const;

const facts: Record<string, LossFacts> = {
  tripletMargin: { holds: ["nonnegative", "invariant to shift", "the same in any order"], options: { swap: true } },
  cosineEmbedding: { holds: ["nonnegative", "invariant to rotation", "the same in any order"] },
  contrastive: { holds: directions, domain, kernels: 9 },
  ntXent: { holds: directions, domain, kernels: 4 },
  supervisedContrastive: { holds: directions, domain, kernels: 4 },
  circle: { holds: directions, domain, fixed: "the weights of the pairs", kernels: 4 },
  multiSimilarity: { holds: directions, domain, kernels: 4 },
  nPairs: { holds: ["nonnegative", "invariant to rotation"], kernels: 4 },
  liftedStructure: { holds: directions, domain, kernels: 10 },
  angular: { holds: directions, domain, kernels: 7 },
  arcFace: { holds: directions, domain, kernels: 5 },
  cosFace: { holds: directions, domain, kernels: 5 },
  proxyAnchor: {
    holds: ["nonnegative", "invariant to scale of the inputs", "invariant to rotation"],
    domain,
    kernels: 5,
  },
  vicReg: { holds: ["nonnegative", "invariant to shift"], kernels: 11 },
  barlowTwins: { holds: ["nonnegative", "invariant to shift"], kernels: 13 },
};

lossSuite(losses, goldenRows(golden), facts);
