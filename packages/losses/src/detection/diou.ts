import type { Tensor, TensorLike } from "@downhill/tensor";
import { boxLoss, distanceLoss } from "../shared/boxes.js";
import type { BoxOptions } from "./box-options.js";

/**
 * Distance IoU loss: the IoU loss, and how far the centres are apart, which brings boxes together faster than {@link giou}.
 *
 * $$ \ell(p, t) = 1 - \mathrm{IoU}(p, t) + \frac{\rho^2}{c^2 + \varepsilon} $$
 *
 * with $\rho$ the distance of the centres and $c$ the diagonal of the smallest box around both. The default reduction is the mean,
 * as in this family; torchvision's is none.
 *
 * @param prediction - `[..., 4]`, boxes in one unit of length, any finite numbers
 * @param target - `[..., 4]`, the shape of `prediction`: the box that each was matched to
 * @param options - `format` (default "xyxy"), `eps` (> 0, default 1e-7), `reduction`, `sampleWeight` (per box; 0 for padding)
 * @returns the mean over all boxes (a scalar), in [0, 2]; `[...]` for reduction `"none"`
 * @throws RangeError when a box ends before it begins (naming it; boxes that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { diou } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await diou(tensor([[0, 0, 2, 2]]), [[1, 1, 3, 4]]).item(); // => 1.018889
 * @category Detection
 * @reference Zheng et al. (2020), Distance-IoU Loss, https://arxiv.org/abs/1911.08287; torchvision 0.28, distance_box_iou_loss,
 * https://docs.pytorch.org/vision/stable/generated/torchvision.ops.distance_box_iou_loss.html
 */
export function diou(prediction: Tensor, target: TensorLike, options: BoxOptions = {}): Tensor {
  return boxLoss("diou", prediction, target, options, (p, t, eps) => distanceLoss(p, t, eps).losses);
}
