import type { Tensor, TensorLike } from "@downhill/tensor";
import { arange } from "@downhill/tensor";
import { emptyLosses, maskedSoftmaxTerms, reduceAnchors } from "../shared/embedding-pairs.js";
import { groupsOf, rowsOf, unitRows } from "../shared/embeddings.js";
import { checkFlag } from "../shared/flag.js";
import { crossEntropyWith } from "../shared/log-softmax-terms.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import type { Factors } from "../shared/weights.js";
import { asTensor } from "../shared/weights.js";

/** Options of {@link nPairs}. */
export interface NPairsOptions extends LossOptions {
  /** Whether embeddings are brought to length 1 first, as in pytorch-metric-learning. @defaultValue false */
  readonly normalize?: boolean | undefined;
}

/**
 * N-pairs loss: one anchor and one positive per label; each anchor picks out its positive among the positives of all labels.
 *
 * $$ \ell_a = -\ln \frac{e^{x_a \cdot x_p}}{\sum_{q} e^{x_a \cdot x_q}} $$
 *
 * As in pytorch-metric-learning the first embedding of a label is its anchor $a$ and the second its positive $p$; more of them, and
 * labels that occur once, are left out. As in the paper and TensorFlow Addons the embeddings keep their length (unlike there); the
 * penalty on it, which the paper adds, is left to the caller. The mean is over the anchors; without a pair the loss is 0 with gradient 0.
 *
 * @param embeddings - `[batch, dims]`, any real numbers
 * @param labels - `[batch]`, integers
 * @param options - `normalize` (default false), `reduction`, `sampleWeight` (per embedding; that of the anchor counts)
 * @returns the mean over the anchors (a scalar); for reduction `"none"` `[batch]` with 0 for what is no anchor
 * @throws RangeError when labels are no integers or not one per embedding, a shape or an option does not fit; TypeError when an
 * argument is of the wrong kind
 * @example
 * import { nPairs } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const embeddings = tensor([[1, 0], [0.8, 0.6], [0, 1], [0.6, 0.8]]);
 * await nPairs(embeddings, [0, 0, 1, 1]).item(); // => 0.598139
 * @category Metric learning
 * @reference Sohn (2016), Improved Deep Metric Learning with Multi-class N-pair Loss Objective, NeurIPS 29;
 * pytorch-metric-learning, NPairsLoss, https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#npairsloss
 */
export function nPairs(embeddings: Tensor, labels: TensorLike, options: NPairsOptions = {}): Tensor {
  const fn = "nPairs";
  const reduction = checkOptions(fn, options, ["normalize"]);
  const { normalize = false } = options;
  checkFlag(fn, "normalize", normalize);
  const given = rowsOf(fn, "embeddings", embeddings);
  const x = normalize ? unitRows(given) : given;
  const batch = x.shape[0] as number;
  const { index, host } = groupsOf(fn, labels, batch);
  const same = index.reshape([batch, 1]).equal(index.reshape([1, batch]));
  const { anchors, positives } = host === null ? computedRoles(same) : knownRoles(host);
  const lossPerAnchor = (): Tensor => {
    const candidates = asTensor(positives, [batch]).reshape([1, batch]);
    const target = same.cast("float32").mul(candidates);
    return crossEntropyWith(target, maskedSoftmaxTerms(x.matmul(x.transpose()), candidates));
  };
  const losses = batch === 0 ? emptyLosses(x, 1) : lossPerAnchor();
  return reduceAnchors(fn, losses, anchors, reduction, options, "nonZero");
}

/** 1 for the first of each label that has another, and 1 for that other. */
interface Roles {
  readonly anchors: Factors;
  readonly positives: Factors;
}

function knownRoles(labels: ArrayLike<number>): Roles {
  const anchors = new Float32Array(labels.length);
  const positives = new Float32Array(labels.length);
  const first = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const anchor = first.get(label);
    if (anchor === undefined) first.set(label, i);
    else if (anchors[anchor] === 0) {
      anchors[anchor] = 1;
      positives[i] = 1;
    }
  }
  return { anchors, positives };
}

function computedRoles(same: Tensor): Roles {
  const place = arange(same.shape[0] as number);
  const earlier = same.logicalAnd(place.unsqueeze(0).less(place.unsqueeze(1))).sum({ axis: -1 });
  const alone = same.sum({ axis: -1 }).equal(1);
  return {
    anchors: earlier.equal(0).logicalAnd(alone.logicalNot()).cast("float32"),
    positives: earlier.equal(1).cast("float32"),
  };
}
