import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import { checkChoice } from "../shared/choice.js";
import { pairOf } from "../shared/elementwise.js";
import { checkFlag } from "../shared/flag.js";
import { checkProbabilities } from "../shared/inputs.js";
import { checkLogProbabilities } from "../shared/log-probabilities.js";
import type { LossOptions, Reduction } from "../shared/options.js";
import { checkNames, common } from "../shared/options.js";
import { reduceLosses } from "../shared/reduce.js";
import { sampleWeighting } from "../shared/weights.js";

/** Options of {@link klDivergence}. */
export interface KlDivergenceOptions extends Omit<LossOptions, "reduction"> {
  /**
   * `"batchMean"`: the sum divided by the number of distributions along the first axis, which is the divergence; `"mean"`: divided by the
   * number of elements; `"sum"`; or `"none"` for one term per element. The mean of nothing is 0.
   *
   * @defaultValue "batchMean"
   */
  readonly reduction?: Reduction | "batchMean" | undefined;
  /** Whether the target holds log-probabilities, too. @defaultValue false */
  readonly logTarget?: boolean | undefined;
}

/**
 * Kullback-Leibler divergence: by how many nats a distribution, given as log-probabilities, misses a target distribution.
 *
 * $$ \ell(x, q) = \sum_c q_c \, (\ln q_c - x_c) $$
 *
 * with $0 \ln 0 = 0$. The default reduction is `"batchMean"`, the divergence itself; PyTorch's is `"mean"`, which divides by the number
 * of classes, too. A single distribution without a batch axis is divided by nothing (PyTorch: by its length).
 *
 * @param prediction - `[..., classes]`, log-probabilities: at most 0, such as the output of a log-softmax
 * @param target - `[..., classes]`, the shape of `prediction`: probabilities from 0 to 1, or with `logTarget` log-probabilities
 * @param options - `logTarget` (default false), `reduction` (default `"batchMean"`), `sampleWeight`
 * @returns the divergence (a scalar); the terms `[..., classes]` for reduction `"none"`
 * @throws RangeError when a probability is outside [0, 1] or a log-probability above 0 (where JavaScript knows them), the shapes differ
 * or an option is out of its range; TypeError when the prediction comes out of a softmax or sigmoid
 * @example
 * import { klDivergence } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const logits = tensor([[2, -1, 0.5], [0.1, 0.2, 0.3]]);
 * const target = tensor([[1, 0, 0], [0, 1, 0]]).softmax();
 * await klDivergence(logits.logSoftmax(), target).item(); // => 0.173168
 * await klDivergence(logits.logSoftmax(), target.log(), { logTarget: true, reduction: "mean" }).item(); // => 0.0577226
 * klDivergence(logits.softmax(), target); // throws TypeError: klDivergence: "prediction" expected log-probabilities, got the output of
 * // a softmax; use logSoftmax instead of softmax
 * @category Classification
 * @reference PyTorch 2.13, torch.nn.KLDivLoss, https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export function klDivergence(prediction: Tensor, target: TensorLike, options: KlDivergenceOptions = {}): Tensor {
  const fn = "klDivergence";
  const reduction = klReduction(fn, options);
  const { logTarget = false } = options;
  checkFlag(fn, "logTarget", logTarget);
  const [x, t] = pairOf(fn, prediction, target);
  checkLogProbabilities(fn, "prediction", prediction);
  if (logTarget) checkLogProbabilities(fn, "target", t);
  else checkProbabilities(fn, "target", t, "; for log-probabilities set logTarget: true");

  const isZero = logTarget ? t.equal(Number.NEGATIVE_INFINITY) : t.equal(0);
  const safe = where(isZero, logTarget ? 0 : 1, t);
  const [q, logQ] = logTarget ? [safe.exp(), safe] : [safe, safe.log()];
  // Chosen, because a prediction of -Infinity is right there.
  const losses = where(isZero, 0, q.mul(logQ.sub(x)));

  const weighting = sampleWeighting(fn, options.sampleWeight, x.shape);
  if (reduction !== "batchMean") return reduceLosses(losses, reduction, weighting);
  // The mean over the elements times their number per distribution along the first axis.
  const inner = x.rank > 1 ? x.shape.slice(1) : x.shape;
  return reduceLosses(losses, "mean", weighting).mul(inner.reduce((product, extent) => product * extent, 1));
}

function klReduction(fn: string, options: KlDivergenceOptions): Reduction | "batchMean" {
  checkNames(fn, options, ["logTarget", ...common]);
  const { reduction = "batchMean" } = options;
  checkChoice(fn, "reduction", reduction, ["batchMean", "mean", "sum", "none"]);
  return reduction;
}
