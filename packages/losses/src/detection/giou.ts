import type { Tensor, TensorLike } from "@downhill/tensor";
import { boxLoss, hull, overlap } from "../shared/boxes.js";
import type { BoxOptions } from "./box-options.js";

/**
 * Generalized IoU loss: the IoU loss, and how empty the smallest box around both is, which also moves boxes that do not touch.
 *
 * $$ \ell(p, t) = 1 - \mathrm{IoU}(p, t) + \frac{|C| - |p \cup t|}{|C| + \varepsilon} $$
 *
 * with $C$ the smallest box around $p$ and $t$, and $\mathrm{IoU} = |p \cap t| / (|p \cup t| + \varepsilon)$. The default reduction is
 * the mean, as in this family; torchvision's is none.
 *
 * @param prediction - `[..., 4]`, boxes in one unit of length, any finite numbers
 * @param target - `[..., 4]`, the shape of `prediction`: the box that each was matched to
 * @param options - `format` (default "xyxy"), `eps` (> 0, default 1e-7), `reduction`, `sampleWeight` (per box; 0 for padding)
 * @returns the mean over all boxes (a scalar), in [0, 2]; `[...]` for reduction `"none"`
 * @throws RangeError when a box ends before it begins (naming it; boxes that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { giou } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await giou(tensor([[0, 0, 2, 2]]), [[1, 1, 3, 4]]).item(); // => 1.138889
 * await giou(tensor([[1, 1, 2, 2]]), [[2, 2.5, 2, 3]], { format: "cxcywh" }).item(); // => 1.138889
 * @category Detection
 * @reference Rezatofighi et al. (2019), Generalized Intersection over Union, https://arxiv.org/abs/1902.09630; torchvision 0.28,
 * generalized_box_iou_loss, https://docs.pytorch.org/vision/stable/generated/torchvision.ops.generalized_box_iou_loss.html
 */
export function giou(prediction: Tensor, target: TensorLike, options: BoxOptions = {}): Tensor {
  return boxLoss("giou", prediction, target, options, (p, t, eps) => {
    const { union, iou } = overlap(p, t, eps);
    const { width, height } = hull(p, t);
    const area = width.mul(height);
    return area.sub(union).div(area.add(eps)).add(1).sub(iou);
  });
}
