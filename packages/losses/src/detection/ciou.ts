import type { Tensor, TensorLike } from "@downhill/tensor";
import { where } from "@downhill/tensor";
import type { Boxes } from "../shared/boxes.js";
import { boxLoss, distanceLoss } from "../shared/boxes.js";
import type { BoxOptions } from "./box-options.js";

/**
 * Complete IoU loss: the distance IoU loss, and how much the proportions of the boxes differ.
 *
 * $$ \ell(p, t) = 1 - \mathrm{IoU}(p, t) + \frac{\rho^2}{c^2 + \varepsilon} + \alpha v \qquad
 *    v = \frac{4}{\pi^2} \Bigl( \arctan\frac{w_t}{h_t} - \arctan\frac{w_p}{h_p} \Bigr)^2 \qquad
 *    \alpha = \frac{v}{1 - \mathrm{IoU} + v + \varepsilon} $$
 *
 * $\alpha$ counts as a constant in the gradient, as in torchvision. `eps` goes into all denominators; torchvision's CIoU keeps 1e-7 in
 * those of the distance IoU. A box that is a point has no proportions: v is 0 there (torchvision: NaN). The default reduction is the
 * mean, as in this family; torchvision's is none.
 *
 * @param prediction - `[..., 4]`, boxes in one unit of length, any finite numbers
 * @param target - `[..., 4]`, the shape of `prediction`: the box that each was matched to
 * @param options - `format` (default "xyxy"), `eps` (> 0, default 1e-7), `reduction`, `sampleWeight` (per box; 0 for padding)
 * @returns the mean over all boxes (a scalar), in [0, 3); `[...]` for reduction `"none"`
 * @throws RangeError when a box ends before it begins (naming it; boxes that the device computes are not checked), the shapes differ
 * or an option is out of its range; TypeError when an argument is of the wrong kind
 * @example
 * import { ciou } from "@downhill/losses";
 * import { tensor } from "@downhill/tensor";
 * await ciou(tensor([[0, 0, 2, 2]]), [[1, 1, 3, 4]]).item(); // => 1.019165
 * @category Detection
 * @reference Zheng et al. (2020), Distance-IoU Loss, https://arxiv.org/abs/1911.08287; torchvision 0.28, complete_box_iou_loss,
 * https://docs.pytorch.org/vision/stable/generated/torchvision.ops.complete_box_iou_loss.html
 */
export function ciou(prediction: Tensor, target: TensorLike, options: BoxOptions = {}): Tensor {
  return boxLoss("ciou", prediction, target, options, (p, t, eps) => {
    const { losses, iou } = distanceLoss(p, t, eps);
    const v = angleBetween(p, t)
      .square()
      .mul(4 / Math.PI ** 2);
    const alpha = v.div(v.add(1).sub(iou).add(eps)).detach();
    return losses.add(alpha.mul(v));
  });
}

/** atan(w_t / h_t) - atan(w_p / h_p): the angle between the diagonals, as eight times that whose tangent is small. */
function angleBetween(p: Boxes, t: Boxes): Tensor {
  const cross = t.width.mul(p.height).sub(p.width.mul(t.height));
  const dot = t.width.mul(p.width).add(t.height.mul(p.height));
  const lengths = diagonal(p).mul(diagonal(t)).add(dot);
  // Tangents of a half, a fourth and an eighth of the angle, which is at most a right one.
  const half = cross.div(where(lengths.equal(0), 1, lengths));
  const tangent = halved(halved(half));
  // Below tan(π/16) these terms of the series leave an error of 1e-11.
  const square = tangent.square();
  let series = square.mul(-1 / 15).add(1 / 13);
  for (const odd of [11, 9, 7, 5, 3, 1]) series = series.mul(square).add((odd % 4 === 1 ? 1 : -1) / odd);
  return series.mul(tangent).mul(8);
}

function halved(tangent: Tensor): Tensor {
  return tangent.div(tangent.square().add(1).sqrt().add(1));
}

/** Its gradient is 0 for a point, where that of a square root is infinite. */
function diagonal({ width, height }: Boxes): Tensor {
  const square = width.square().add(height.square());
  const point = square.equal(0);
  return where(point, 0, where(point, 1, square).sqrt());
}
