import type { Tensor, TensorLike } from "@downhill/tensor";
import { inRange, where } from "@downhill/tensor";
import { safeSqrt } from "../shared/embeddings.js";
import { marginSoftmax } from "../shared/margin-softmax.js";
import type { LossOptions } from "../shared/options.js";
import { checkOptions } from "../shared/options.js";
import { checkRadians } from "../shared/radians.js";

/** Options of {@link arcFace}. */
export interface ArcFaceOptions extends LossOptions {
  /** Added to the angle between an embedding and the weight of its class, in radians above 0 and below π. @defaultValue 0.5 */
  readonly margin?: number | undefined;
  /** Factor of the cosines, finite and > 0. @defaultValue 64 */
  readonly scale?: number | undefined;
}

/**
 * ArcFace: classification by the angle to class weights, with a margin added to the angle of the right class.
 *
 * $$ \ell = -\ln \frac{e^{s \cos(\theta_y + m)}}{e^{s \cos(\theta_y + m)} + \sum_{c \ne y} e^{s \cos\theta_c}} \qquad
 *    \cos\theta_c = \frac{x \cdot w_c}{\lVert x \rVert \lVert w_c \rVert} $$
 *
 * Where $\theta_y > \pi - m$, $\cos(\theta_y + m)$ would rise again: there it is $\cos\theta_y - m \sin m$, as in the authors' code and
 * pytorch-metric-learning. The latter counts the margin in degrees (28.6, which are 0.4992). An embedding that points exactly along
 * its weight gets the gradient of the cosine alone: that of the angle is not defined there.
 *
 * @param embeddings - `[batch, dims]`, any real numbers; only their directions count, and one of length 0 gets gradient 0
 * @param labels - `[batch]`, class indices from 0 to classes - 1
 * @param weight - `[classes, dims]`, one vector per class, like the weight of a linear layer; a parameter of yours, trained with the
 * model. Only the directions count
 * @param options - `margin` (radians, between 0 and π, default 0.5), `scale` (> 0, default 64), `reduction`, `sampleWeight`
 * (per embedding)
 * @returns the mean over all embeddings (a scalar); `[batch]` for reduction `"none"`
 * @throws RangeError when a label is out of range (naming it; one that the device computes is found when it is used), a shape or an
 * option does not fit; TypeError when an argument is of the wrong kind
 * @example
 * import { arcFace } from "@downhill/losses";
 * import { parameter, tensor } from "@downhill/tensor";
 * const weight = parameter([[1, 0], [0, 1], [-1, 0]]);
 * const embeddings = tensor([[4, 1], [-1, 2]]);
 * const loss = arcFace(embeddings, [0, 1], weight, { scale: 4 });
 * await loss.item(); // => 0.30932
 * loss.backward();
 * await weight.grad?.array(); // => [[0, -0.1483], [0.8706, 0], [0, 0.6716]]
 * @category Metric learning
 * @reference Deng et al. (2019), ArcFace: Additive Angular Margin Loss for Deep Face Recognition, https://arxiv.org/abs/1801.07698;
 * pytorch-metric-learning, ArcFaceLoss, https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#arcfaceloss
 */
export function arcFace(embeddings: Tensor, labels: TensorLike, weight: Tensor, options: ArcFaceOptions = {}): Tensor {
  const fn = "arcFace";
  const reduction = checkOptions(fn, options, ["margin", "scale"]);
  const { margin = 0.5, scale = 64 } = options;
  checkRadians(fn, "margin", margin, Math.PI, "π");
  inRange(fn, "scale", scale, 0, Number.POSITIVE_INFINITY, "low");
  const [cosine, sine] = [Math.cos(margin), Math.sin(margin)];
  const harder = (cos: Tensor): Tensor => {
    // cos(θ + m) = cos θ cos m - sin θ sin m: no angle is needed, whose slope at 0 is infinite. Rounding may put a cosine above 1.
    const c = cos.clip(-1, 1);
    const sin = safeSqrt(c.neg().add(1).mul(c.add(1)));
    return where(c.less(-cosine), cos.sub(margin * sine), c.mul(cosine).sub(sin.mul(sine)));
  };
  return marginSoftmax(fn, embeddings, labels, weight, scale, harder, reduction, options);
}
