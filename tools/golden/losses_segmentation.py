"""Golden values and gradients of the losses of segmentation."""

import torch
import torch.nn.functional as F

from golden import seeded
from loss_rows import Rows, reduce
from reference import agree, reference

rows = Rows()


def pixels(p, t, mode, axis, from_logits, ignore_index, mask):
    """Probabilities, targets and which pixels count, as [images, classes, pixels]."""
    images = p.shape[0]
    if mode == "binary":
        x, y = p.flatten(1)[:, None], t.flatten(1)[:, None]
        x = torch.sigmoid(x) if from_logits else x
        counts = torch.ones(x.shape) if mask is None else torch.tensor(mask).reshape(x.shape)
        return x, y.to(torch.float64), counts
    p = p.movedim(axis, 1)
    classes = p.shape[1]
    x = p.flatten(2)
    if from_logits:
        x = torch.softmax(x, 1) if mode == "multiclass" else torch.sigmoid(x)
    counts = torch.ones(images, 1, x.shape[2]) if mask is None else torch.tensor(mask).flatten(1)[:, None]
    if t.is_floating_point():
        return x, t.movedim(axis, 1).flatten(2), counts
    labels = t.flatten(1)
    kept = labels != ignore_index
    y = F.one_hot(torch.where(kept, labels, 0), classes).movedim(2, 1).to(torch.float64)
    return x, y, counts * kept[:, None]


def class_mean(each, present, absent, weight):
    weights = torch.ones(each.shape[-1]) if weight is None else torch.tensor(weight)
    each = each if absent == "count" else torch.where(present, each, 0.0)
    weights = weights * present if absent == "ignore" else weights.expand(each.shape)
    total = weights.sum(-1)
    return (each * weights).sum(-1) / torch.where(total == 0, 1.0, total)


def overlap(index):
    def formula(p, t, mode=None, axis=1, from_logits=True, ignore_index=-100, mask=None, per_image=False, absent="zero", weight=None,
                smooth=0.0, eps=1e-7, reduction="mean", sample_weight=None, **own):
        mode = mode or ("binary" if p.shape == t.shape else "multiclass")
        x, y, counts = pixels(p, t, mode, axis, from_logits, ignore_index, mask)
        if sample_weight is not None and not per_image:
            counts = counts * torch.tensor(sample_weight)[:, None, None]
        over = (2,) if per_image else (0, 2)
        shared, predicted, wanted = (x * y * counts).sum(over), (x * counts).sum(over), (y * counts).sum(over)
        each = index(shared, predicted, wanted, smooth, eps, **own)
        losses = class_mean(each, wanted > 0, absent, weight)
        return reduce(losses, reduction, sample_weight) if per_image else losses

    return formula


def ratio(top, bottom, smooth, eps):
    return 1 - (top + smooth) / (bottom + smooth).clamp(min=eps)


def tversky_index(shared, predicted, wanted, smooth, eps, alpha=0.5, beta=0.5):
    return ratio(shared, shared + alpha * (predicted - shared) + beta * (wanted - shared), smooth, eps)


def focal_tversky_index(shared, predicted, wanted, smooth, eps, alpha=0.3, beta=0.7, gamma=0.75):
    each = tversky_index(shared, predicted, wanted, smooth, eps, alpha, beta)
    return torch.where(each > 0, torch.where(each > 0, each, 1.0) ** gamma, 0.0)


losses = {
    "dice": overlap(lambda i, p, t, smooth, eps: ratio(2 * i, p + t, smooth, eps)),
    "jaccard": overlap(lambda i, p, t, smooth, eps: ratio(i, p + t - i, smooth, eps)),
    "tversky": overlap(tversky_index),
    "focalTversky": overlap(focal_tversky_index),
}


def generalized_dice(p, t, mode=None, axis=1, from_logits=True, ignore_index=-100, mask=None, per_image=False, absent="count",
                     weight_type="square", smooth=0.0, eps=1e-7, reduction="mean", sample_weight=None):
    mode = mode or ("binary" if p.shape == t.shape else "multiclass")
    x, y, counts = pixels(p, t, mode, axis, from_logits, ignore_index, mask)
    if sample_weight is not None and not per_image:
        counts = counts * torch.tensor(sample_weight)[:, None, None]
    over = (2,) if per_image else (0, 2)
    shared, predicted, wanted = (x * y * counts).sum(over), (x * counts).sum(over), (y * counts).sum(over)
    present = wanted > 0
    power = {"square": 2, "simple": 1, "uniform": 0}[weight_type]
    weights = torch.where(present, torch.where(present, wanted, 1.0) ** -power, 0.0)
    largest = weights.max(-1, keepdim=True).values
    weights = torch.where(largest > 0, weights / torch.where(largest > 0, largest, 1.0), weights)
    if absent == "count":
        weights = torch.where(present, weights, 1.0)
    each = ratio((2 * shared * weights).sum(-1), ((predicted + wanted) * weights).sum(-1), smooth, eps)
    each = each if absent == "count" else torch.where(present.any(-1), each, 0.0)
    return reduce(each, reduction, sample_weight) if per_image else each


losses["generalizedDice"] = generalized_dice


# Lovász: by the definition of the extension, with the Jaccard loss of the first k pixels.
def extension(errors, targets):
    if errors.numel() == 0:
        return errors.sum()
    order = torch.argsort(errors, descending=True, stable=True)
    hit, total = targets[order], targets.sum()
    k = torch.arange(1, len(hit) + 1)
    wrong = torch.cumsum(1 - hit, 0)
    jaccard = 1 - (total - (k - wrong)) / (total + wrong)
    growth = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
    return (torch.relu(errors[order]) * growth).sum()


def lovasz_hinge(p, t, mask=None, per_image=False, reduction="mean", sample_weight=None):
    counts = torch.ones(p.shape) if mask is None else torch.tensor(mask)
    one = lambda x, y, c: extension((1 - x * (2 * y - 1))[c != 0], y[c != 0])
    if not per_image:
        return one(p, t, counts)
    each = [one(*three) for three in zip(p, t, counts)]
    return reduce(torch.stack(each), reduction, sample_weight)


def lovasz_softmax(p, t, axis=1, from_logits=True, ignore_index=-100, mask=None, per_image=False, absent="ignore", weight=None,
                   reduction="mean", sample_weight=None):
    x, y, counts = pixels(p, t, "multiclass", axis, from_logits, ignore_index, mask)

    def one(x, y, c):  # each [classes, pixels]
        c = c[0] != 0
        each = torch.stack([extension((b - a).abs()[c], b[c]) for a, b in zip(x, y)])
        return class_mean(each, y[:, c].sum(-1) > 0, absent, weight)

    if not per_image:
        return one(x.movedim(0, 1).flatten(1), y.movedim(0, 1).flatten(1), counts.movedim(0, 1).flatten(1))
    return reduce(torch.stack([one(*three) for three in zip(x, y, counts)]), reduction, sample_weight)


draw = seeded(14)
logits, labels = draw(2, 3, 2, 4, scale=3.0), torch.tensor([[[0, 1, 2, 1], [0, 0, 2, 1]], [[1, 1, 0, 0], [0, 1, 1, 0]]])  # no 2 in the second
holes = torch.where(torch.tensor([[[0, 1, 0, 0], [0, 0, 1, 0]], [[0] * 4, [1, 0, 0, 0]]]) == 1, -100, labels)
masked = [[[1.0, 0, 1, 1], [1, 1, 0, 1]], [[0.0] * 4, [0.0] * 4]]
plane, mask_target = draw(3, 2, 3), (draw(3, 2, 3) > 0).to(torch.float64)
empty_target = mask_target.clone()
empty_target[1] = 0
extreme = torch.tensor([[1e4, -1e4, 1e4, -1e4], [-1e4, -1e4, 1e4, 0.0]])
extreme_target = torch.tensor([[1.0, 0, 0, 1], [0, 0, 1, 1]])

for name, formula in losses.items():
    add = lambda *arguments, **options: rows.add(name, formula, *arguments, **options)
    add(plane, mask_target)
    for reduction in ["none", "mean", "sum"]:
        for per_image in [False, True]:
            add(plane, empty_target, reduction=reduction, per_image=per_image)
            add(logits, labels, reduction=reduction, per_image=per_image, sample_weight=[2.0, 0.5])
    for absent in ["ignore", "count"] if name == "generalizedDice" else ["zero", "ignore", "count"]:
        for smooth in [0.0, 1.0]:
            add(logits, labels, per_image=True, reduction="none", absent=absent, smooth=smooth)
        add(plane, torch.zeros(3, 2, 3), absent=absent, smooth=0.5)
        add(logits, labels, mask=masked, absent=absent, smooth=0.25, per_image=True, reduction="none")
    if name != "generalizedDice":
        add(logits, labels, weight=[0.0, 1.0, 2.0])
        add(logits, labels, weight=[0.0, 1.0, 2.0], absent="ignore", per_image=True, reduction="none")
    add(logits, holes)
    add(logits, labels, mask=masked, ignore_index=1)
    add(logits, (logits > 0).to(torch.float64), mode="multilabel")
    add(logits.movedim(1, 3), (draw(2, 2, 4, 3) > 0).to(torch.float64), mode="multilabel", axis=3, per_image=True, reduction="none")
    add(logits.movedim(1, 3), labels, axis=-1)
    add(logits, torch.softmax(draw(2, 3, 2, 4), 1), mode="multiclass", smooth=2.0, eps=0.5)
    add(torch.sigmoid(plane * 64).mul(1024).round() / 1024, mask_target, from_logits=False)
    add(extreme, extreme_target, per_image=True, reduction="none")
    add(torch.tensor([[[1e4, -1e4], [-1e4, 1e4]]]), torch.tensor([[0, 1]]))  # nothing wrong
    add(torch.zeros(2, 3), torch.tensor([[1.0, 0, 1], [0, 0, 1]]))
    add(torch.zeros(0, 3, 2), torch.zeros((0, 2), dtype=torch.int64), absent="ignore")
    add(plane, mask_target, mask=[[[0.0] * 3] * 2] * 3, absent="ignore")
for name, own in [("tversky", {"alpha": 0.2, "beta": 0.9}), ("focalTversky", {"alpha": 0.6, "beta": 0.4, "gamma": 2.0})]:
    rows.add(name, losses[name], logits, labels, **own)
    rows.add(name, losses[name], plane, mask_target, per_image=True, reduction="none", **own)
for kind in ["simple", "uniform"]:
    for absent in ["count", "ignore"]:
        rows.add("generalizedDice", generalized_dice, logits, labels, per_image=True, reduction="none", weight_type=kind, absent=absent)

add = lambda *arguments, **options: rows.add("lovaszHinge", lovasz_hinge, *arguments, **options)
add(plane, mask_target)
for reduction in ["none", "mean", "sum"]:
    add(plane, empty_target, reduction=reduction)
    add(plane, empty_target, reduction=reduction, per_image=True)
    add(plane, empty_target, reduction=reduction, per_image=True, sample_weight=[1.0, 2.0, 0.0])
add(plane, mask_target, mask=[[[1.0, 0, 1], [1, 1, 0]], [[0.0] * 3] * 2, [[1.0] * 3] * 2], per_image=True, reduction="none")
add(plane, mask_target, mask=[[[1.0, 0, 1], [1, 1, 0]], [[0.0] * 3] * 2, [[1.0] * 3] * 2])
add(plane, torch.zeros(3, 2, 3))
add(plane, torch.ones(3, 2, 3))
add(torch.tensor([1e4, -1e4, 5e3, -3e3]), torch.tensor([0.0, 0, 1, 1]))
add(torch.zeros(2, 0), torch.zeros(2, 0))

add = lambda *arguments, **options: rows.add("lovaszSoftmax", lovasz_softmax, *arguments, **options)
add(logits, labels)
for reduction in ["none", "mean", "sum"]:
    add(logits, labels, reduction=reduction, per_image=True)
    add(logits, labels, reduction=reduction, per_image=True, sample_weight=[1.0, 3.0])
for absent in ["zero", "ignore", "count"]:
    add(logits, labels, per_image=True, reduction="none", absent=absent, weight=[1.0, 0.5, 2.0])
    add(logits, torch.where(labels == 2, 1, labels), absent=absent)
add(logits, holes)
add(logits, holes, mask=masked, per_image=True, reduction="none")
add(logits.movedim(1, 3), labels, axis=-1)
add(torch.softmax(logits, 1).mul(1024).round() / 1024, labels, from_logits=False)
add(logits, (torch.arange(3)[:, None, None] == labels[:, None]).to(torch.float64))
add(torch.tensor([[[1e4, -1e4, 5e3], [-1e4, 1e4, 0.0]]]), torch.tensor([[0, 0, 1]]))
add(torch.zeros(0, 3, 2), torch.zeros((0, 2), dtype=torch.int64))


# Published code.
def compare(label, ours, theirs, x, dtype=torch.float64):
    relative = 1e-9 if dtype == torch.float64 else 2e-5
    a, b = x.clone().requires_grad_(), x.clone().to(dtype).requires_grad_()
    value, expected = ours(a), theirs(b)
    agree(label, value, expected, relative)
    value.backward()
    expected.backward()
    agree(f"gradient of {label}", a.grad, b.grad, relative)


# From the folder of the package: as a whole it imports what its losses do not need.
smp = "segmentation_models_pytorch"
for name, published, own in [("dice", "DiceLoss", {}), ("jaccard", "JaccardLoss", {}), ("tversky", "TverskyLoss", {"alpha": 0.2, "beta": 0.9})]:
    found = reference("segmentation_models.pytorch", f"losses.{name}", published, smp)
    if found is not None:
        formula = losses[name]
        compare(name, lambda x: formula(x, labels, **own), lambda x: found("multiclass", **own)(x, labels), logits)
        compare(name, lambda x: formula(x, holes, **own), lambda x: found("multiclass", ignore_index=-100, **own)(x, holes), logits)
        compare(name, lambda x: formula(x, empty_target, **own), lambda x: found("binary", **own)(x, empty_target), plane)
lovasz = [reference("LovaszSoftmax", "lovasz_losses", name, "pytorch") for name in ["lovasz_hinge", "lovasz_softmax"]]
if None not in lovasz:
    hinge, softmax = lovasz
    single = torch.float32  # as the authors' code computes
    for per_image in [False, True]:
        options = {"per_image": per_image}
        compare("lovaszHinge", lambda x: lovasz_hinge(x, empty_target, **options), lambda x: hinge(x, empty_target, **options), plane, single)
        for classes, absent in [("present", "ignore"), ("all", "count")]:
            ours = lambda x: lovasz_softmax(x, labels, absent=absent, **options)
            compare("lovaszSoftmax", ours, lambda x: softmax(torch.softmax(x, 1), labels, classes=classes, **options), logits, single)

rows.write("segmentation")
