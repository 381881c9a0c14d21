import type { Tensor, TensorLike } from "@downhill/tensor";
import { boxLoss, overlap } from "../shared/boxes.js";
import type { BoxOptions } from "./box-options.js";

/**
 * IoU loss: how little of two boxes is in both. Boxes that do not touch have loss 1 and no gradient; {@link giou}, {@link diou} and
 * {@link ciou} pull them together.
 *
 * $$ \ell(p, t) = 1 - \mathrm{IoU}(p, t) \qquad \mathrm{IoU} = \frac{|p \cap t|}{|p \cup t| + \varepsilon} $$
 *
 * 1 minus this loss is the measure. It compares each box with the one that it was matched to; torchvision's box_iou compares all
 * pairs.
 *
 * @param prediction - `[..., 4]`, boxes in one unit of length, any finite numbers
 * @param target - `[..., 4]`, the shape of `prediction`: the box that each was matched to
 * @param options - `format` (default "xyxy"), `eps` (> 0, default 1e-7), `reduction`, `sampleWeight` (per box; 0 for padding)
 * @returns the mean over all boxes (a scalar), in [0, 1]; `[...]` for reduction `"none"`
 * @throws RangeError when a box ends before it begins (naming it; boxes that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { boxIou } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * const boxes = tensor([[0, 0, 2, 2]]);
 * await boxIou(boxes, [[1, 1, 3, 4]]).item(); // => 0.888889
 * boxIou(boxes, [[3, 1, 1, 4]]); // throws RangeError: boxIou: "target" expected boxes [x1, y1, x2, y2] with x2 >= x1 and
 * // y2 >= y1, got [3, 1, 1, 4] at position 0
 * @category Detection
 * @reference Yu et al. (2016), UnitBox, https://doi.org/10.1145/2964284.2967274 (there the negative logarithm); the linear form as in
 * Rezatofighi et al. (2019), https://arxiv.org/abs/1902.09630
 */
export function boxIou(prediction: Tensor, target: TensorLike, options: BoxOptions = {}): Tensor {
  return boxLoss("boxIou", prediction, target, options, (p, t, eps) => overlap(p, t, eps).iou.neg().add(1));
}
