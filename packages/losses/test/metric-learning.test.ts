import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/metric-learning.json" with { type: "json" };

const directions = ["nonnegative", "invariant to scale", "invariant to rotation", "the same in any order"] as const;

const facts: Record<string, LossFacts> = {
  tripletMargin: { holds: ["nonnegative", "invariant to shift", "the same in any order"], options: { swap: true } },
  cosineEmbedding: { holds: ["nonnegative", "invariant to rotation", "the same in any order"] },
  contrastive: { holds: directions, kernels: 9 },
  ntXent: { holds: directions, kernels: 9 },
  supervisedContrastive: { holds: directions, kernels: 9 },
  circle: { holds: directions, fixed: "the weights of the pairs", kernels: 9 },
  multiSimilarity: { holds: directions, kernels: 9 },
  nPairs: { holds: ["nonnegative", "invariant to rotation"], kernels: 9 },
  liftedStructure: { holds: directions, kernels: 9 },
  angular: { holds: directions, kernels: 9 },
  arcFace: { holds: directions, kernels: 9 },
  cosFace: { holds: directions, kernels: 9 },
  proxyAnchor: { holds: ["nonnegative", "invariant to scale", "invariant to rotation"], kernels: 9 },
  vicReg: { holds: ["nonnegative", "invariant to shift"], kernels: 9 },
  barlowTwins: { holds: ["nonnegative", "invariant to shift"], kernels: 9 },
};

lossSuite(losses, goldenRows(golden), facts);
