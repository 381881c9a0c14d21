"""Golden values and gradients of the losses.

A row: {loss, prediction, target, targetDtype?, options, value, gradient}; `gradient` is that of the sum
of the output with respect to the prediction. marginRanking has `first` and `second` for its prediction
and two gradients, zeroOne has no gradient. Options carry the names that the package uses.
"""

import torch
import torch.nn.functional as F

from golden import seeded, write

rows = []


def reduce(each, reduction):
    return {"none": lambda: each, "mean": each.mean, "sum": each.sum}[reduction]()


def row(loss, formula, prediction, target, target_dtype=None, **options):
    prediction = torch.as_tensor(prediction, dtype=torch.float64).clone().requires_grad_()
    value = formula(prediction, target)
    value.sum().backward()
    entry = {"loss": loss, "prediction": prediction, "target": target}
    if target_dtype:
        entry["targetDtype"] = target_dtype
    rows.append({**entry, "options": options, "value": value, "gradient": prediction.grad})


def optional(name, value):
    return {} if value is None else {name: value}


# Elementwise regression losses, PyTorch's mean over all elements.
P, T = [0.5, -1.5, 3.0], torch.tensor([0.0, 1.0, 2.5])
draw = seeded(1)
matrix, matrix_target = draw(3, 4), draw(3, 4)
equal = torch.tensor([[0.25, -1.0], [4.0, 0.0]])
huge = torch.tensor([1e4, -1e4, 0.0])

for name, formula in [("meanSquaredError", F.mse_loss), ("meanAbsoluteError", F.l1_loss)]:
    for prediction, target, reduction in [
        (P, T, "mean"),
        (matrix, matrix_target, "mean"),
        (matrix, matrix_target, "none"),
        (matrix, matrix_target, "sum"),
        (equal, equal, "mean"),  # zero, with gradient zero: |e| has slope 0 at 0
        (huge, torch.zeros(3), "mean"),
    ]:
        options = {} if reduction == "mean" else {"reduction": reduction}
        row(name, lambda p, t, f=formula, r=reduction: f(p, t, reduction=r), prediction, target, **options)

for prediction, target, delta, reduction in [
    (P, T, None, "mean"),
    (P, T, 0.3, "mean"),
    (matrix, matrix_target, 0.3, "none"),
    (matrix, matrix_target, None, "sum"),
    (torch.tensor([1.0, -1.0, 0.0, 2.0, -0.5]), torch.zeros(5), None, "none"),  # |e| exactly delta
    (huge, torch.zeros(3), None, "mean"),
]:
    options = optional("delta", delta) | ({} if reduction == "mean" else {"reduction": reduction})
    row("huber", lambda p, t: F.huber_loss(p, t, reduction=reduction, delta=delta or 1.0), prediction, target, **options)


# Cross entropy. `axis` counts in our layout (default: last); PyTorch's class axis is 1.
def cross_entropy(x, y, weight=None, ignore=None, smoothing=None, reduction="mean", axis=None):
    def formula(p, t):
        a = p.dim() - 1 if axis is None else axis
        p = p.movedim(a, 1) if p.dim() > 1 else p
        if t.is_floating_point() and t.dim() > 1:
            t = t.movedim(a, 1)
        return F.cross_entropy(
            p,
            t,
            weight=None if weight is None else torch.tensor(weight),
            ignore_index=-100 if ignore is None else ignore,
            label_smoothing=smoothing or 0.0,
            reduction=reduction,
        )

    indices = not y.is_floating_point()
    options = optional("weight", weight) | optional("ignoreIndex", ignore) | optional("labelSmoothing", smoothing)
    options |= optional("axis", axis) | ({} if reduction == "mean" else {"reduction": reduction})
    row("crossEntropy", formula, x, y, "int32" if indices else None, **options)


x, y = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, 0.3]]), torch.tensor([0, 2])
draw = seeded(2)
logits, labels = draw(5, 4, scale=3.0), torch.tensor([3, 0, 2, 1, 0])
holes = torch.tensor([3, -100, 2, 1, -100])
class_weight = [0.5, 2.0, 1.0, 0.25]
probabilities = torch.softmax(draw(5, 4), 1)
one_hot = F.one_hot(labels, 4).to(torch.float64)

cross_entropy(x, y)
cross_entropy(x, y, smoothing=0.1)
cross_entropy(x, y, weight=[1.0, 2.0, 3.0])
for reduction in ["none", "mean", "sum"]:
    cross_entropy(logits, labels, reduction=reduction)
    cross_entropy(logits, holes, reduction=reduction)
    cross_entropy(logits, labels, weight=class_weight, reduction=reduction)
    cross_entropy(logits, holes, weight=class_weight, smoothing=0.1, reduction=reduction)
    cross_entropy(logits, probabilities, reduction=reduction)
    cross_entropy(logits, probabilities, weight=class_weight, smoothing=0.1, reduction=reduction)
cross_entropy(logits, labels, smoothing=0.1)
cross_entropy(logits, labels, weight=class_weight, smoothing=0.1)
cross_entropy(logits, torch.tensor([3, 1, 2, 1, 0]), ignore=1)
cross_entropy(logits, torch.tensor([3, 1, 2, 1, 0]), ignore=1, weight=class_weight, smoothing=0.25)
cross_entropy(logits, labels, smoothing=1.0)
cross_entropy(logits, labels, weight=[1.0, 0.0, 1.0, 1.0], reduction="none")
cross_entropy(logits, probabilities, smoothing=0.1)
cross_entropy(logits, probabilities, weight=class_weight)
cross_entropy(logits, one_hot)
# All ignored: PyTorch's mean is NaN, so only the reductions on which we agree.
cross_entropy(logits, torch.full((5,), -100), reduction="sum")
cross_entropy(logits, torch.full((5,), -100), reduction="none")
cross_entropy(torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]]), torch.tensor([1, 2]))
cross_entropy(torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]]), torch.tensor([0, 1]), reduction="none")
cross_entropy(torch.tensor([[100.0, -100.0]]), torch.tensor([1]), smoothing=0.1)
middle, middle_labels = draw(2, 3, 4, scale=3.0), torch.tensor([[0, 2, 1, 1], [2, -100, 0, 1]])
cross_entropy(middle, middle_labels, axis=1)
cross_entropy(middle, middle_labels, axis=1, reduction="none")
cross_entropy(middle, middle_labels, axis=1, weight=[1.0, 2.0, 0.5], smoothing=0.1)
cross_entropy(middle, torch.softmax(draw(2, 3, 4), 1), axis=1)
last_labels = torch.tensor([[0, 2, -100], [3, 1, 0]])
cross_entropy(middle.reshape(2, 3, 4), last_labels)
cross_entropy(middle.reshape(2, 3, 4), torch.softmax(draw(2, 3, 4), 2), weight=class_weight)


# Binary cross entropy on probabilities: PyTorch bounds each log below by -100.
def binary(name, function, p, t, weight=None, pos_weight=None, reduction="mean"):
    keys = {"weight": None if weight is None else torch.tensor(weight)}
    if pos_weight is not None:
        keys["pos_weight"] = torch.tensor(pos_weight)
    options = optional("weight", weight) | optional("posWeight", pos_weight)
    options |= {} if reduction == "mean" else {"reduction": reduction}
    row(name, lambda a, b: function(a, b, reduction=reduction, **keys), p, t, **options)


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


# Pairwise.
def margin_ranking(first, second, target, margin=None, reduction="mean"):
    first, second = (torch.as_tensor(v).clone().requires_grad_() for v in (first, second))
    value = F.margin_ranking_loss(first, second, target, margin=margin or 0.0, reduction=reduction)
    value.sum().backward()
    options = optional("margin", margin) | ({} if reduction == "mean" else {"reduction": reduction})
    rows.append(
        {"loss": "marginRanking", "first": first, "second": second, "target": target, "options": options}
        | {"value": value, "gradients": [first.grad, second.grad]}
    )


signs = torch.tensor([1.0, 1.0, -1.0])
margin_ranking(torch.tensor(P), T, signs)
margin_ranking(torch.tensor(P), T, signs, margin=0.5)
margin_ranking(torch.tensor(P), T, signs, margin=0.5, reduction="none")
margin_ranking(torch.tensor(P), T, signs, margin=2.0, reduction="sum")
margin_ranking(draw(2, 3), draw(2, 3), torch.tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]]), margin=1.0)
margin_ranking(torch.tensor([1.0, 1e4]), torch.tensor([1.0, -1e4]), torch.tensor([1.0, -1.0]), margin=0.25)


# From their definitions, in PyTorch's operations.
def hinge(s, y, reduction="mean"):
    options = {} if reduction == "mean" else {"reduction": reduction}
    row("hinge", lambda s, y: reduce(torch.relu(1 - y * s), reduction), s, y, **options)


s, y = torch.tensor([0.5, -1.5, 3.0, -0.25]), torch.tensor([1.0, 1.0, 1.0, -1.0])
for reduction in ["none", "mean", "sum"]:
    hinge(s, y, reduction)
hinge(torch.tensor([1.0, -1.0, 1e4]), torch.tensor([1.0, -1.0, -1.0]), "none")  # exactly at the margin: slope 0
hinge(draw(2, 3), torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]))


def list_net(s, y, reduction="mean"):
    def formula(s, y):
        return reduce(-(torch.softmax(y, -1) * torch.log_softmax(s, -1)).sum(-1), reduction)

    row("listNet", formula, s, y, **({} if reduction == "mean" else {"reduction": reduction}))


scores, relevance = draw(3, 5), torch.tensor([[3.0, 2.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 4.0, 1.0, 1.0, 2.0]])
for reduction in ["none", "mean", "sum"]:
    list_net(scores, relevance, reduction)
list_net(torch.tensor([1.5, -0.5, 0.25]), torch.tensor([2.0, 0.0, 1.0]))
list_net(torch.tensor([[1e4, -1e4, 0.0]]), torch.tensor([[0.0, 2.0, 1.0]]))
list_net(torch.tensor([[2.0], [-1.0]]), torch.tensor([[1.0], [0.0]]))  # lists of one


def zero_one(prediction, target, wrong, reduction="mean", target_dtype=None):
    value = reduce(wrong.to(torch.float64), reduction)
    entry = {"loss": "zeroOne", "prediction": prediction, "target": target}
    entry |= optional("targetDtype", target_dtype)
    rows.append(entry | {"options": {} if reduction == "mean" else {"reduction": reduction}, "value": value})


for reduction in ["none", "mean", "sum"]:
    zero_one(logits, labels, logits.argmax(-1) != labels, reduction, "int32")
zero_one(s, y, s * y <= 0)  # signed scores against +-1

write("losses", "losses", rows)
