import { classes, counts, real, shaped } from "../draw.mjs";
import { lossRow } from "../loss-row.mjs";

// 512 lists of 100 items with relevances from 0 to 4.
const lists = { s: shaped([512, 100], real(2)), y: shaped([512, 100], counts(5)) };

const rows = {
  rankNet: { inputs: lists, size: "512 lists of 100", pytorch: "losses.rank_net(s, y)" },
  lambdaRank: { inputs: lists, size: "512 lists of 100", pytorch: "losses.lambda_rank(s, y)" },
  listNet: { inputs: lists, size: "512 lists of 100", pytorch: "F.cross_entropy(s, y.softmax(-1))" },
  listMle: { inputs: lists, size: "512 lists of 100", pytorch: "losses.list_mle(s, y)" },
  approxNdcg: { inputs: lists, size: "512 lists of 100", pytorch: "losses.approx_ndcg(s, y)" },
  softmaxRanking: { inputs: lists, size: "512 lists of 100", pytorch: "F.cross_entropy(s, y)" },
  ctc: {
    inputs: { x: shaped([16, 200, 40], real(3)), y: shaped([16, 30], labels) },
    size: "16 × 200 frames × 40 symbols",
    pytorch: "losses.ctc(x, y)",
  },
  dice: {
    inputs: { x: shaped([8, 4, 256, 256], real(3)), y: shaped([8, 256, 256], classes(4)) },
    size: "8×4×256×256",
    pytorch: "losses.dice(x, y)",
  },
};

/** Class indices without the blank, 0. */
function labels(draw, shape) {
  const { values } = draw.labels(shape, 39);
  return { shape, values: values.map((value) => value + 1) };
}

export default {
  heading: "Losses of lists, sequences and images, with gradient",
  cases: Object.fromEntries(
    Object.entries(rows).map(([name, { size, ...row }]) => [
      `loss/${name}`,
      lossRow(name, row, { title: `${name}, ${size}` }),
    ]),
  ),
};
