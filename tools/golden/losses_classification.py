"""Golden values and gradients of the classification losses."""

import torch
import torch.nn.functional as F

import torchvision.ops

from class_rows import class_loss, expected, weighted
from golden import seeded
from loss_rows import Rows, reduce
from reference import agree, reference

rows = Rows()


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


# With what PyTorch's function lacks: a mask, sample weights, and 0 as the mean of nothing.
plain_cross_entropy = class_loss(expected(lambda surprise: surprise))
sequence, tokens = draw(2, 3, 4, scale=3.0), torch.tensor([[0, 2, 3], [1, -100, 0]])
padding = torch.tensor([[True, True, False], [True, True, False]])
extremes = torch.tensor([[1e4, -1e4, 0.0, 1e4], [-1e4, 1e4, 1e4, -1e4], [0.0, 0.0, 0.0, 0.0]])
extreme_labels = torch.tensor([1, 2, 3])
agree("weighted mean", plain_cross_entropy(logits, holes, weight=class_weight, label_smoothing=0.1),
      F.cross_entropy(logits, holes, weight=torch.tensor(class_weight), label_smoothing=0.1))


def everywhere(loss, formula, soft=True, **own):
    """The inputs on which every loss over classes is compared; `own` are options that change nothing about what is asked."""
    add = lambda *arguments, **options: rows.add(loss, formula, *arguments, **own, **options)
    for reduction in ["none", "mean", "sum"]:
        add(logits, holes, reduction=reduction)
        add(logits, labels, sample_weight=[1.0, 0.0, 2.0, 0.5, 3.0], reduction=reduction)
        add(sequence, tokens, mask=padding, reduction=reduction)
    add(sequence, tokens, mask=padding, sample_weight=[2.0, 0.5])
    add(sequence, tokens, mask=torch.zeros(2, 3, dtype=torch.bool))
    add(logits, torch.full((5,), -100))
    add(logits, torch.tensor([3, 1, 2, 1, 0]), ignore_index=1)
    add(logits, labels, sample_weight=[0.0] * 5)
    add(torch.empty(0, 4), torch.empty(0, dtype=torch.int64))
    add(logits[0], labels[0])
    add(extremes, extreme_labels, reduction="none")
    add(extremes, torch.tensor([0, 1, 2]))
    add(torch.zeros(2, 4), torch.tensor([1, 3]), reduction="none")
    one = {key: option[:1] if isinstance(option, list) else option for key, option in own.items()}
    rows.add(loss, formula, torch.tensor([[0.5], [-2.0]]), torch.tensor([0, 0]), **one)
    add(sequence.movedim(-1, 1).contiguous(), tokens, axis=1)
    add(draw(2, 2, 3, 4), torch.tensor([[[0, 1, 2], [3, 0, 1]], [[2, 3, -100], [1, 2, 3]]]))
    if not soft:
        return
    for reduction in ["none", "mean", "sum"]:
        add(logits, probabilities, reduction=reduction)
    add(logits, one_hot)
    add(logits, probabilities, sample_weight=[1.0, 0.0, 2.0, 0.5, 3.0])
    add(sequence, torch.softmax(draw(2, 3, 4), -1), mask=padding)
    add(sequence.movedim(-1, 1).contiguous(), torch.softmax(draw(2, 4, 3), 1), axis=1, mask=padding)
    add(extremes, torch.tensor([[0.0, 0.5, 0.0, 0.5], [1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]]), reduction="none")


everywhere("crossEntropy", plain_cross_entropy)
everywhere("crossEntropy", plain_cross_entropy, weight=class_weight, label_smoothing=0.1)


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
halves = torch.full((2, 3), 0.5)
bce(halves, torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]]))
bce(torch.tensor(0.25), torch.tensor(1.0))
bce(torch.sigmoid(draw(2, 1, 2, 2)), torch.tensor([[[[0.0, 1.0], [1.0, 0.0]]], [[[0.0, 0.0], [0.5, 1.0]]]]))


def with_samples(function):
    """PyTorch's function with `sample_weight`, and 0 as the mean of nothing."""
    return lambda a, b, reduction="mean", sample_weight=None: weighted(function(a, b, reduction="none"), reduction, sample_weight)


for reduction in ["none", "mean", "sum"]:
    rows.add("binaryCrossEntropy", with_samples(F.binary_cross_entropy), p, t, sample_weight=[2, 0, 0.5], reduction=reduction)
rows.add("binaryCrossEntropy", with_samples(F.binary_cross_entropy), p, t, sample_weight=[0, 0, 0])
rows.add("binaryCrossEntropy", with_samples(F.binary_cross_entropy), torch.empty(0, 2), torch.empty(0, 2))

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
bce_logits(torch.zeros(2, 3), torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]]))
bce_logits(torch.tensor(0.25), torch.tensor(1.0))
bce_logits(draw(2, 1, 2, 2), torch.tensor([[[[0.0, 1.0], [1.0, 0.0]]], [[[0.0, 0.0], [0.5, 1.0]]]]))
sampled = with_samples(F.binary_cross_entropy_with_logits)
for reduction in ["none", "mean", "sum"]:
    rows.add("binaryCrossEntropyWithLogits", sampled, z, b, sample_weight=[2, 0, 0.5], reduction=reduction)
rows.add("binaryCrossEntropyWithLogits", sampled, z, b, sample_weight=[0, 0, 0])
rows.add("binaryCrossEntropyWithLogits", sampled, torch.empty(0, 2), torch.empty(0, 2))


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


# Negative log-likelihood: PyTorch's.
def nll(x, q, weight=None):
    factors = torch.ones(x.shape[-1]) if weight is None else torch.tensor(weight)
    # Not 0 times infinity.
    return -(torch.where(q > 0, x, torch.zeros_like(x)) * q * factors).sum(-1)


log_probabilities = torch.log_softmax(logits, 1)
for weight in [None, class_weight]:
    keys = {} if weight is None else {"weight": weight}
    for reduction in ["none", "mean", "sum"]:
        rows.add("nll", class_loss(nll), log_probabilities, holes, reduction=reduction, **keys)
        rows.add("nll", class_loss(nll), log_probabilities, labels, sample_weight=[1, 0, 2, 0.5, 3], reduction=reduction, **keys)
        tensors = {} if weight is None else {"weight": torch.tensor(weight)}
        agree("nll", class_loss(nll)(log_probabilities, holes, reduction=reduction, **keys),
              F.nll_loss(log_probabilities, holes, reduction=reduction, **tensors))
log_sequence = torch.log_softmax(sequence, -1)
rows.add("nll", class_loss(nll), log_sequence, tokens, mask=padding)
rows.add("nll", class_loss(nll), log_sequence, tokens, mask=padding, weight=class_weight, sample_weight=[2.0, 0.5])
rows.add("nll", class_loss(nll), log_sequence, tokens, mask=torch.zeros(2, 3, dtype=torch.bool))
rows.add("nll", class_loss(nll), log_sequence.movedim(-1, 1).contiguous(), tokens, axis=1)
rows.add("nll", class_loss(nll), log_probabilities, torch.full((5,), -100))
rows.add("nll", class_loss(nll), log_probabilities, torch.tensor([3, 1, 2, 1, 0]), ignore_index=1)
rows.add("nll", class_loss(nll), torch.empty(0, 4), torch.empty(0, dtype=torch.int64))
rows.add("nll", class_loss(nll), log_probabilities[0], labels[0])
rows.add("nll", class_loss(nll), torch.log_softmax(extremes, -1), extreme_labels, reduction="none")
rows.add("nll", class_loss(nll), torch.log_softmax(torch.zeros(2, 4), -1), torch.tensor([1, 3]))


# Functions of the surprise s = -ln p of each class.
def categorical_focal(s, alpha=0.25, gamma=2.0):
    alpha = torch.as_tensor(alpha)
    wrong = -torch.expm1(-s)
    # 0^y with y < 1 has an infinite slope in PyTorch; what it is multiplied by is 0 there.
    factor = 1.0 if gamma == 0 else torch.where(wrong > 0, wrong, torch.ones_like(wrong)) ** gamma * (wrong > 0)
    return alpha * factor * s


focal_classes = class_loss(expected(categorical_focal))
agree("categoricalFocal of two classes", focal_classes(torch.stack([z.flatten(), torch.zeros(6)], 1), (1 - b.round()).flatten().long(), alpha=1.0, reduction="none"),
      torchvision.ops.sigmoid_focal_loss(z, b.round(), alpha=-1).flatten())
rows.add("categoricalFocal", focal_classes, x, y)
everywhere("categoricalFocal", focal_classes)
everywhere("categoricalFocal", focal_classes, alpha=class_weight, gamma=0.5)
for gamma in [0.0, 1.0, 3.5]:
    rows.add("categoricalFocal", focal_classes, logits, labels, alpha=1.0, gamma=gamma, label_smoothing=0.1)
    rows.add("categoricalFocal", focal_classes, extremes, extreme_labels, gamma=gamma, reduction="none")

poly1 = class_loss(expected(lambda s, epsilon=2.0: s - epsilon * torch.expm1(-s)))
rows.add("poly1CrossEntropy", poly1, x, y)
everywhere("poly1CrossEntropy", poly1)
everywhere("poly1CrossEntropy", poly1, epsilon=-1.0, weight=class_weight, label_smoothing=0.2)
agree("poly1CrossEntropy, epsilon 0", poly1(logits, labels, epsilon=0.0), F.cross_entropy(logits, labels))

gce = class_loss(expected(lambda s, q_=0.7: -torch.expm1(-s * q_) / q_))


def generalized(p, t, q=0.7, **options):
    return gce(p, t, q_=q, **options)


rows.add("generalizedCrossEntropy", generalized, x, y)
everywhere("generalizedCrossEntropy", generalized)
everywhere("generalizedCrossEntropy", generalized, q=0.25, weight=class_weight)
rows.add("generalizedCrossEntropy", generalized, logits, labels, q=1.0)
agree("generalizedCrossEntropy, q 1", generalized(logits, labels, q=1.0), 1 - (torch.softmax(logits, 1) * one_hot).sum(1).mean())


def symmetric(x, q, alpha=0.1, beta=1.0, log_zero=-4.0):
    p = torch.softmax(x, -1)
    log_q = torch.where(q > 0, torch.log(torch.where(q > 0, q, torch.ones_like(q))), torch.full_like(q, log_zero))
    forward = -(q * torch.log_softmax(x, -1)).sum(-1)
    return alpha * forward - beta * (p * torch.clamp(log_q, min=log_zero)).sum(-1)


rows.add("symmetricCrossEntropy", class_loss(symmetric), x, y)
everywhere("symmetricCrossEntropy", class_loss(symmetric))
everywhere("symmetricCrossEntropy", class_loss(symmetric), alpha=6.0, beta=0.1, log_zero=-1.0)


# LDAM: the authors' code makes its tensors on a GPU.
def ldam(x, q, class_counts=None, max_margin=0.5, scale=30.0, weight=None):
    margins = torch.tensor(class_counts) ** -0.25
    margins = max_margin * margins / margins.max()
    factors = torch.ones(x.shape[-1]) if weight is None else torch.tensor(weight)
    return -(q * factors * torch.log_softmax(scale * (x - q * margins), -1)).sum(-1)


counts = [1000.0, 16.0, 81.0, 1.0]
cosines, cosine_labels = draw(5, 4, scale=1.0), labels
published = reference("LDAM-DRW", "losses", "LDAMLoss")
if published is not None:
    torch.cuda.FloatTensor = torch.DoubleTensor
    for weight in [None, class_weight]:
        theirs = published(counts, weight=None if weight is None else torch.tensor(weight))(cosines, cosine_labels)
        agree("ldam", class_loss(ldam)(cosines, cosine_labels, class_counts=counts, weight=weight), theirs)
rows.add("ldam", class_loss(ldam), cosines, cosine_labels, class_counts=counts)
everywhere("ldam", class_loss(ldam), soft=False, class_counts=counts, scale=1.0)
everywhere("ldam", class_loss(ldam), soft=False, class_counts=counts, max_margin=2.0, scale=1.5, weight=class_weight)


# Margins between classes.
def categorical_hinge(x, q):
    right = (x * q).sum(-1, keepdim=True)
    return (x - right + 1 - q).amax(-1)


rows.add("categoricalHinge", class_loss(categorical_hinge), torch.tensor([[2.0, -1.0, 0.5], [0.25, 0.5, 0.0]]), y, reduction="none")
everywhere("categoricalHinge", class_loss(categorical_hinge), soft=False)
rows.add("categoricalHinge", class_loss(categorical_hinge), torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.5, 2.0]]), torch.tensor([0, 1]), reduction="none")  # at the margin, and two rivals


def multi_margin(x, q, p=1, margin=1.0, weight=None):
    right = (x * q).sum(-1, keepdim=True)
    factor = 1.0 if weight is None else (q * torch.tensor(weight)).sum(-1)
    return factor * ((1 - q) * torch.relu(margin - right + x) ** p).sum(-1) / x.shape[-1]


# As in PyTorch the mean divides by the number of examples.
multi_margin_loss = lambda *arguments, **options: class_loss(multi_margin)(*arguments, divides=False, **options)
for keys in [{}, {"p": 2}, {"margin": 0.3}, {"p": 2, "margin": 2.0, "weight": class_weight}]:
    tensors = dict(keys) if "weight" not in keys else {**keys, "weight": torch.tensor(class_weight)}
    for reduction in ["none", "mean", "sum"]:
        rows.add("multiMargin", multi_margin_loss, logits, labels, reduction=reduction, **keys)
        agree("multiMargin", multi_margin_loss(logits, labels, reduction=reduction, **keys),
              F.multi_margin_loss(logits, labels, reduction=reduction, **tensors))
everywhere("multiMargin", multi_margin_loss, soft=False, margin=0.75)
rows.add("multiMargin", multi_margin_loss, torch.tensor([[1.0, 0.0, 0.5]]), torch.tensor([0]))  # slope 0 at the margin


# Sparsemax in the form of the paper, by sorting; equal scores share what they have.
def sparsemax(x, q):
    top = x.detach().sort(-1, descending=True).values
    k = torch.arange(1, x.shape[-1] + 1)
    size = ((1 + k * top > top.cumsum(-1)).sum(-1, keepdim=True)).clamp(min=1)
    threshold = (top.cumsum(-1).gather(-1, size - 1) - 1) / size
    support = (x.detach() > threshold).to(torch.float64)
    tau = ((x * support).sum(-1, keepdim=True) - 1) / support.sum(-1, keepdim=True)
    return 0.5 * (support * (x**2 - tau**2)).sum(-1) + 0.5 * (q**2).sum(-1) - (q * x).sum(-1)


sparse = class_loss(sparsemax)
rows.add("sparsemax", sparse, torch.tensor([[2.0, -1.0, 0.5], [0.5, 0.25, 0.0]]), y, reduction="none")
everywhere("sparsemax", sparse)
rows.add("sparsemax", sparse, draw(3, 7, scale=0.5), torch.tensor([6, 0, 3]), reduction="none")


# Jensen-Shannon.
def jensen_shannon(x, q):
    p, log_p = torch.softmax(x, -1), torch.log_softmax(x, -1)
    m = (p + q) / 2
    log_m = torch.where(m > 0, torch.log(torch.where(m > 0, m, torch.ones_like(m))), torch.zeros_like(m))
    log_q = torch.where(q > 0, torch.log(torch.where(q > 0, q, torch.ones_like(q))), torch.zeros_like(q))
    return 0.5 * (p * (log_p - log_m)).sum(-1) + 0.5 * (q * (log_q - log_m)).sum(-1)


js = class_loss(jensen_shannon)
one, other = draw(5, 4), draw(5, 4)  # here, so that the rows below are the same without the reference
published = reference("pytorch-image-models", "loss.jsd", "JsdCrossEntropy", source="timm")
if published is not None:
    theirs = published(num_splits=2, alpha=1, smoothing=0)(torch.cat([one, other]), torch.cat([labels, labels]))
    agree("jensenShannon", js(one, torch.softmax(other, 1)), theirs - F.cross_entropy(one, labels))
everywhere("jensenShannon", js)
rows.add("jensenShannon", js, logits, probabilities, wrt=(0, 1))
rows.add("jensenShannon", js, logits, torch.softmax(logits, 1))


# Distillation: KL of softened probabilities times T^2, beside the cross entropy with labels.
def distilled(x, teacher, temperature=3.0, labels=None, alpha=0.5, label_target=None):
    q, log_q = torch.softmax(teacher / temperature, -1), torch.log_softmax(teacher / temperature, -1)
    soft = temperature**2 * (q * (log_q - torch.log_softmax(x / temperature, -1))).sum(-1)
    return soft if label_target is None else alpha * soft - (1 - alpha) * (label_target * torch.log_softmax(x, -1)).sum(-1)


def distillation(p, t, labels=None, mask=None, axis=-1, ignore_index=-100, **options):
    if labels is None:
        return class_loss(distilled)(p, t, mask=mask, axis=axis, **options)
    labels = torch.as_tensor(labels)
    counts = torch.ones(labels.shape[:1] if labels.is_floating_point() else labels.shape, dtype=torch.bool)
    goal = labels
    if not labels.is_floating_point():
        counts = labels != ignore_index
        goal = F.one_hot(torch.where(counts, labels, torch.zeros_like(labels)), p.shape[axis]).to(torch.float64)
    if mask is not None:
        counts = counts & torch.as_tensor(mask)
    return class_loss(distilled)(p, t, mask=counts, axis=axis, label_target=goal, **options)


teacher = draw(5, 4, scale=3.0)
agree("distillation", distillation(logits, teacher, temperature=2.0), 4 * F.kl_div(
    F.log_softmax(logits / 2, 1), F.softmax(teacher / 2, 1), reduction="batchmean"))
for reduction in ["none", "mean", "sum"]:
    rows.add("distillation", distillation, logits, teacher, reduction=reduction)
    rows.add("distillation", distillation, logits, teacher, labels=holes, alpha=0.7, temperature=2.0, reduction=reduction)
    rows.add("distillation", distillation, logits, teacher, labels=labels, sample_weight=[1, 0, 2, 0.5, 3], reduction=reduction)
rows.add("distillation", distillation, logits, logits.clone(), temperature=1.0)
rows.add("distillation", distillation, logits, teacher, labels=probabilities)
rows.add("distillation", distillation, logits, teacher, labels=labels, alpha=0.0)
rows.add("distillation", distillation, sequence, draw(2, 3, 4), mask=padding)
rows.add("distillation", distillation, sequence, draw(2, 3, 4), mask=padding, labels=tokens)
rows.add("distillation", distillation, sequence, draw(2, 3, 4), mask=torch.zeros(2, 3, dtype=torch.bool))
rows.add("distillation", distillation, draw(2, 4, 3), draw(2, 4, 3), axis=1)
rows.add("distillation", distillation, extremes, extremes.flip(1), reduction="none")
rows.add("distillation", distillation, torch.empty(0, 4), torch.empty(0, 4))
rows.add("distillation", distillation, logits[0], teacher[0])


# Evidential: the divergence is that of PyTorch's Dirichlet distributions.
def evidential(x, q, form="mse", evidence="relu", kl_weight=1.0):
    e = {"relu": F.relu, "softplus": F.softplus, "exp": lambda x: torch.exp(torch.clamp(x, -10, 10))}[evidence](x)
    alpha = e + 1
    strength = alpha.sum(-1, keepdim=True)
    p = alpha / strength
    each = {
        "mse": lambda: ((q - p) ** 2 + p * (1 - p) / (strength + 1)).sum(-1),
        "log": lambda: (q * (torch.log(strength) - torch.log(alpha))).sum(-1),
        "digamma": lambda: (q * (torch.digamma(strength) - torch.digamma(alpha))).sum(-1),
    }[form]()
    if kl_weight == 0:
        return each
    if x.numel() == 0 or x.shape[-1] < 2:
        return each  # one class: nothing to be uncertain about, and PyTorch has no such distribution
    other = torch.distributions.Dirichlet(q + (1 - q) * alpha)
    return each + kl_weight * torch.distributions.kl_divergence(other, torch.distributions.Dirichlet(torch.ones_like(alpha)))


evident = class_loss(evidential)
for form in ["mse", "log", "digamma"]:
    for evidence in ["relu", "softplus", "exp"]:
        rows.add("evidential", evident, logits, labels, form=form, evidence=evidence, kl_weight=0.3, reduction="none")
    rows.add("evidential", evident, draw(3, 2), torch.tensor([0, 1, 1]), form=form)
    rows.add("evidential", evident, draw(3, 9), torch.tensor([0, 5, 8]), form=form)
    rows.add("evidential", evident, logits, labels, form=form, kl_weight=0.0)
everywhere("evidential", evident)
everywhere("evidential", evident, form="digamma", evidence="softplus", kl_weight=0.5)


# Kullback-Leibler: PyTorch's, with the rule of our package for sample weights and for a single distribution.
def kl(p, t, reduction="batchMean", log_target=False, sample_weight=None):
    each = F.kl_div(p, t, reduction="none", log_target=log_target)
    if reduction != "batchMean":
        return weighted(each, reduction, sample_weight)
    return weighted(each, "mean", sample_weight) * (each[0].numel() if each.dim() > 1 and len(each) > 0 else each.numel())


rows.add("klDivergence", kl, torch.log_softmax(x, 1), torch.softmax(torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), 1))
for reduction in ["batchMean", "mean", "sum", "none"]:
    rows.add("klDivergence", kl, log_probabilities, probabilities, wrt=(0, 1), reduction=reduction)
    rows.add("klDivergence", kl, log_probabilities, torch.log(probabilities), wrt=(0, 1), log_target=True, reduction=reduction)
    rows.add("klDivergence", kl, log_probabilities, probabilities, sample_weight=[1, 0, 2, 0.5, 3], reduction=reduction)
    agree("klDivergence", kl(log_probabilities, probabilities, reduction=reduction),
          F.kl_div(log_probabilities, probabilities, reduction=reduction.lower()))
rows.add("klDivergence", kl, log_probabilities, one_hot)
rows.add("klDivergence", kl, log_probabilities, torch.exp(log_probabilities))
rows.add("klDivergence", kl, log_sequence, torch.softmax(draw(2, 3, 4), -1))
rows.add("klDivergence", kl, log_sequence, torch.softmax(draw(2, 3, 4), -1), sample_weight=[[1.0, 2.0, 0.0], [0.5, 0.0, 0.0]])
rows.add("klDivergence", kl, log_probabilities[0], probabilities[0])
rows.add("klDivergence", kl, torch.log_softmax(extremes, 1), torch.softmax(draw(3, 4), 1))
rows.add("klDivergence", kl, torch.empty(0, 4), torch.empty(0, 4))
rows.add("klDivergence", kl, log_probabilities, probabilities, sample_weight=[0.0] * 5)


# Binary labels, -1 and 1: PyTorch's, or from their definitions in PyTorch's operations.
def signed(each):
    return lambda s, y, reduction="mean", sample_weight=None, **own: weighted(each(s, y, **own), reduction, sample_weight)


hinge = signed(lambda s, y: torch.relu(1 - y * s))
squared_hinge = signed(lambda s, y: torch.relu(1 - y * s) ** 2)
# PyTorch's overflows at large scores; this is the same.
soft_margin = signed(lambda s, y: torch.logaddexp(torch.zeros_like(s), -y * s))
hinge_embedding = signed(lambda s, y, margin=1.0: torch.where(y == 1, s, torch.relu(margin - s)))

s, y = torch.tensor([0.5, -1.5, 3.0, -0.25]), torch.tensor([1.0, 1.0, 1.0, -1.0])
many, signs = draw(2, 3), torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]])
for name, formula in [
    ("hinge", hinge),
    ("squaredHinge", squared_hinge),
    ("softMargin", soft_margin),
    ("hingeEmbedding", hinge_embedding),
]:
    for reduction in ["none", "mean", "sum"]:
        rows.add(name, formula, s, y, reduction=reduction)
        rows.add(name, formula, many, signs, sample_weight=[2.0, 0.5], reduction=reduction)
    rows.add(name, formula, torch.tensor([1.0, -1.0, 1e4, -1e4, 1e4, -1e4]), torch.tensor([1.0, -1.0, -1.0, 1.0, 1.0, -1.0]), reduction="none")
    rows.add(name, formula, torch.zeros(3), torch.tensor([1.0, -1.0, 1.0]))
    rows.add(name, formula, many, signs)
    rows.add(name, formula, many, signs, sample_weight=[[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])
    rows.add(name, formula, many, signs, sample_weight=[0.0, 0.0])
    rows.add(name, formula, draw(2, 1, 2, 1), torch.tensor([[[[1.0], [-1.0]]], [[[-1.0], [-1.0]]]]))
    rows.add(name, formula, torch.tensor(0.75), torch.tensor(-1.0))
    rows.add(name, formula, torch.empty(0, 2), torch.empty(0, 2))
for reduction in ["none", "mean", "sum"]:
    agree("softMargin", soft_margin(many, signs, reduction=reduction), F.soft_margin_loss(many, signs, reduction=reduction))
    for margin in [1.0, 0.25]:
        rows.add("hingeEmbedding", hinge_embedding, many.abs(), signs, margin=margin, reduction=reduction)
        agree("hingeEmbedding", hinge_embedding(many, signs, margin=margin, reduction=reduction),
              F.hinge_embedding_loss(many, signs, margin=margin, reduction=reduction))
rows.add("hingeEmbedding", hinge_embedding, [0.5, -1.5, 3.0], torch.tensor([1.0, -1.0, -1.0]))
rows.add("hingeEmbedding", hinge_embedding, [1.0, 1.0], torch.tensor([-1.0, 1.0]), reduction="none")  # slope 0 at the margin


# Asymmetric: without the bound on the logarithms of the published code.
def asymmetric(x, t, gamma_negative=4.0, gamma_positive=1.0, clip=0.05, **options):
    p, q = torch.sigmoid(x), torch.sigmoid(-x)
    rest = torch.clamp(q + clip, max=1)
    positive = -F.logsigmoid(x) * (q**gamma_positive if gamma_positive > 0 else 1)
    negative = F.softplus(x) if clip == 0 else -torch.log(rest)
    if gamma_negative > 0:
        easy = torch.relu(p - clip)
        # 0^y with y < 1 has an infinite slope in PyTorch; what it is multiplied by is 0 there.
        negative = negative * torch.where(easy > 0, easy, torch.ones_like(easy)) ** gamma_negative * (easy > 0)
    return weighted(t * positive + (1 - t) * negative, **options)


z, b = draw(3, 4, scale=5.0), torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
published = reference("pytorch-image-models", "loss.asymmetric_loss", "AsymmetricLossMultiLabel", source="timm")
for keys in [{}, {"gamma_negative": 0.0, "gamma_positive": 0.0, "clip": 0.0}, {"gamma_negative": 2.0, "clip": 0.0},
             {"gamma_negative": 0.5, "gamma_positive": 3.0, "clip": 0.25}]:
    for reduction in ["none", "mean", "sum"]:
        rows.add("asymmetricLoss", asymmetric, z, b, reduction=reduction, **keys)
    if published is not None:
        named = {{"gamma_negative": "gamma_neg", "gamma_positive": "gamma_pos"}.get(key, key): value for key, value in keys.items()}
        agree("asymmetricLoss", asymmetric(z, b, reduction="sum", **keys), published(**named)(z, b))
    rows.add("asymmetricLoss", asymmetric, extreme, torch.tensor([1.0, 0.0, 1.0, 0.0, 1.0]), reduction="none", **keys)
    rows.add("asymmetricLoss", asymmetric, extreme, torch.tensor([0.0, 1.0, 0.0, 1.0, 0.5]), reduction="none", **keys)
rows.add("asymmetricLoss", asymmetric, z, b, sample_weight=[2.0, 0.0, 0.5])
rows.add("asymmetricLoss", asymmetric, torch.zeros(2, 3), torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]]))
rows.add("asymmetricLoss", asymmetric, torch.tensor(0.75), torch.tensor(1.0))
rows.add("asymmetricLoss", asymmetric, torch.empty(0, 2), torch.empty(0, 2))
rows.add("asymmetricLoss", asymmetric, z, b, sample_weight=[0.0, 0.0, 0.0])


# Several labels per example: PyTorch's.
def soft_margins(x, t, weight=None, **options):
    factors = 1.0 if weight is None else torch.tensor(weight)
    each = F.binary_cross_entropy_with_logits(x, t, reduction="none") * factors
    return weighted(each.sum(-1) / x.shape[-1], **options)


for keys in [{}, {"weight": class_weight}]:
    for reduction in ["none", "mean", "sum"]:
        rows.add("multiLabelSoftMargin", soft_margins, z, b, reduction=reduction, **keys)
        agree("multiLabelSoftMargin", soft_margins(z, b, reduction=reduction, **keys), F.multilabel_soft_margin_loss(
            z, b, reduction=reduction, **{key: torch.tensor(value) for key, value in keys.items()}))
    rows.add("multiLabelSoftMargin", soft_margins, extremes, extremes.gt(0).to(torch.float64), reduction="none", **keys)
    rows.add("multiLabelSoftMargin", soft_margins, extremes, extremes.le(0).to(torch.float64), reduction="none", **keys)
    rows.add("multiLabelSoftMargin", soft_margins, z, b, sample_weight=[2.0, 0.0, 0.5], **keys)
rows.add("multiLabelSoftMargin", soft_margins, torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, 0.3]]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]))
rows.add("multiLabelSoftMargin", soft_margins, draw(2, 3, 2), draw(2, 3, 2).gt(0).to(torch.float64))
rows.add("multiLabelSoftMargin", soft_margins, z[0], b[0])
rows.add("multiLabelSoftMargin", soft_margins, torch.zeros(2, 3), torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.25]]))
rows.add("multiLabelSoftMargin", soft_margins, torch.empty(0, 2), torch.empty(0, 2))
rows.add("multiLabelSoftMargin", soft_margins, z, b, sample_weight=[0.0, 0.0, 0.0])


def label_margins(x, t, **options):
    each = F.multilabel_margin_loss(x.reshape(-1, x.shape[-1]), t.reshape(-1, x.shape[-1]), reduction="none")
    return weighted(each.reshape(x.shape[:-1]), **options)


lists = torch.tensor([[3, 0, -1, 1], [1, -1, -1, -1], [-1, 0, 1, 2], [0, 1, 2, 3], [2, 2, -1, -1]])
for reduction in ["none", "mean", "sum"]:
    rows.add("multiLabelMargin", label_margins, logits, lists, reduction=reduction)
    rows.add("multiLabelMargin", label_margins, logits, lists, sample_weight=[1, 0, 2, 0.5, 3], reduction=reduction)
rows.add("multiLabelMargin", label_margins, torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([[3, 0, -1, 1]]))
rows.add("multiLabelMargin", label_margins, torch.tensor([[1.0, 0.0, 0.5]]), torch.tensor([[0, -1, 0]]))  # slope 0 at the margin
rows.add("multiLabelMargin", label_margins, torch.zeros(2, 4), lists[:2])
rows.add("multiLabelMargin", label_margins, extremes, lists[:3], reduction="none")
rows.add("multiLabelMargin", label_margins, sequence, torch.stack([lists[:3], lists[2:]]))
rows.add("multiLabelMargin", label_margins, logits[0], lists[0])
rows.add("multiLabelMargin", label_margins, logits, lists, sample_weight=[0.0] * 5)
rows.add("multiLabelMargin", lambda p, t: reduce(p.sum(-1)), torch.empty(0, 4), torch.empty(0, 4, dtype=torch.int64))


# A measure.
def zero_one(prediction, target, **options):
    wrong = prediction * target <= 0 if target.is_floating_point() else prediction.argmax(-1) != target
    return weighted(wrong.to(torch.float64), **options)


for reduction in ["none", "mean", "sum"]:
    rows.add("zeroOne", zero_one, logits, labels, wrt=(), reduction=reduction)
    rows.add("zeroOne", zero_one, logits, labels, wrt=(), sample_weight=[1, 0, 2, 0.5, 3], reduction=reduction)
rows.add("zeroOne", zero_one, s, y, wrt=())  # signed scores against +-1
rows.add("zeroOne", zero_one, extremes, extreme_labels, wrt=(), reduction="none")
rows.add("zeroOne", zero_one, sequence, tokens.clamp(min=0), wrt=())
rows.add("zeroOne", zero_one, torch.zeros(2, 4), torch.tensor([1, 0]), wrt=(), reduction="none")  # the first of equals
rows.add("zeroOne", zero_one, torch.empty(0, 4), torch.empty(0, dtype=torch.int64), wrt=())

rows.write("classification")
