import * as losses from "@downhill/losses";
import type { Tensor } from "@downhill/tensor";
import { tensor } from "@downhill/tensor";
import { close } from "@downhill/testing";
import { test } from "vitest";

// What the doc comments and tests of TF-Ranking 0.5.3 (tensorflow_ranking/python) state. Lists of different lengths are padded and
// masked here.
const s = tensor([[0.6, 0.8]]);
const y = [[1, 0]];
const padded = tensor([
  [0.6, 0.8, 0],
  [0.5, 0.8, 0.4],
]);
const ragged = [
  [1, 0, 0],
  [0, 1, 0],
];
const both = {
  mask: [
    [1, 1, 0],
    [1, 1, 1],
  ],
};
const sum = { reduction: "sum" } as const;
const ranked = tensor([[3, 1, 2]]);
const clicks = [[0, 1, 1]];
const three = tensor([
  [1.4, -2.8, -0.4],
  [0, 1.8, 10.2],
  [1, 1.2, -3.2],
]);
const graded = [
  [0, 2, 1],
  [1, 0, -1],
  [0, 0, 0],
];
const most = {
  mask: [
    [1, 1, 1],
    [1, 1, 0],
    [1, 1, 1],
  ],
};
const { log } = Math;
const best = 3 / log(2) + 1 / log(3);
const approximate = -((3 / log(4) + 1 / log(3)) / best + log(2) / log(3));
// A score is one place behind another with the probability of a sigmoid.
const soft = 1 + 1 / (1 + Math.exp(-(1 - 2)));
const two = { temperature: 1, mask: [[1, 0, 1]] };
const middle = tensor([[1, 3, 2]]);

test.each<[string, number, () => Tensor]>([
  // Its pairwise losses divide by lists x items.
  ["PairwiseHingeLoss", 0.6, () => losses.pairwiseHinge(s, y, sum).div(2)],
  ["PairwiseHingeLoss, ragged", 0.41666666, () => losses.pairwiseHinge(padded, ragged, { ...sum, ...both }).div(6)],
  ["PairwiseLogisticLoss", 0.39906943, () => losses.rankNet(s, y, sum).div(2)],
  ["PairwiseLogisticLoss, ragged", 0.3109182, () => losses.rankNet(padded, ragged, { ...sum, ...both }).div(6)],
  ["SoftmaxLoss", 0.7981389, () => losses.softmaxRanking(s, y)],
  ["SoftmaxLoss, ragged", 0.83911896, () => losses.softmaxRanking(padded, ragged, both)],
  ["ListMLELoss", 0.7981389, () => losses.listMle(s, y)],
  ["ApproxMRRLoss", -0.53168947, () => losses.approxMrr(s, y)],
  ["ApproxMRRLoss, ragged", -0.73514676, () => losses.approxMrr(padded, ragged, both)],
  ["ApproxNDCGLoss", -0.655107, () => losses.approxNdcg(s, y)],
  ["ApproxNDCGLoss, ragged", -0.80536866, () => losses.approxNdcg(padded, ragged, both)],
  ["ApproxNDCGLoss, three lists", approximate, () => losses.approxNdcg(three, graded, { ...sum, ...most })],
  ["ApproxNDCGLoss, masked", -log(2) / log(1 + soft), () => losses.approxNdcg(middle, [[0, 0, 1]], two)],
  ["ApproxNDCGLoss, huge labels", -log(2) / log(1 + soft), () => losses.approxNdcg(middle, [[0, 0, 1000]], two)],
  [
    "OrdinalLoss",
    1.6305413,
    () =>
      losses.ordinal(
        tensor([
          [
            [0.6, 0.2],
            [0.8, 0.3],
          ],
        ]),
        y,
      ),
  ],
  ["MRRMetric", 0.5, () => losses.meanReciprocalRank(ranked, clicks)],
  ["PrecisionMetric", 0.5, () => losses.precisionAt(ranked, clicks, { k: 2 })],
  ["MeanAveragePrecisionMetric", 0.25, () => losses.meanAveragePrecision(ranked, clicks, { k: 2 })],
  ["NDCGMetric", 0.6934264, () => losses.ndcg(ranked, clicks)],
])("TF-Ranking %s", (_, expected, loss) => {
  close(loss().itemSync(), expected, { relative: 1e-5 });
});
