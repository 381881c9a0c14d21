"""Golden values and gradients of the losses of metric learning.

PyTorch has two of them. The others are compared with pytorch-metric-learning, whose modules take the embeddings and labels of a
batch; VICReg and Barlow Twins also with the definitions in terms of numpy.cov and of batch normalization.
"""

import inspect
import math
import sys
import types

import numpy
import torch
import torch.nn.functional as F

from golden import plain, seeded, write
from loss_rows import Rows, reduce
from reference import agree, reference

try:
    import tqdm  # noqa: F401
except ImportError:  # pytorch-metric-learning imports its progress bar everywhere, and none of its losses draws one.
    sys.modules["tqdm"] = types.ModuleType("tqdm")
    sys.modules["tqdm"].tqdm = None

rows = Rows()
draw = seeded(11)
absent = -1e30


def published(kind, name):
    return reference("pytorch-metric-learning", f"pytorch_metric_learning.{kind}", name, source="src")


def check(label, theirs, formula, *arguments, **options):
    """Compares value and gradients of the first argument with a published module, where it is at hand."""
    if theirs is None:
        return
    results = []
    for function in (lambda x, *others: formula(x, *others, **options), theirs):
        x = arguments[0].clone().requires_grad_()
        value = function(x, *arguments[1:])
        value.backward()
        results.append((value.detach(), x.grad))
    for ours, reference_value in zip(*results):
        agree(label, ours, reference_value, relative=1e-7)


# The batch that most rows use: three labels of 3, 2 and 1 embeddings.
X, Y = draw(6, 3), torch.tensor([0, 1, 0, 2, 1, 0])
sample = [1.0, 0.5, 2.0, 1.0, 0.0, 3.0]
lonely = torch.tensor([0, 1, 2, 3, 4, 5])  # no positive pair
alike = torch.tensor([7, 7, 7, 7, 7, 7])  # no negative pair
far = torch.tensor([[1e4, -1e4], [1e4, 1e4], [-1e4, 1e4], [1e4, -5e3]])
spread = torch.tensor([[1e4, -1e4], [7e3, 9e3], [-1e4, 8e3], [3e3, -5e3]])
far_labels = torch.tensor([0, 0, 1, 1])
# Two equal embeddings of one label and one of another label.
tied = torch.tensor([[1.0, 0.5, -0.5], [1.0, 0.5, -0.5], [-0.25, 1.0, 0.75], [1.0, 0.5, -0.5]])
tied_labels = torch.tensor([0, 0, 1, 1])
nothing = torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)


def masks(y):
    same = y[:, None] == y[None, :]
    other = ~torch.eye(len(y), dtype=torch.bool)
    return same & other, ~same, other


def unit(x):
    return F.normalize(x, dim=-1)


def distances(x):
    """Gradient 0 where two are equal."""
    square = (x[:, None] - x[None, :]).square().sum(-1)
    zero = square == 0
    return torch.where(zero, 0.0, torch.where(zero, 1.0, square).sqrt())


def weighted_mean(each, weight):
    """The mean by weights, 0 when they are."""
    total = weight.sum()
    return torch.where(weight == 0, 0.0, each * weight).sum() / (total if total > 0 else 1.0)


def over_pairs(each, mask, reduction="mean", sample_weight=None, average="all"):
    weight = mask.to(each.dtype)
    if sample_weight is not None:
        given = torch.tensor(sample_weight)
        weight = weight * (given[:, None] if given.dim() == 1 else given)
    if reduction != "mean":
        return reduce(torch.where(weight == 0, 0.0, each * weight), reduction)
    return weighted_mean(each, weight) if average == "all" else (torch.where(weight == 0, 0.0, each * weight)).sum() / max(
        weight[each > 0].sum().item(), 1e-300
    )


def over_anchors(each, valid, reduction="mean", sample_weight=None, average="nonZero"):
    given = torch.ones(len(each)) if sample_weight is None else torch.tensor(sample_weight)
    weight = valid.to(each.dtype) * given
    if reduction != "mean":
        return reduce(torch.where(weight == 0, 0.0, each * weight), reduction)
    if average == "nonZero":
        return weighted_mean(each, weight)
    return torch.where(weight == 0, 0.0, each * weight).sum() / (given.sum() if given.sum() > 0 else 1.0)


def sums(x, mask):
    """log of the sum of exp along rows over what the mask keeps."""
    return torch.logsumexp(torch.where(mask, x, absent), -1)


def over_batches(name, formula, *variants, pairs=False, empty=True):
    """Rows of a loss of embeddings and labels at all kinds of batches; more options in `variants`."""
    for reduction in ["none", "mean", "sum"]:
        rows.add(name, formula, X, Y, reduction=reduction)
        rows.add(name, formula, X, Y, reduction=reduction, sample_weight=sample)
    for options in variants:
        rows.add(name, formula, X, Y, **options)
    if pairs:
        rows.add(name, formula, X, Y, sample_weight=(draw(6, 6).abs()).tolist())
    rows.add(name, formula, X, Y, sample_weight=[0.0] * 6)
    rows.add(name, formula, X, lonely)
    rows.add(name, formula, X, alike)
    rows.add(name, formula, far, far_labels)
    rows.add(name, formula, X[:1], Y[:1])  # an embedding alone
    if empty:
        for reduction in ["none", "mean"]:
            rows.add(name, formula, *nothing, reduction=reduction)


# Contrastive.
def contrastive(x, y, positive_margin=0.0, negative_margin=1.0, squared=False, normalize=True, average="nonZero", **keys):
    positive, negative, _ = masks(y)
    d = distances(unit(x) if normalize else x)
    near, away = F.relu(d - positive_margin), F.relu(negative_margin - d)
    if squared:
        near, away = near.square(), away.square()
    return over_pairs(near, positive, average=average, **keys) + over_pairs(away, negative, average=average, **keys)


over_batches(
    "contrastive",
    contrastive,
    {"positive_margin": 0.25, "negative_margin": 1.5},
    {"squared": True, "normalize": False, "average": "all", "negative_margin": 3.0},
    {"normalize": False, "negative_margin": 3.0},
    {"average": "all", "sample_weight": sample},
    pairs=True,
)
rows.add("contrastive", contrastive, tied, tied_labels)
rows.add("contrastive", contrastive, spread, far_labels, normalize=False, negative_margin=3e4)
Contrastive = published("losses", "ContrastiveLoss")
if Contrastive:
    Mean = published("reducers", "MeanReducer")
    Lp = published("distances", "LpDistance")
    check("contrastive", Contrastive(), contrastive, X, Y)
    check("contrastive", Contrastive(), contrastive, X, lonely)
    check("contrastive", Contrastive(), contrastive, X, alike)
    check("contrastive", Contrastive(reducer=Mean()), contrastive, X, Y, average="all")
    theirs = Contrastive(pos_margin=0.25, neg_margin=3.0, distance=Lp(normalize_embeddings=False))
    check("contrastive", theirs, contrastive, X, Y, positive_margin=0.25, negative_margin=3.0, normalize=False)

# Triplets: PyTorch's own.
def triplet_margin(a, p, n, p_norm=2.0, average="all", reduction="mean", sample_weight=None, **keys):
    each = F.triplet_margin_loss(a, p, n, p=p_norm, reduction="none", **keys)
    weight = torch.ones_like(each)
    if sample_weight is not None:
        given = torch.tensor(sample_weight)
        weight = weight * given.reshape(given.shape + (1,) * (each.dim() - given.dim()))
    if reduction != "mean":
        return reduce(each * weight, reduction)
    if average == "nonZero":
        weight = weight * (each > 0)
    return weighted_mean(each, weight)


def triplets(*arguments, p=2.0, **options):
    """`p` is the name of PyTorch and ours; infinity has no JSON, but the row can hold its text."""
    rows.add("tripletMargin", lambda *each, p=2.0, **keys: triplet_margin(*each, p_norm=p, **keys), *arguments, wrt=(0, 1, 2), p=p, **options)


A, P, N = (
    torch.tensor([[0.0, 0.0], [1.0, 1.0]]),
    torch.tensor([[0.0, 1.0], [1.0, 2.0]]),
    torch.tensor([[0.0, 1.5], [3.0, 1.0]]),
)
triplets(A, P, N)
triplets(A, P, N, swap=True)
# No difference is 0, where powers below 2 have kinks.
many = draw(5, 3), draw(5, 3) + 1 / 128, draw(5, 3) + 1 / 256
for reduction in ["none", "mean", "sum"]:
    triplets(*many, reduction=reduction)
    triplets(*many, reduction=reduction, sample_weight=[1.0, 0.0, 2.0, 0.5, 1.0])
for p in [1.0, 1.5, 3.0, math.inf]:
    triplets(*many, p=p, margin=2.0)
    triplets(*many, p=p, swap=True, margin=0.5, reduction="none")
triplets(*many, average="nonZero", margin=0.5)
triplets(*many, average="nonZero", margin=0.5, sample_weight=[1.0, 2.0, 2.0, 0.5, 1.0])
triplets(*many, average="nonZero", margin=1e-3, reduction="sum")
triplets(*many, eps=0.25)
triplets(draw(2, 3, 4), draw(2, 3, 4), draw(2, 3, 4), reduction="none", sample_weight=[1.0, 2.0])
triplets(draw(4), draw(4), draw(4))
triplets(far, far.flip(0), far.roll(1, 0), margin=2.0)
triplets(far, far.flip(0), far.roll(1, 0), p=3.0, margin=2.0)
triplets(torch.zeros(0, 3), torch.zeros(0, 3), torch.zeros(0, 3), reduction="none")
# Triplets exactly at the margin still have a slope; equal vectors have distance 0 and none.
triplets(torch.tensor([[0.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[0.0, 2.0]]), eps=0.0, reduction="none")
triplets(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 2.0]]), eps=0.0, reduction="none")

Triplet = published("losses", "TripletMarginLoss")
if Triplet:
    # All triplets of the batch, without the epsilon that PyTorch adds to differences.
    positive, negative, _ = masks(Y)
    a, p, n = (positive[:, :, None] & negative[:, None, :]).nonzero().T
    theirs = Triplet(margin=0.5, distance=Lp(normalize_embeddings=False))
    ours = lambda x: triplet_margin(x[a], x[p], x[n], margin=0.5, eps=0.0, average="nonZero")
    check("tripletMargin", lambda x: theirs(x, Y), ours, X)

# Cosine embedding: PyTorch's own.
def cosine_embedding(a, b, y, reduction="mean", sample_weight=None, margin=0.0):
    lead = y.shape
    each = F.cosine_embedding_loss(
        a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1]), y.reshape(-1), margin=margin, reduction="none"
    ).reshape(lead)
    if sample_weight is None:
        return reduce(each, reduction)
    weight = torch.tensor(sample_weight)
    return weighted_mean(each, weight) if reduction == "mean" else reduce(each * weight, reduction)


def cosine(*arguments, **options):
    rows.add("cosineEmbedding", cosine_embedding, *arguments, wrt=(0, 1), **options)


signs = torch.tensor([1.0, -1.0, -1.0, 1.0, -1.0])
cosine(P, N, torch.tensor([1.0, -1.0]))
for reduction in ["none", "mean", "sum"]:
    cosine(*many[:2], signs, reduction=reduction)
    cosine(*many[:2], signs, reduction=reduction, sample_weight=[1.0, 0.0, 2.0, 0.5, 1.0])
cosine(*many[:2], signs, margin=0.25)
cosine(*many[:2], -signs, margin=-0.5)
cosine(draw(2, 3, 4), draw(2, 3, 4), torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]), reduction="none")
cosine(draw(4), draw(4), torch.tensor(-1.0))
cosine(far, far.flip(0), torch.tensor([1.0, -1.0, 1.0, -1.0]))
cosine(torch.tensor([[1.0, 0.0], [2.0, 2.0]]), torch.tensor([[0.0, 1.0], [1.0, 1.0]]), torch.tensor([-1.0, -1.0]))  # at the margin
cosine(torch.zeros(0, 3), torch.zeros(0, 3), torch.zeros(0), reduction="none")


# NT-Xent.
def nt_xent(x, y, temperature=0.07, **keys):
    positive, negative, _ = masks(y)
    s = unit(x) @ unit(x).T / temperature
    crowd = sums(s, negative) if len(y) else s.sum(-1)
    return over_pairs(F.softplus(crowd[:, None] - s), positive, **keys)


over_batches("ntXent", nt_xent, {"temperature": 0.5}, {"temperature": 2.0, "reduction": "none"}, pairs=True)
rows.add("ntXent", nt_xent, tied, tied_labels, temperature=0.5)
views = torch.cat([draw(3, 4), draw(3, 4)]), torch.tensor([0, 1, 2, 0, 1, 2])
rows.add("ntXent", nt_xent, *views, temperature=0.5)
NTXent = published("losses", "NTXentLoss")
if NTXent:
    for batch in [(X, Y), (X, lonely), (X, alike), views]:
        check("ntXent", NTXent(temperature=0.5), nt_xent, *batch, temperature=0.5)
    check("ntXent", NTXent(), nt_xent, X, Y)


# SupCon.
def supervised_contrastive(x, y, temperature=0.1, **keys):
    positive, _, other = masks(y)
    s = unit(x) @ unit(x).T / temperature
    if len(y) == 0:
        return over_anchors(s.sum(-1), torch.zeros(0), **keys)
    log_share = s - sums(s, other)[:, None]
    each = -torch.where(positive, log_share, 0.0).sum(-1) / positive.sum(-1).clamp(min=1)
    return over_anchors(each, positive.any(-1), **keys)


over_batches(
    "supervisedContrastive",
    supervised_contrastive,
    {"temperature": 0.5},
    {"average": "all"},
    {"average": "all", "sample_weight": sample},
)
rows.add("supervisedContrastive", supervised_contrastive, tied, tied_labels, temperature=0.5)
SupCon = published("losses", "SupConLoss")
if SupCon:
    for batch in [(X, Y), (X, lonely), views]:
        check("supervisedContrastive", SupCon(), supervised_contrastive, *batch)
    check("supervisedContrastive", SupCon(reducer=Mean()), supervised_contrastive, X, Y, average="all")


# Circle: no gradient through the weights.
def circle(x, y, margin=0.4, gamma=80.0, **keys):
    positive, negative, _ = masks(y)
    s = unit(x) @ unit(x).T
    if len(y) == 0:
        return over_anchors(s.sum(-1), torch.zeros(0), **keys)
    pull = -gamma * F.relu(1 + margin - s.detach()) * (s - (1 - margin))
    push = gamma * F.relu(s.detach() + margin) * (s - margin)
    each = F.softplus(sums(pull, positive) + sums(push, negative))
    return over_anchors(each, positive.any(-1) & negative.any(-1), **keys)


over_batches("circle", circle, {"margin": 0.25, "gamma": 4.0}, {"average": "all"}, {"average": "all", "sample_weight": sample})
rows.add("circle", circle, tied, tied_labels, gamma=4.0)
Circle = published("losses", "CircleLoss")
if Circle:
    for batch in [(X, Y), (X, lonely), (X, alike), views]:
        check("circle", Circle(), circle, *batch)
    check("circle", Circle(m=0.25, gamma=4), circle, X, Y, margin=0.25, gamma=4.0)
    check("circle", Circle(reducer=Mean()), circle, X, Y, average="all")


# Multi-similarity.
def multi_similarity(x, y, alpha=2.0, beta=50.0, base=0.5, **keys):
    positive, negative, _ = masks(y)
    s = unit(x) @ unit(x).T
    if len(y) == 0:
        return over_anchors(s.sum(-1), torch.zeros(0), **keys)
    pull, push = sums(-alpha * (s - base), positive), sums(beta * (s - base), negative)
    return over_anchors(F.softplus(pull) / alpha + F.softplus(push) / beta, torch.ones(len(y)), **keys)


over_batches("multiSimilarity", multi_similarity, {"alpha": 1.0, "beta": 10.0, "base": 0.75})
rows.add("multiSimilarity", multi_similarity, tied, tied_labels)
MultiSimilarity = published("losses", "MultiSimilarityLoss")
if MultiSimilarity:
    for batch in [(X, Y), (X, lonely), (X, alike)]:
        check("multiSimilarity", MultiSimilarity(), multi_similarity, *batch)
    theirs = MultiSimilarity(alpha=1, beta=10, base=0.75)
    check("multiSimilarity", theirs, multi_similarity, X, Y, alpha=1.0, beta=10.0, base=0.75)


# N-pairs: the first of each label and its second. pytorch-metric-learning normalizes.
def n_pairs(x, y, normalize=False, **keys):
    x = unit(x) if normalize else x
    first, second = [], []
    for label in y.unique():
        places = (y == label).nonzero()[:, 0]
        if len(places) > 1:
            first.append(places[0].item())
            second.append(places[1].item())
    each = torch.zeros(len(y))
    valid = torch.zeros(len(y))
    if first:
        scores = x[first] @ x[second].T
        each = each.index_add(0, torch.tensor(first), F.cross_entropy(scores, torch.arange(len(first)), reduction="none"))
        valid[first] = 1.0
    return over_anchors(each + 0 * x.sum(), valid, **keys)


over_batches("nPairs", n_pairs, {"normalize": True})
for labels in [[0, 1, 1, 2, 0, 2], [2, 2, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1]]:
    rows.add("nPairs", n_pairs, X, torch.tensor(labels))
    rows.add("nPairs", n_pairs, X, torch.tensor(labels), reduction="none")
NPairs = published("losses", "NPairsLoss")
Dot = published("distances", "DotProductSimilarity")
if NPairs:
    for labels in [Y, alike, lonely, torch.tensor([0, 1, 1, 2, 0, 2]), torch.tensor([2, 2, 1, 1, 0, 0])]:
        check("nPairs", NPairs(), n_pairs, X, labels, normalize=True)
        theirs = NPairs(distance=Dot(normalize_embeddings=False))
        check("nPairs", theirs, n_pairs, X, labels)


# Lifted structure.
def lifted_structure(x, y, negative_margin=1.0, positive_margin=0.0, normalize=True, **keys):
    positive, negative, _ = masks(y)
    d = distances(unit(x) if normalize else x)
    crowd = sums(negative_margin - d, negative) if len(y) else d.sum(-1)
    both = torch.logaddexp(crowd[:, None], crowd[None, :])
    return over_pairs(F.relu(both + d - positive_margin).square() / 2, positive, **keys)


over_batches(
    "liftedStructure",
    lifted_structure,
    {"negative_margin": 0.5, "positive_margin": 0.25},
    {"normalize": False, "reduction": "none"},
    pairs=True,
)
rows.add("liftedStructure", lifted_structure, tied, tied_labels)
rows.add("liftedStructure", lifted_structure, spread, far_labels, normalize=False)
Lifted = published("losses", "LiftedStructureLoss")
if Lifted:
    for batch in [(X, Y), (X, lonely), (X, alike)]:
        check("liftedStructure", Lifted(), lifted_structure, *batch)
    theirs = Lifted(neg_margin=0.5, pos_margin=0.25, distance=Lp(normalize_embeddings=False))
    check("liftedStructure", theirs, lifted_structure, X, Y, negative_margin=0.5, positive_margin=0.25, normalize=False)


# Angular. pytorch-metric-learning leaves the negatives as long as they are: it is compared on the unit sphere.
def angular(x, y, alpha=math.radians(40), **keys):
    positive, negative, _ = masks(y)
    u = unit(x)
    square = math.tan(alpha) ** 2
    s = u @ u.T
    if len(y) == 0:
        return over_pairs(s, positive, **keys)
    seen = 4 * square * torch.einsum("apd,nd->apn", u[:, None] + u[None, :], u) - 2 * (1 + square) * s[:, :, None]
    return over_pairs(F.softplus(sums(seen, negative[:, None])), positive, **keys)


over_batches("angular", angular, {"alpha": 0.75}, {"alpha": 1.125, "reduction": "none"}, {"alpha": 1.25}, pairs=True)
rows.add("angular", angular, tied, tied_labels)
Angular = published("losses", "AngularLoss")
if Angular:
    for batch in [(X, Y), (X, lonely), (X, alike)]:
        check("angular", lambda x, y: Angular()(unit(x), y), angular, *batch)
    check("angular", lambda x, y: Angular(alpha=45)(unit(x), y), angular, X, Y, alpha=math.radians(45))


# With class weights.
def with_classes(name, formula, published_name, variants, keys):
    classes = torch.tensor([0, 2, 1, 1, 0, 2])
    weight = draw(4, 3)
    for reduction in ["none", "mean", "sum"]:
        rows.add(name, formula, X, classes, weight, wrt=(0, 2), reduction=reduction)
        rows.add(name, formula, X, classes, weight, wrt=(0, 2), reduction=reduction, sample_weight=sample)
    for options in variants:
        rows.add(name, formula, X, classes, weight, wrt=(0, 2), **options)
    rows.add(name, formula, X, classes, weight, wrt=(0, 2), sample_weight=[0.0] * 6)
    rows.add(name, formula, far, torch.tensor([0, 1, 1, 2]), draw(3, 2) * 1e4, wrt=(0, 2))
    rows.add(name, formula, X, torch.zeros(6, dtype=torch.int64), weight[:1], wrt=(0, 2))  # a single class
    rows.add(name, formula, *nothing, weight, wrt=(0, 2))
    rows.add(name, formula, *nothing, weight, wrt=(0, 2), reduction="none")
    Published = published("losses", published_name)
    if Published is None:
        return
    for options in [{}, *[each for each in variants if "reduction" not in each]]:
        theirs = Published(num_classes=4, embedding_size=3, **keys(options))
        held = [each for label, each in theirs.named_parameters() if label in ("W", "proxies")][0]
        with torch.no_grad():
            held.copy_(weight.T if held.shape == (3, 4) else weight)
        check(name, theirs, lambda x, y: formula(x, y, weight, **options), X, classes)
        weights = weight.clone().requires_grad_()
        formula(X, classes, weights, **options).backward()
        agree(name, weights.grad, held.grad.T if held.shape == (3, 4) else held.grad, relative=1e-7)


def margin_softmax(harder):
    def formula(x, y, w, margin, scale, **keys):
        cosine = unit(x) @ unit(w).T
        own = F.one_hot(y, len(w)).bool()
        logits = scale * torch.where(own, harder(cosine, margin), cosine)
        return over_anchors(F.cross_entropy(logits, y, reduction="none"), torch.ones(len(y)), **keys)

    return formula


def arc(cosine, margin):
    # Inside (-1, 1) alone: the slope of an angle is infinite at its ends.
    angle = torch.acos(cosine)
    return torch.where(angle <= math.pi - margin, torch.cos(angle + margin), cosine - margin * math.sin(margin))


arc_face = lambda x, y, w, margin=0.5, scale=64.0, **keys: margin_softmax(arc)(x, y, w, margin, scale, **keys)
with_classes(
    "arcFace",
    arc_face,
    "ArcFaceLoss",
    [{"margin": 0.25, "scale": 8.0}, {"margin": 2.5, "scale": 4.0}],
    lambda options: options | {"margin": math.degrees(options.get("margin", 0.5))},
)
# Far outside of the cone and nearly against it: the second branch.
against = torch.tensor([[-4.0, 0.25], [0.125, -3.0]]), torch.tensor([0, 1]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
rows.add("arcFace", arc_face, *against, wrt=(0, 2), scale=4.0, reduction="none")

cos_face = lambda x, y, w, margin=0.35, scale=64.0, **keys: margin_softmax(lambda c, m: c - m)(x, y, w, margin, scale, **keys)
with_classes(
    "cosFace", cos_face, "CosFaceLoss", [{"margin": 0.25, "scale": 8.0}, {"margin": 0.0, "scale": 16.0}], lambda options: options
)


def proxy_anchor(x, y, proxies, margin=0.1, alpha=32.0, reduction="mean", sample_weight=None):
    s = unit(proxies) @ unit(x).T
    count = torch.ones(len(y)) if sample_weight is None else torch.tensor(sample_weight)
    own = torch.arange(len(proxies))[:, None] == y
    near = (1 + (torch.where(own, torch.exp(-alpha * (s - margin)), 0.0) * count).sum(-1)).log()
    away = (1 + (torch.where(own, 0.0, torch.exp(alpha * (s + margin))) * count).sum(-1)).log()
    if reduction != "mean":
        return reduce(near + away, reduction)
    present = (own & (count > 0)).any(-1).sum().clamp(min=1)
    return near.sum() / present + away.mean()


with_classes("proxyAnchor", proxy_anchor, "ProxyAnchorLoss", [{"margin": 0.25, "alpha": 4.0}, {"margin": 0.5}], lambda options: options)


# Self-supervised: two views.
def shares(sample_weight, batch):
    weight = torch.ones(batch) if sample_weight is None else torch.tensor(sample_weight)
    return weight[:, None] / weight.sum()


def centered(x, share):
    return x - (x * share).sum(0)


def vic_reg(
    a, b, invariance_weight=25.0, variance_weight=25.0, covariance_weight=1.0, eps=1e-4, reduction="mean", sample_weight=None
):
    if len(a) == 0 or (sample_weight is not None and sum(sample_weight) == 0):
        return reduce((0 * (a + b)).sum(0), reduction)
    share = shares(sample_weight, len(a))
    each = invariance_weight * ((a - b).square() * share).sum(0)
    for x in (a, b):
        z = centered(x, share)
        covariance = (z * share).T @ z / (1 - share.square().sum())
        each = each + variance_weight / 2 * F.relu(1 - (covariance.diag() + eps).sqrt())
        each = each + covariance_weight * (covariance - covariance.diag().diag()).square().sum(-1)
    return reduce(each, reduction)


def barlow_twins(a, b, reduction="sum", sample_weight=None, eps=1e-5, **keys):
    strength = keys.get("lambda", 0.005)
    if len(a) == 0 or (sample_weight is not None and sum(sample_weight) == 0):
        return reduce((0 * (a + b)).sum(0), reduction)
    share = shares(sample_weight, len(a))
    normal = lambda x: centered(x, share) / ((centered(x, share).square() * share).sum(0) + eps).sqrt()
    correlation = (normal(a) * share).T @ normal(b)
    one = torch.eye(a.shape[1])
    each = ((correlation - one).square() * (one + strength * (1 - one))).sum(-1)
    return reduce(each, reduction)


first, second = draw(5, 3, scale=1.5), draw(5, 3, scale=1.5)
weights = [1.0, 0.5, 2.0, 0.0, 3.0]
for name, formula, variants in [
    (
        "vicReg",
        vic_reg,
        [{"invariance_weight": 0.0}, {"variance_weight": 0.0}, {"covariance_weight": 10.0, "eps": 0.25}],
    ),
    ("barlowTwins", barlow_twins, [{"lambda": 0.5}, {"lambda": 0.0}, {"eps": 0.5}]),
]:
    add = lambda *arguments, **options: rows.add(name, formula, *arguments, wrt=(0, 1), **options)
    for reduction in [None, "none", "mean", "sum"]:
        given = {} if reduction is None else {"reduction": reduction}
        add(first, second, **given)
        add(first, second, sample_weight=weights, **given)
    for options in variants:
        add(first, second, **options)
    add(first / 8, second / 8)
    add(draw(2, 4), draw(2, 4))
    add(draw(4, 1), draw(4, 1))
    add(first, first.clone())
    add(far, far.flip(0))
    add(first, second, sample_weight=[0.0] * 5)
    add(torch.zeros(0, 3), torch.zeros(0, 3))
    add(torch.zeros(0, 3), torch.zeros(0, 3), reduction="none")

VICReg = published("losses", "VICRegLoss")
if VICReg:
    check("vicReg", lambda x: VICReg()(x, ref_emb=second), lambda x: vic_reg(x, second), first)
    theirs = VICReg(invariance_lambda=3, variance_mu=2, covariance_v=7, eps=0.25)
    ours = lambda x: vic_reg(x, second, invariance_weight=3.0, variance_weight=2.0, covariance_weight=7.0, eps=0.25)
    check("vicReg", lambda x: theirs(x, ref_emb=second), ours, first)
share = shares(weights, 5)
ours = (centered(first, share) * share).T @ centered(first, share) / (1 - share.square().sum())
agree("weighted covariance", ours, torch.tensor(numpy.cov(first.numpy().T, aweights=weights)))
normal = lambda x: F.batch_norm(x, None, None, training=True, eps=1e-5)
correlation = normal(first).T @ normal(second) / 5
strength = torch.full((3, 3), 0.005).fill_diagonal_(1)
agree("Barlow Twins", barlow_twins(first, second), ((correlation - torch.eye(3)).square() * strength).sum())

rows.write("metric-learning")


# Miners: {loss, embeddings, labels, options, and the triplets that they find: [anchor, positive, negative]}.
def batch_hard(d, y):
    found = []
    for a in range(len(y)):
        positives = [i for i in range(len(y)) if i != a and y[i] == y[a]]
        negatives = [i for i in range(len(y)) if y[i] != y[a]]
        if positives and negatives:
            found.append([a, max(positives, key=lambda i: d[a][i]), min(negatives, key=lambda i: d[a][i])])
    return found


def semi_hard(d, y, margin=1.0):
    found = []
    for a in range(len(y)):
        for p in range(len(y)):
            if p == a or y[p] != y[a]:
                continue
            fits = [i for i in range(len(y)) if y[i] != y[a] and 0 < d[a][i] - d[a][p] <= margin]
            if fits:
                found.append([a, p, min(fits, key=lambda i: d[a][i])])
    return found


mined = []
BatchHard, TripletMiner = published("miners", "BatchHardMiner"), published("miners", "TripletMarginMiner")
batch, labels = draw(12, 3), torch.tensor([0, 1, 2, 0, 1, 2, 0, 3, 1, 0, 4, 4])
for normalize in [False, True]:
    x = unit(batch) if normalize else batch
    d = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").tolist()
    y = labels.tolist()
    hard = batch_hard(d, y)
    mined.append({"loss": "batchHard", "embeddings": batch, "labels": labels, "options": {"normalize": normalize}, "triplets": hard})
    if BatchHard:
        theirs = BatchHard(distance=Lp(normalize_embeddings=normalize))(batch, labels)
        agree("batchHard", torch.tensor(hard).T, torch.stack(theirs))
    for margin in [1.0, 0.25]:
        semi = semi_hard(d, y, margin)
        options = {"normalize": normalize, "margin": margin}
        mined.append({"loss": "semiHard", "embeddings": batch, "labels": labels, "options": options, "triplets": semi})
        if TripletMiner:
            miner = TripletMiner(margin=margin, type_of_triplets="semihard", distance=Lp(normalize_embeddings=normalize))
            nearest = {}
            for a, p, n in torch.stack(miner(batch, labels)).T.tolist():
                if (a, p) not in nearest or d[a][n] < d[a][nearest[a, p]]:
                    nearest[a, p] = n
            agree("semiHard", torch.tensor(semi), torch.tensor([[a, p, n] for (a, p), n in sorted(nearest.items())]))
write("losses", "metric-learning-miners", plain(mined), script="losses_metric-learning")
