"""Golden values and gradients of the losses of object detection."""

import math

import torch

from golden import seeded
from loss_rows import Rows, reduce
from reference import agree

try:
    from torchvision import ops
except ImportError:
    ops = None
    print("NOT CHECKED against torchvision.ops: apt-get install python3-torchvision")

rows = Rows()
draw = seeded(12)


def corners(boxes, box_format):
    if box_format == "xyxy":
        return boxes.unbind(-1)
    cx, cy, w, h = boxes.unbind(-1)
    return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2


def iou_loss(kind):
    def formula(p, t, format="xyxy", eps=1e-7, reduction="mean", sample_weight=None):
        px1, py1, px2, py2 = corners(p, format)
        tx1, ty1, tx2, ty2 = corners(t, format)
        inner = torch.relu(torch.minimum(px2, tx2) - torch.maximum(px1, tx1))
        shared = inner * torch.relu(torch.minimum(py2, ty2) - torch.maximum(py1, ty1))
        (pw, ph), (tw, th) = (px2 - px1, py2 - py1), (tx2 - tx1, ty2 - ty1)
        union = pw * ph + tw * th - shared
        iou = shared / (union + eps)
        cw = torch.maximum(px2, tx2) - torch.minimum(px1, tx1)
        ch = torch.maximum(py2, ty2) - torch.minimum(py1, ty1)
        each = 1 - iou
        if kind == "giou":
            each = each + (cw * ch - union) / (cw * ch + eps)
        if kind in ("diou", "ciou"):
            centres = ((px1 + px2 - tx1 - tx2) / 2) ** 2 + ((py1 + py2 - ty1 - ty2) / 2) ** 2
            each = each + centres / (cw**2 + ch**2 + eps)
        if kind == "ciou":
            v = 4 / math.pi**2 * (torch.atan(tw / th) - torch.atan(pw / ph)) ** 2
            each = each + (v / (1 - iou + v + eps)).detach() * v
        return reduce(each, reduction, sample_weight)

    return formula


published = {
    "giou": "generalized_box_iou_loss",
    "diou": "distance_box_iou_loss",
    "ciou": "complete_box_iou_loss",
}


def boxes(*shape):
    """Boxes of a width and height of at least 1/64, as corners."""
    first, size = draw(*shape, 2, scale=3.0), draw(*shape, 2).abs() + 1 / 64
    return torch.cat([first, first + size], -1)


def centred(each):
    return torch.cat([(each[..., :2] + each[..., 2:]) / 2, each[..., 2:] - each[..., :2]], -1)


for name in ["boxIou", "giou", "diou", "ciou"]:
    draw = seeded(12)
    formula = iou_loss(name)

    def add(p, t, **options):
        rows.add(name, formula, p, t, **options)
        if ops is None or name not in published or options.keys() - {"reduction"}:
            return
        theirs, ours = p.clone().requires_grad_(), p.clone().requires_grad_()
        expected = getattr(ops, published[name])(theirs, t, reduction=options.get("reduction", "mean"))
        value = formula(ours, t, **options)
        agree(name, value, expected)
        expected.sum().backward()
        value.sum().backward()
        agree(f"gradient of {name}", ours.grad, theirs.grad)

    p, t = boxes(6), boxes(6)
    add(centred(p), centred(t), format="cxcywh")
    add(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 1.0, 3.0, 4.0]]))
    for reduction in ["none", "mean", "sum"]:
        add(p, t, reduction=reduction)
        add(p, t, reduction=reduction, sample_weight=[1.0, 2.0, 0.0, 0.5, 1.0, 3.0])
    add(p, t, eps=0.5, reduction="none")
    add(boxes(2, 3), boxes(2, 3), reduction="none")
    add(boxes(2, 3), boxes(2, 3), sample_weight=[1.0, 3.0])
    add(boxes(1)[0], boxes(1)[0])  # one box
    # Apart, one in the other, of very different proportions.
    add(torch.tensor([[0.0, 0, 1, 1], [-1, -1, 2, 3], [0, 0, 10, 0.5]]), torch.tensor([[4.0, 5, 6, 8], [0, 0, 1, 1], [3, 0, 4, 9]]))
    add(torch.tensor([[-1e4, -1e4, 1e4, 1e4], [9e3, 9e3, 1e4, 1e4]]), torch.tensor([[-1e4, 0, 5e3, 1e4], [-1e4, -1e4, -9e3, 0]]), reduction="none")
    add(torch.tensor([[0.0, 0, 2, 1], [1, 1, 3, 4]]), torch.tensor([[0.0, 0, 2, 1], [1, 1, 3, 4]]), reduction="sum")  # the same
    add(torch.tensor([[0.0, 0, 2, 1]]), torch.tensor([[2.0, 0, 3, 1]]))  # touching
    add(torch.zeros(0, 4), torch.zeros(0, 4))

# Boxes, classes and objectness of matched places, by the number of objects. `box_loss` and `class_loss` name what the test passes.
F = torch.nn.functional


def detection(boxes, classes, objectness, box_target, class_target, goal, weights=None, box_loss="giou", class_loss="binary",
              no_objectness=False, mask=None, sample_weight=None, reduction="mean"):
    weights = {"boxes": 1.0, "classes": 1.0, "objectness": 1.0} | (weights or {})
    found = goal > 0
    one_hot = class_target if class_target.dim() == classes.dim() else F.one_hot(class_target.clamp(min=0), classes.shape[-1])
    one_hot = torch.where(found[..., None], one_hot.to(torch.float64), 0.0)
    box_target = torch.where(found[..., None], box_target, 0.0)
    if box_loss == "huber":
        of_boxes = F.huber_loss(boxes, box_target, reduction="none").sum(-1)
    else:
        of_boxes = iou_loss("giou")(boxes, box_target, format=box_loss.replace("giou", "") or "xyxy", reduction="none")
    if class_loss == "softmax":
        of_classes = -(one_hot * torch.log_softmax(classes, -1)).sum(-1)
    else:
        of_classes = F.binary_cross_entropy_with_logits(classes, one_hot, reduction="none").sum(-1)
    of_objects = F.binary_cross_entropy_with_logits(objectness, goal, reduction="none")
    if no_objectness:
        each = weights["classes"] * of_classes
    else:
        each = weights["classes"] * torch.where(found, of_classes, 0.0) + weights["objectness"] * of_objects
    each = each + weights["boxes"] * torch.where(found, of_boxes, 0.0)
    factor = torch.ones_like(goal)
    if sample_weight is not None:
        weight = torch.tensor(sample_weight)
        factor = weight.reshape(weight.shape + (1,) * (goal.dim() - weight.dim())).expand(goal.shape)
    if mask is not None:
        factor = factor * torch.tensor(mask)
    each = each * factor
    count = float((factor * found).sum())
    return each if reduction == "none" else each.sum() / (count or 1) if reduction == "mean" else each.sum()


draw = seeded(13)
arguments = [centred(boxes(2, 3)), draw(2, 3, 4), draw(2, 3), centred(boxes(2, 3)), torch.tensor([[1, 3, -1], [-1, -1, 0]])]
goal = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
soft = torch.softmax(draw(2, 3, 4), -1)
add = lambda *each, **options: rows.add("detection", detection, *each, wrt=(0, 1, 2) if not options.get("no_objectness") else (0, 1), **options)
centre = {"box_loss": "giou" + "cxcywh"}
for reduction in ["none", "mean", "sum"]:
    add(*arguments, goal, reduction=reduction, **centre)
    add(*arguments, goal, reduction=reduction, weights={"boxes": 2.0, "classes": 0.5}, sample_weight=[1.0, 3.0], **centre)
    add(*arguments, goal, reduction=reduction, mask=[[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], **centre)
add(*arguments[:4], soft, torch.tensor([[0.5, 1.0, 0.0], [0.0, 0.0, 0.75]]), **centre)  # soft targets
add(*arguments, goal, class_loss="softmax", **centre)
add(*arguments, goal, no_objectness=True, **centre)
add(*arguments, goal, box_loss="huber", sample_weight=[[1.0, 2.0, 0.0], [1.0, 1.0, 0.5]])
add(*arguments, torch.zeros(2, 3), **centre)  # background only
add(*arguments, goal, mask=[[0.0] * 3] * 2, **centre)  # nothing counts
x1, y1 = boxes(3), boxes(3)
add(x1 * 1e3, 1e4 * torch.eye(3), torch.tensor([1e4, -1e4, 1e4]), y1 * 1e3, torch.tensor([0, 2, 1]), torch.tensor([1.0, 1.0, 0.0]), reduction="none")

rows.write("detection")
