import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/ranking.json" with { type: "json" };

/** What holds for every loss over lists: only the order of what belongs together counts. */
const ofLists = ["invariant to shift", "invariant to the order of the last axis"] as const;

const facts: Record<string, LossFacts> = {
  marginRanking: { holds: ["nonnegative", "convex", "invariant to shift"], options: { margin: 0.5 } },
  rankNet: { holds: ["nonnegative", "convex", ...ofLists], kernels: 1 },
  pairwiseHinge: { holds: ["nonnegative", "convex", ...ofLists], kernels: 1 },
  lambdaRank: { holds: ["nonnegative", ...ofLists], kernels: 1 },
  lambdaLoss: { holds: ["nonnegative", ...ofLists], kernels: 1 },
  listNet: { holds: ["nonnegative", "convex", ...ofLists] },
  listMle: { holds: ["nonnegative", "convex", "invariant to shift"], kernels: 1 },
  softmaxRanking: { holds: ["nonnegative", "convex", ...ofLists] },
  approxNdcg: { holds: [...ofLists], kernels: 1 },
  approxMrr: { holds: [...ofLists], kernels: 1 },
  neuralNdcg: { holds: [...ofLists], kernels: 1 },
  ordinal: { holds: ["nonnegative", "convex"] },
  ndcg: { holds: [], kernels: 1 },
  meanReciprocalRank: { holds: [], kernels: 1 },
  meanAveragePrecision: { holds: [], kernels: 1 },
  precisionAt: { holds: [], kernels: 1 },
};

lossSuite(losses, goldenRows(golden), facts);
