import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange } from "@downhill/tensor";
import { marginSoftmax } from "../shared/margin-softmax.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";

/** Options of {@link cosFace}. */
export interface CosFaceOptions extends LossOptions {
  /** Taken off the cosine with the class of the label, from 0 to 2. @defaultValue 0.35 */
  readonly margin?: number | undefined;
  /** Factor of the cosines, finite and > 0. @defaultValue 64 */
  readonly scale?: number | undefined;
}

/**
 * CosFace: classification by the cosine with class weights, with a margin taken off the cosine of the right class.
 *
 * $$ \ell = -\ln \frac{e^{s (\cos\theta_y - m)}}{e^{s (\cos\theta_y - m)} + \sum_{c \ne y} e^{s \cos\theta_c}} \qquad
 *    \cos\theta_c = \frac{x \cdot w_c}{\lVert x \rVert \lVert w_c \rVert} $$
 *
 * With margin 0 it is a softmax over cosines (normalized softmax, NormFace).
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, class indices from 0 to classes - 1
 * @param weight - `[classes, dims]`, one vector per class, like the weight of a linear layer; a parameter of yours, trained with the
 * model. Only the directions count
 * @param options - `margin` (0 to 2, default 0.35), `scale` (> 0, default 64), `reduction`, `sampleWeight` (per embedding)
 * @returns the mean over all embeddings (a scalar); `[batch]` for reduction `"none"`
 * @throws RangeError when a label is out of range (naming it; one that the device computes is found when it is used), a shape or an
 * option does not fit; TypeError when an argument is of the wrong kind
 * @example
 * import { cosFace } from "@downhill/losses";
 * import { parameter, tensor } from "@downhill/tensor";
 * const weight = parameter([[1, 0], [0, 1], [-1, 0]]);
 * const embeddings = tensor([[4, 1], [-1, 2]]);
 * await cosFace(embeddings, [0, 1], weight, { scale: 4 }).item(); // => 0.36483
 * @category Metric learning
 * @reference Wang et al. (2018), CosFace: Large Margin Cosine Loss for Deep Face Recognition, https://arxiv.org/abs/1801.09414;
 * pytorch-metric-learning, CosFaceLoss, https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#cosfaceloss
 */
export function cosFace(embeddings: Tensor, labels: TensorLike, weight: Tensor, options: CosFaceOptions = {}): Tensor {
  const fn = "cosFace";
  const reduction = checkOptions(fn, options, ["margin", "scale"]);
  const { margin = 0.35, scale = 64 } = options;
  inRange(fn, "margin", margin, 0, 2);
  inRange(fn, "scale", scale, 0, Number.POSITIVE_INFINITY, "low");
  const harder = (cosine: Tensor): Tensor => cosine.sub(margin);
  return marginSoftmax(fn, embeddings, labels, weight, scale, harder, reduction, options);
}
