import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, integer, rand, tensor, where } from "@downhill/tensor";
import { checkFlag } from "../shared/flag.js";
import { bestDcg, checkCutoff, checkGain, dcg, ratio, scaledGains } from "../shared/gains.js";
import { absentScore, listLoss, nonnegative } from "../shared/lists.js";
import { checkOptions } from "../shared/options.js";
import { differences, first, second } from "../shared/pairs.js";
import { positions } from "../shared/ranks.js";
import type { Gain, ListOptions } from "./list-options.js";

/** Options of {@link neuralNdcg}. */
export interface NeuralNdcgOptions extends ListOptions {
  /** How far apart what decides about a rank must be, finite and > 0; smaller is closer to NDCG. @defaultValue 1 */
  readonly temperature?: number | undefined;
  /** Optimizes NDCG@k, an integer of at least 1. @defaultValue all ranks */
  readonly k?: number | undefined;
  /** What a relevance is worth, `"exponential"` or `"linear"`. @defaultValue "exponential" */
  readonly gain?: Gain | undefined;
  /** Rounds of Sinkhorn scaling, an integer of at least 0; the time grows with them. @defaultValue 50 */
  readonly iterations?: number | undefined;
  /** Whether to average over lists whose scores have Gumbel noise added. @defaultValue false */
  readonly stochastic?: boolean | undefined;
  /** How often noise is drawn, an integer of at least 1; only with `stochastic`. @defaultValue 32 */
  readonly samples?: number | undefined;
  /** Factor of the noise, finite and >= 0; only with `stochastic`. @defaultValue 0.1 */
  readonly beta?: number | undefined;
}

/**
 * NeuralNDCG: the negative NDCG of a list, made smooth by sorting with a soft permutation (NeuralSort).
 *
 * $$ \ell(s, y) = -\frac{1}{\mathrm{maxDCG}} \sum_r \frac{1}{\log_2(1 + r)} \sum_i P_{ri} \left(2^{y_i} - 1\right) \qquad
 *    \hat P_r = \mathrm{softmax}\left(\frac{(n + 1 - 2r)\,s - B}{T}\right), \quad B_i = \sum_j |s_i - s_j| $$
 *
 * $P$ is $\hat P$ after `iterations` rounds of Sinkhorn scaling (columns, then rows), which make it doubly stochastic. allRank
 * stops as soon as the sums of the whole batch are within 1e-6 of 1, at most after 50 rounds; here their number is fixed, so that
 * lists do not depend on each other. Its transposed variant is the same number.
 *
 * The value is between -1 (the best order) and 0, as in allRank; add 1 for 1 - NDCG. A list without relevant items is left out of
 * the mean; for reduction `"none"` it is 0. With `stochastic`, the noise is added to the scores as they are (allRank's
 * `log_scores=False`) and `manualSeed` fixes it.
 *
 * @param prediction - `[...lists, items]`, scores: any real numbers
 * @param target - `[...lists, items]`, relevances: finite numbers of at least 0; larger should rank higher
 * @param options - `temperature` (> 0, default 1), `k` (an integer of at least 1, default all ranks), `gain` (default
 * `"exponential"`), `iterations` (an integer of at least 0, default 50), `stochastic` (default false), `samples` (an integer of at
 * least 1, default 32), `beta` (>= 0, default 0.1), `mask` (default: all items count), `reduction`, `sampleWeight` (per list)
 * @returns the mean over all lists with relevant items (a scalar); `[...lists]` for reduction `"none"`
 * @throws RangeError when the shapes differ, a list has no room for an item, a relevance is not finite or below 0 (those that the
 * device computes are not checked) or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { neuralNdcg } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const scores = tensor([[0.5, 2, 1]]);
 * await neuralNdcg(scores, [[0, 2, 1]]).item(); // => -0.928689
 * await neuralNdcg(scores, [[0, 2, 1]], { temperature: 0.1 }).item(); // => -0.999749
 * @category Ranking
 * @reference Pobrotyn & Białobrzeski (2021), NeuralNDCG: Direct Optimisation of a Ranking Metric via Differentiable Relaxation of
 * Sorting, https://arxiv.org/abs/2102.07831; allRank's neuralNDCG, https://github.com/allegro/allRank
 */
export function neuralNdcg(prediction: Tensor, target: TensorLike, options: NeuralNdcgOptions = {}): Tensor {
  const fn = "neuralNdcg";
  const own = ["temperature", "k", "gain", "iterations", "stochastic", "samples", "beta", "mask"];
  const reduction = checkOptions(fn, options, own);
  const { temperature = 1, gain = "exponential", iterations = 50 } = options;
  const { stochastic = false, samples = 32, beta = 0.1 } = options;
  inRange(fn, "temperature", temperature, 0, Number.POSITIVE_INFINITY, "low");
  const k = checkCutoff(fn, options.k);
  checkGain(fn, gain);
  integer(fn, "iterations", iterations, 0);
  checkFlag(fn, "stochastic", stochastic);
  integer(fn, "samples", samples, 1);
  inRange(fn, "beta", beta, 0, Number.POSITIVE_INFINITY);
  return listLoss(
    fn,
    [prediction, target],
    options,
    reduction,
    { relevances: nonnegative },
    ({ scores, relevance, mask }) => {
      const gains = scaledGains(relevance, gain);
      const best = bestDcg(gains, k);
      const sorted = stochastic ? scores.add(gumbel([samples, ...scores.shape]).mul(beta)) : scores;
      const soft = softDcg(sorted, gains, mask, { temperature, k, iterations });
      const each = ratio(soft, best).neg();
      return { losses: stochastic ? each.mean({ axis: 0 }) : each, counts: best };
    },
  );
}

interface Sorting {
  readonly temperature: number;
  readonly k: number;
  readonly iterations: number;
}

/** DCG of the gains under the soft permutation of the scores, one per list. */
function softDcg(scores: Tensor, gains: Tensor, mask: Tensor | null, { temperature, k, iterations }: Sorting): Tensor {
  const permutation = softPermutation(scores, mask, temperature);
  // Sinkhorn scaling of diag(u) P diag(v): two vectors per round instead of two matrices to keep for the gradient. Only rows and
  // columns without an item sum to 0: each item is the likeliest of its rank.
  const inverse = (x: Tensor): Tensor => ratio(x.detach().notEqual(0).cast("float32"), x);
  const rows = (v: Tensor): Tensor => permutation.matmul(v.unsqueeze(-1)).squeeze(-1);
  const columns = (u: Tensor): Tensor => u.unsqueeze(-2).matmul(permutation).squeeze(-2);
  let u: Tensor | null = null;
  let v: Tensor | null = null;
  for (let i = 0; i < iterations; i++) {
    v = inverse(u === null ? permutation.sum({ axis: -2 }) : columns(u));
    u = inverse(rows(v));
  }
  const worth = rows(v === null ? gains : gains.mul(v));
  return dcg(u === null ? worth : worth.mul(u), k);
}

/** `[..., ranks, items]`: how likely each item is at each rank. Rows of ranks and columns of items that are not there are 0. */
function softPermutation(scores: Tensor, mask: Tensor | null, temperature: number): Tensor {
  const items = scores.shape.at(-1) as number;
  const rank = tensor(positions(items));
  const gaps = differences(scores).abs();
  // A shift moves all entries of a row alike: without it large scores would take the digits of their differences.
  const top = (mask === null ? scores : where(mask, scores, absentScore)).max({ axis: -1, keepDims: true }).detach();
  const shifted = scores.sub(top);
  const likely = (count: TensorLike, offset: Tensor, spread: Tensor): Tensor =>
    first(rank.mul(-2).add(1).add(count)).mul(second(offset)).sub(second(spread)).div(temperature).softmax();
  if (mask === null) return likely(items, shifted, gaps.sum({ axis: -1 }));
  const count = mask.cast("bool").cast("float32").sum({ axis: -1, keepDims: true });
  const spread = where(first(mask), gaps, 0).sum({ axis: -2 });
  const all = likely(count, where(mask, shifted, 0), where(mask, spread, -absentScore));
  return where(first(rank.lessEqual(count)), all, 0);
}

/** Noise of the Gumbel distribution. */
function gumbel(shape: readonly number[]): Tensor {
  // The epsilon keeps a draw of exactly 0 finite, as in allRank.
  return rand(shape).add(1e-10).log().neg().add(1e-10).log().neg();
}
