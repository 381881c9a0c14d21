import type { Tensor, TensorLike } from "@downhill/tensor";
import { hostValues, inRange, tensor, where } from "@downhill/tensor";
import type { BoxFormat, BoxOptions } from "../detection/box-options.js";
import { checkChoice } from "./choice.js";
import { pairOf, reduced } from "./elementwise.js";
import { checkOptions } from "./options.js";
import { show } from "./weights.js";

/** Boxes by their parts, one number per box each. */
export interface Boxes {
  readonly x1: Tensor;
  readonly y1: Tensor;
  readonly x2: Tensor;
  readonly y2: Tensor;
  readonly width: Tensor;
  readonly height: Tensor;
}

/** A loss between boxes and the boxes that they were matched to. */
export function boxLoss(
  fn: string,
  prediction: Tensor,
  target: TensorLike,
  options: BoxOptions,
  formula: (p: Boxes, t: Boxes, eps: number) => Tensor,
): Tensor {
  const reduction = checkOptions(fn, options, ["format", "eps"]);
  const { format = "xyxy", eps = 1e-7 } = options;
  checkChoice(fn, "format", format, ["xyxy", "cxcywh"]);
  inRange(fn, "eps", eps, 0, Number.POSITIVE_INFINITY, "low");
  const [p, t] = pairOf(fn, prediction, target);
  if (p.shape.at(-1) !== 4)
    throw new RangeError(`${fn}: "prediction" expected boxes of shape [..., 4], got ${show(p.shape)}`);
  checkBoxes(fn, "prediction", p, format);
  checkBoxes(fn, "target", t, format);
  const columns = [0, 1, 2, 3].map((place) => tensor([0, 1, 2, 3].map((i) => i === place)));
  return reduced(fn, formula(parts(p, format, columns), parts(t, format, columns), eps), reduction, options);
}

// Values never change once they are in a tensor: one look at each is enough.
const seen = { xyxy: new WeakSet<object>(), cxcywh: new WeakSet<object>() };

/** Throws for a box that ends before it begins, where JavaScript knows it. */
function checkBoxes(fn: string, name: string, boxes: Tensor, format: BoxFormat): void {
  const host = hostValues(boxes);
  if (host === null || seen[format].has(host)) return;
  for (let i = 0; i < host.length; i += 4) {
    const [a, b, c, d] = host.slice(i, i + 4) as unknown as [number, number, number, number];
    if (format === "xyxy" ? c >= a && d >= b : c >= 0 && d >= 0) continue;
    const [wanted, fix] =
      format === "xyxy"
        ? ["boxes [x1, y1, x2, y2] with x2 >= x1 and y2 >= y1", 'for centre and size set format: "cxcywh"']
        : ["boxes [cx, cy, width, height] with width >= 0 and height >= 0", 'for two corners set format: "xyxy"'];
    throw new RangeError(
      `${fn}: "${name}" expected ${wanted}, got [${a}, ${b}, ${c}, ${d}] at position ${i / 4}; ${fix}`,
    );
  }
  seen[format].add(host);
}

/** Columns are taken as sums along the rows, which are part of the kernel of the loss: a slice is not. */
function parts(boxes: Tensor, format: BoxFormat, columns: readonly Tensor[]): Boxes {
  const four = columns.map((here) => where(here, boxes, 0).sum({ axis: -1 }));
  const [a, b, c, d] = four as [Tensor, Tensor, Tensor, Tensor];
  if (format === "xyxy") return { x1: a, y1: b, x2: c, y2: d, width: c.sub(a), height: d.sub(b) };
  const [left, up] = [c.mul(0.5), d.mul(0.5)];
  return { x1: a.sub(left), y1: b.sub(up), x2: a.add(left), y2: b.add(up), width: c, height: d };
}

/** Area of both boxes together, and the share of it that they have in common. */
export function overlap(p: Boxes, t: Boxes, eps: number): { union: Tensor; iou: Tensor } {
  const width = p.x2.minimum(t.x2).sub(p.x1.maximum(t.x1)).relu();
  const height = p.y2.minimum(t.y2).sub(p.y1.maximum(t.y1)).relu();
  const shared = width.mul(height);
  const union = p.width.mul(p.height).add(t.width.mul(t.height)).sub(shared);
  return { union, iou: shared.div(union.add(eps)) };
}

/** Extents of the smallest box around two. */
export function hull(p: Boxes, t: Boxes): { width: Tensor; height: Tensor } {
  return {
    width: p.x2.maximum(t.x2).sub(p.x1.minimum(t.x1)),
    height: p.y2.maximum(t.y2).sub(p.y1.minimum(t.y1)),
  };
}

/** 1 - IoU + squared distance of the centres over the squared diagonal of the hull; and the IoU. */
export function distanceLoss(p: Boxes, t: Boxes, eps: number): { losses: Tensor; iou: Tensor } {
  const { iou } = overlap(p, t, eps);
  const { width, height } = hull(p, t);
  const dx = p.x1.add(p.x2).sub(t.x1.add(t.x2)).mul(0.5);
  const dy = p.y1.add(p.y2).sub(t.y1.add(t.y2)).mul(0.5);
  const distance = dx.square().add(dy.square()).div(width.square().add(height.square()).add(eps));
  return { losses: distance.add(1).sub(iou), iou };
}
