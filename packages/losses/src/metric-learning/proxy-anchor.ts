import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange, inRange } from "@downhill/tensor";
import { maskedSoftplus } from "../shared/embedding-pairs.js";
import type { Groups } from "../shared/embeddings.js";
import { cosines, groupsOf } from "../shared/embeddings.js";
import { withClasses } from "../shared/margin-softmax.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import type { Factors } from "../shared/weights.js";
import { asTensor, isHost, sampleFactors } from "../shared/weights.js";

/** Options of {@link proxyAnchor}. */
export interface ProxyAnchorOptions extends LossOptions {
  /** Cosine with its proxy that an embedding shall be above, and below minus this with others; above 0, at most 1. @defaultValue 0.1 */
  readonly margin?: number | undefined;
  /** Sharpness, finite and > 0. @defaultValue 32 */
  readonly alpha?: number | undefined;
  /**
   * How often each embedding counts in the sums, finite and >= 0: `[batch]`. Weight 2 is the same as having it twice, weight 0 as
   * not having it.
   *
   * @defaultValue all 1
   */
  readonly sampleWeight?: TensorLike | undefined;
}

/**
 * Proxy-anchor loss: each class has a proxy, which pulls the embeddings of its class and pushes all others.
 *
 * $$ \frac{1}{|P^+|} \sum_{p \in P^+} \ln\Big(1 + \sum_{x \in X_p^+} e^{-\alpha (s(x, p) - \delta)}\Big)
 *  + \frac{1}{|P|} \sum_{p \in P} \ln\Big(1 + \sum_{x \in X_p^-} e^{\alpha (s(x, p) + \delta)}\Big) $$
 *
 * with cosines $s$, all proxies $P$ and those $P^+$ whose class occurs in the batch. An empty batch gives 0 with gradient 0.
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, class indices from 0 to classes - 1
 * @param proxies - `[classes, dims]`, one vector per class; a parameter of yours, trained with the model (the authors give it 100
 * times the rate). Only the directions count
 * @param options - `margin` (above 0, at most 1, default 0.1), `alpha` (> 0, default 32), `reduction`, `sampleWeight` (per embedding: how often
 * it counts in the sums)
 * @returns the two means above, added (a scalar); for reduction `"none"` both logarithms of each proxy, added: `[classes]`; their sum
 * for `"sum"`
 * @throws RangeError when a label is out of range (naming it; one that the device computes is in no class), a shape or an option does
 * not fit; TypeError when an argument is of the wrong kind
 * @example
 * import { proxyAnchor } from "@downhill/losses";
 * import { parameter, tensor } from "@downhill/tensor";
 * const proxies = parameter([[1, 0], [0, 1], [-1, 0]]);
 * const embeddings = tensor([[4, 1], [-1, 2]]);
 * await proxyAnchor(embeddings, [0, 1], proxies, { alpha: 4 }).item(); // => 1.40802
 * @category Metric learning
 * @reference Kim et al. (2020), Proxy Anchor Loss for Deep Metric Learning, https://arxiv.org/abs/2003.13911;
 * pytorch-metric-learning, ProxyAnchorLoss, https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#proxyanchorloss
 */
export function proxyAnchor(
  embeddings: Tensor,
  labels: TensorLike,
  proxies: Tensor,
  options: ProxyAnchorOptions = {},
): Tensor {
  const fn = "proxyAnchor";
  const reduction = checkOptions(fn, options, ["margin", "alpha"]);
  const { margin = 0.1, alpha = 32 } = options;
  inRange(fn, "margin", margin, 0, 1, "low");
  inRange(fn, "alpha", alpha, 0, Number.POSITIVE_INFINITY, "low");
  const [x, rows, classes] = withClasses(fn, embeddings, "proxies", proxies);
  const batch = x.shape[0] as number;
  const groups = groupsOf(fn, labels, batch, classes);
  const weight = sampleFactors(fn, options.sampleWeight, [batch]);
  if (batch === 0) {
    const nothing = rows.matmul(x.transpose()).sum({ axis: -1 });
    return reduction === "none" ? nothing : nothing.sum();
  }
  const own = arange(classes).unsqueeze(1).equal(groups.index);
  const s = cosines(rows, x);
  const [pull, push] = [s.sub(margin).mul(-alpha), s.add(margin).mul(alpha)];
  // A weight in front of an exponential is its logarithm inside.
  const factor = weight === null ? null : asTensor(weight, [batch]);
  const pulled = factor === null ? own : own.logicalAnd(factor);
  const pushed = factor === null ? own.logicalNot() : own.logicalNot().logicalAnd(factor);
  const near = maskedSoftplus(factor === null ? pull : pull.add(factor.log()), pulled);
  const far = maskedSoftplus(factor === null ? push : push.add(factor.log()), pushed);
  if (reduction !== "mean") return reduction === "none" ? near.add(far) : near.add(far).sum();
  const present = presentClasses(groups, weight) ?? pulled.any({ axis: -1 }).sum().maximum(1);
  return near.sum().div(present).add(far.mean());
}

/** How many classes occur, at least 1; null when JavaScript does not know. */
function presentClasses({ host }: Groups, weight: Factors | null): number | null {
  if (host === null || (weight !== null && !isHost(weight))) return null;
  return Math.max(1, new Set(Array.from(host).filter((_, i) => weight === null || (weight[i] as number) > 0)).size);
}
