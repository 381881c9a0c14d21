"""Golden values and gradients of the classification losses."""

import torch
import torch.nn.functional as F

import torchvision.ops

from golden import seeded
from loss_rows import Rows, reduce
from reference import agree

rows = Rows()


def weighted(each, reduction="mean", sample_weight=None):
    """One loss per element or example, weighted from the front and reduced; the mean of nothing is 0."""
    if sample_weight is None:
        return reduce(each, reduction)
    weight = torch.as_tensor(sample_weight, dtype=torch.float64)
    weight = weight.reshape(weight.shape + (1,) * (each.dim() - weight.dim())).expand(each.shape)
    each = torch.where(weight == 0, torch.zeros_like(each), each * weight)
    if reduction == "mean":
        return each.sum() / (weight.sum() if weight.sum() > 0 else 1)
    return reduce(each, reduction)


# Cross entropy. `axis` counts in our layout (default: last); PyTorch's class axis is 1.
def cross_entropy(x, y, **options):
    def formula(p, t, axis=None, weight=None, **keys):
        a = p.dim() - 1 if axis is None else axis
        p = p.movedim(a, 1) if p.dim() > 1 else p
        if t.is_floating_point() and t.dim() > 1:
            t = t.movedim(a, 1)
        return F.cross_entropy(p, t, weight=None if weight is None else torch.tensor(weight), **keys)

    rows.add("crossEntropy", formula, x, y, **options)


x, y = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, 0.3]]), torch.tensor([0, 2])
draw = seeded(2)
logits, labels = draw(5, 4, scale=3.0), torch.tensor([3, 0, 2, 1, 0])
holes = torch.tensor([3, -100, 2, 1, -100])
class_weight = [0.5, 2.0, 1.0, 0.25]
probabilities = torch.softmax(draw(5, 4), 1)
one_hot = F.one_hot(labels, 4).to(torch.float64)

cross_entropy(x, y)
cross_entropy(x, y, label_smoothing=0.1)
cross_entropy(x, y, weight=[1.0, 2.0, 3.0])
for reduction in ["none", "mean", "sum"]:
    cross_entropy(logits, labels, reduction=reduction)
    cross_entropy(logits, holes, reduction=reduction)
    cross_entropy(logits, labels, weight=class_weight, reduction=reduction)
    cross_entropy(logits, holes, weight=class_weight, label_smoothing=0.1, reduction=reduction)
    cross_entropy(logits, probabilities, reduction=reduction)
    cross_entropy(logits, probabilities, weight=class_weight, label_smoothing=0.1, reduction=reduction)
cross_entropy(logits, labels, label_smoothing=0.1)
cross_entropy(logits, labels, weight=class_weight, label_smoothing=0.1)
cross_entropy(logits, torch.tensor([3, 1, 2, 1, 0]), ignore_index=1)
cross_entropy(logits, torch.tensor([3, 1, 2, 1, 0]), ignore_index=1, weight=class_weight, label_smoothing=0.25)
cross_entropy(logits, labels, label_smoothing=1.0)
cross_entropy(logits, labels, weight=[1.0, 0.0, 1.0, 1.0], reduction="none")
cross_entropy(logits, probabilities, label_smoothing=0.1)
cross_entropy(logits, probabilities, weight=class_weight)
cross_entropy(logits, one_hot)
# All ignored: PyTorch's mean is NaN, so only the reductions on which we agree.
cross_entropy(logits, torch.full((5,), -100), reduction="sum")
cross_entropy(logits, torch.full((5,), -100), reduction="none")
cross_entropy(torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]]), torch.tensor([1, 2]))
cross_entropy(torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]]), torch.tensor([0, 1]), reduction="none")
cross_entropy(torch.tensor([[100.0, -100.0]]), torch.tensor([1]), label_smoothing=0.1)
middle, middle_labels = draw(2, 3, 4, scale=3.0), torch.tensor([[0, 2, 1, 1], [2, -100, 0, 1]])
cross_entropy(middle, middle_labels, axis=1)
cross_entropy(middle, middle_labels, axis=1, reduction="none")
cross_entropy(middle, middle_labels, axis=1, weight=[1.0, 2.0, 0.5], label_smoothing=0.1)
cross_entropy(middle, torch.softmax(draw(2, 3, 4), 1), axis=1)
last_labels = torch.tensor([[0, 2, -100], [3, 1, 0]])
cross_entropy(middle.reshape(2, 3, 4), last_labels)
cross_entropy(middle.reshape(2, 3, 4), torch.softmax(draw(2, 3, 4), 2), weight=class_weight)


# Binary cross entropy on probabilities: PyTorch bounds each log below by -100.
def binary(name, function, p, t, **options):
    def formula(a, b, weight=None, pos_weight=None, **keys):
        keys |= {} if pos_weight is None else {"pos_weight": torch.tensor(pos_weight)}
        return function(a, b, weight=None if weight is None else torch.tensor(weight), **keys)

    rows.add(name, formula, p, t, **options)


bce = lambda *args, **keys: binary("binaryCrossEntropy", F.binary_cross_entropy, *args, **keys)
draw = seeded(3)
p = torch.sigmoid(draw(3, 2))
p = (p * 256).round() / 256
t = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.25, 0.5]])
for reduction in ["none", "mean", "sum"]:
    bce(p, t, reduction=reduction)
bce(p, t, weight=[[1.0, 2.0], [0.5, 0.0], [3.0, 1.0]])
bce(p, t, weight=[0.5, 2.0])
bce(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0]), reduction="none")
bce(torch.tensor([0.0, 1.0, 0.5]), torch.tensor([1.0, 0.0, 1.0]), reduction="none")
bce(torch.tensor([0.0]), torch.tensor([1.0]))

bce_logits = lambda *args, **keys: binary(
    "binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits, *args, **keys
)
z, b = torch.tensor([1.5, -0.5]), torch.tensor([1.0, 0.0])
bce_logits(z, b)
bce_logits(z, b, pos_weight=[3.0])
z, b = draw(3, 2, scale=4.0), t
for reduction in ["none", "mean", "sum"]:
    bce_logits(z, b, reduction=reduction)
bce_logits(z, b, pos_weight=[3.0, 0.5])
bce_logits(z, b, weight=[[1.0, 2.0], [0.5, 0.0], [3.0, 1.0]])
bce_logits(z, b, weight=[0.5, 2.0], pos_weight=[3.0, 0.5])
extreme = torch.tensor([100.0, -100.0, 1e4, -1e4, 0.0])
bce_logits(extreme, torch.tensor([1.0, 0.0, 1.0, 0.0, 1.0]), reduction="none")
bce_logits(extreme, torch.tensor([0.0, 1.0, 0.0, 1.0, 0.0]), reduction="none")
bce_logits(extreme, torch.tensor([0.5, 0.5, 0.0, 1.0, 0.5]), pos_weight=[2.0], reduction="mean")


# Focal: torchvision's, with our defaults for the reduction and in a form that stays finite.
def focal(x, t, alpha=0.25, gamma=2.0, **options):
    entropy = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    wrong = t * torch.sigmoid(-x) + (1 - t) * torch.sigmoid(x)
    # 0^y with y < 1 has an infinite slope in PyTorch; what it is multiplied by is 0 there.
    each = entropy if gamma == 0 else torch.where(wrong > 0, wrong, torch.ones_like(wrong)) ** gamma * (wrong > 0) * entropy
    if alpha >= 0:
        each = each * (t * alpha + (1 - t) * (1 - alpha))
    return weighted(each, **options)


z, b = draw(3, 2, scale=4.0), torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.25, 0.5]])
for keys in [{}, {"alpha": -1, "gamma": 0.0}, {"alpha": 0.6, "gamma": 1.0}, {"gamma": 0.5}, {"alpha": 1.0, "gamma": 3.5}]:
    rows.add("focal", focal, z, b, **keys)
    agree("focal", focal(z, b, reduction="none", **keys), torchvision.ops.sigmoid_focal_loss(z, b, **keys))
for reduction in ["none", "mean", "sum"]:
    rows.add("focal", focal, z, b, reduction=reduction)
    rows.add("focal", focal, z, b, gamma=1.5, sample_weight=[2.0, 0.0, 0.5], reduction=reduction)
for gamma in [0.0, 0.5, 1.0, 2.0, 3.0]:
    rows.add("focal", focal, extreme, torch.tensor([1.0, 0.0, 1.0, 0.0, 1.0]), gamma=gamma, reduction="none")
    rows.add("focal", focal, extreme, torch.tensor([0.0, 1.0, 0.0, 1.0, 0.5]), gamma=gamma, reduction="none")
rows.add("focal", focal, torch.zeros(2, 3), torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]]))  # all tied
rows.add("focal", focal, torch.tensor(0.75), torch.tensor(1.0))
rows.add("focal", focal, draw(2, 1, 2, 2), torch.tensor([[[[0.0, 1.0], [1.0, 0.0]]], [[[0.0, 0.0], [0.5, 1.0]]]]))
rows.add("focal", focal, torch.empty(0, 2), torch.empty(0, 2))
rows.add("focal", focal, z, b, sample_weight=[0.0, 0.0, 0.0])


# From their definitions, in PyTorch's operations.
def hinge(s, y, reduction="mean"):
    return reduce(torch.relu(1 - y * s), reduction)


s, y = torch.tensor([0.5, -1.5, 3.0, -0.25]), torch.tensor([1.0, 1.0, 1.0, -1.0])
for reduction in ["none", "mean", "sum"]:
    rows.add("hinge", hinge, s, y, reduction=reduction)
rows.add("hinge", hinge, torch.tensor([1.0, -1.0, 1e4]), torch.tensor([1.0, -1.0, -1.0]), reduction="none")  # slope 0 at the margin
rows.add("hinge", hinge, draw(2, 3), torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]))


# A measure.
def zero_one(prediction, target, reduction="mean"):
    wrong = prediction * target <= 0 if target.is_floating_point() else prediction.argmax(-1) != target
    return reduce(wrong.to(torch.float64), reduction)


for reduction in ["none", "mean", "sum"]:
    rows.add("zeroOne", zero_one, logits, labels, wrt=(), reduction=reduction)
rows.add("zeroOne", zero_one, s, y, wrt=())  # signed scores against +-1

rows.write("classification")
