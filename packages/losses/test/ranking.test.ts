import * as losses from "@downhill/losses";
import type { LossFacts } from "@downhill/testing";
import { goldenRows, lossSuite } from "@downhill/testing";
import golden from "./golden/ranking.json" with { type: "json" };

/** What holds for every loss over lists: only the order of what belongs together counts. */
const ofLists = ["invariant to shift", "invariant to the order of the last axis"] as const;

// The second item of each pair is copied, and its gradient is a sum that no row has: two kernels for each number of a pair.
const facts: Record<string, LossFacts> = {
  marginRanking: { holds: ["nonnegative", "convex", "invariant to shift"], options: { margin: 0.5 } },
  rankNet: { holds: ["nonnegative", "convex", ...ofLists], kernels: 7 },
  pairwiseHinge: { holds: ["nonnegative", "convex", ...ofLists], kernels: 7 },
  lambdaRank: { holds: ["nonnegative"], kernels: 16 },
  lambdaLoss: { holds: ["nonnegative"], kernels: 17 },
  listNet: { holds: ["nonnegative", "convex", ...ofLists] },
  listMle: { holds: ["nonnegative", "convex", "invariant to shift"], kernels: 20 },
  softmaxRanking: { holds: ["nonnegative", "convex", ...ofLists] },
  approxNdcg: { holds: [...ofLists], kernels: 10 },
  approxMrr: { holds: [...ofLists], kernels: 7 },
  neuralNdcg: { holds: [...ofLists], options: { iterations: 2 }, kernels: 32 },
  ordinal: { holds: ["nonnegative", "convex"] },
  ndcg: { holds: [], kernels: 6 },
  meanReciprocalRank: { holds: [], kernels: 4 },
  meanAveragePrecision: { holds: [], kernels: 6 },
  precisionAt: { holds: [], kernels: 4 },
};

lossSuite(losses, goldenRows(golden), facts);
