"""Golden values and gradients of the ranking losses and measures."""

import math
import sys
import types

import torch
import torch.nn.functional as F

from golden import seeded
from loss_rows import Rows, reduce
from reference import agree, reference

# What allRank needs for its files on cloud storage, and its losses don't.
sys.modules.setdefault("gcsfs", types.SimpleNamespace(GCSFileSystem=None))

rows = Rows()
draw = seeded(4)

# Pairwise.
P, T, signs = torch.tensor([0.5, -1.5, 3.0]), torch.tensor([0.0, 1.0, 2.5]), torch.tensor([1.0, 1.0, -1.0])


def margin_ranking(*arguments, **options):
    rows.add("marginRanking", F.margin_ranking_loss, *arguments, wrt=(0, 1), **options)


margin_ranking(P, T, signs)
margin_ranking(P, T, signs, margin=0.5)
margin_ranking(P, T, signs, margin=0.5, reduction="none")
margin_ranking(P, T, signs, margin=2.0, reduction="sum")
margin_ranking(draw(2, 3), draw(2, 3), torch.tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]]), margin=1.0)
margin_ranking(torch.tensor([1.0, 1e4]), torch.tensor([1.0, -1e4]), torch.tensor([1.0, -1.0]), margin=0.25)


# Lists. A formula gets the scores and relevances of one list, without what is masked, and gives its loss and how many terms it has
# (the mean divides by their sum; 0 leaves the list out).
def lists(formula):
    def loss(s, y, mask=None, sample_weight=None, reduction="mean", **options):
        shape = s.shape[:-1]
        scores, relevance = s.reshape(-1, s.shape[-1]), y.reshape(-1, s.shape[-1]).to(torch.float64)
        there = torch.ones_like(relevance).bool() if mask is None else mask.reshape(relevance.shape)
        weights = [1.0] * len(scores) if sample_weight is None else sample_weight
        each, total = [], 0.0
        for own, grades, items, weight in zip(scores, relevance, there, weights):
            value, terms = formula(own[items], grades[items], **options) if items.any() else (None, 0)
            each.append(weight * value if terms else 0 * own.sum())
            total += weight * terms
        if reduction == "none":
            return torch.stack(each).reshape(shape)
        value = sum(each, 0 * s.sum())
        return value / (total or 1) if reduction == "mean" else value

    return loss


def gains_of(y, gain="exponential"):
    """Gains up to a factor; relative to the largest relevance, so that they are finite."""
    return 2 ** (y - y.max()) - 2 ** -y.max() if gain == "exponential" else y


def ranks_of(x):
    """From 1; at a tie the lower position is first."""
    order = torch.sort(x.detach(), descending=True, stable=True).indices
    return torch.argsort(order) + 1


def best_dcg(y, gain="exponential", k=None):
    sorted_gains = gains_of(y, gain).sort(descending=True).values[:k]
    return (sorted_gains / torch.log2(torch.arange(len(sorted_gains)) + 2.0)).sum()


def normalized_gains(y, gain, k):
    best = best_dcg(y, gain, k)
    return gains_of(y, gain) / best if best > 0 else torch.zeros_like(y)


def above(x):
    """x_i - x_j."""
    return x[:, None] - x[None, :]


def chosen(each, pairs):
    return torch.where(pairs, each, torch.zeros_like(each)).sum(), int(pairs.sum())


@lists
def rank_net(s, y, sigma=1.0, weighting="uniform"):
    weight = {"uniform": 1.0, "difference": above(y).abs(), "differenceOfSquares": above(y**2).abs()}[weighting]
    return chosen(weight * -F.logsigmoid(sigma * above(s)), above(y) > 0)


@lists
def pairwise_hinge(s, y, margin=1.0):
    return chosen(torch.relu(margin - above(s)), above(y) > 0)


@lists
def lambda_rank(s, y, sigma=1.0, k=None, gain="exponential"):
    r = ranks_of(s)
    top = k or len(s)
    discount = torch.where(r <= top, 1 / torch.log2(1.0 + r), torch.zeros(len(s)))
    change = above(normalized_gains(y, gain, k)).abs() * above(discount).abs()
    pairs = (above(y) > 0) & ((r[:, None] <= top) | (r[None, :] <= top))
    return chosen(change * -F.logsigmoid(sigma * above(s)), pairs)


@lists
def lambda_loss(s, y, scheme="ndcgLoss2PlusPlus", k=None, sigma=1.0, mu=10.0, logarithm="binary", gain="exponential"):
    r, g = ranks_of(s), normalized_gains(y, gain, k)
    inverse = lambda distance: 1 / torch.log2(1.0 + distance)
    distance = above(r).abs().clamp(min=1)
    bounded = lambda: (inverse(distance) - inverse(distance + 1)).abs() * above(g).abs()
    swapped = lambda: above(inverse(r)).abs() * above(g).abs()
    weight = {
        "ndcgLoss1": lambda: (g * inverse(r))[:, None],
        "ndcgLoss2": bounded,
        "lambdaRank": swapped,
        "ndcgLoss2PlusPlus": lambda: mu * bounded() + swapped(),
        "rankNet": lambda: 1.0,
        "rankNetWeightedByDifference": lambda: above(y).abs(),
        "rankNetWeightedByDifferenceOfSquares": lambda: above(y**2).abs(),
    }[scheme]()
    top = k or len(s)
    pairs = (r[:, None] <= top) & (r[None, :] <= top)
    if scheme != "ndcgLoss1":
        pairs &= above(y) > 0
    each = weight * -F.logsigmoid(sigma * above(s)) / (math.log(2) if logarithm == "binary" else 1)
    return chosen(each, pairs)


@lists
def list_net(s, y):
    return -(torch.softmax(y, -1) * torch.log_softmax(s, -1)).sum(), 1


@lists
def list_mle(s, y):
    ordered = s[torch.sort(y, descending=True, stable=True).indices]
    rest = torch.stack([torch.logsumexp(ordered[i:], 0) for i in range(len(s))])
    return (rest - ordered).sum(), 1


@lists
def softmax_ranking(s, y):
    return -(y * torch.log_softmax(s, -1)).sum(), 1


def soft_ranks(s, temperature):
    return 0.5 + torch.sigmoid(-above(s) / temperature).sum(-1)


@lists
def approx_ndcg(s, y, temperature=0.1, gain="exponential"):
    best = best_dcg(y, gain)
    dcg = (gains_of(y, gain) / torch.log2(1 + soft_ranks(s, temperature))).sum()
    return (-dcg / best, 1) if best > 0 else (0 * s.sum(), 0)


@lists
def approx_mrr(s, y, temperature=0.1):
    return (-(y / soft_ranks(s, temperature)).sum() / y.sum(), 1) if y.sum() > 0 else (0 * s.sum(), 0)


@lists
def neural_ndcg(s, y, temperature=1.0, k=None, gain="exponential", iterations=50):
    best = best_dcg(y, gain, k)
    if best == 0:
        return 0 * s.sum(), 0
    n = len(s)
    r = torch.arange(n) + 1.0
    spread = above(s).abs().sum(-1)
    p = torch.softmax(((n + 1 - 2 * r)[:, None] * s[None, :] - spread[None, :]) / temperature, -1)
    for _ in range(iterations):
        p = p / p.sum(0, keepdim=True)
        p = p / p.sum(1, keepdim=True)
    return -((p @ gains_of(y, gain)) / torch.log2(1 + r))[:k].sum() / best, 1


# Each item is a sum of its own: what is masked is not among them.
def ordinal(x, y, mask=None, sample_weight=None, reduction="mean"):
    answers = (y.to(torch.float64)[..., None] - torch.arange(x.shape[-1])).clamp(0, 1)
    each = F.binary_cross_entropy_with_logits(x, answers, reduction="none").sum(-1)
    weights = torch.ones_like(each) if mask is None else torch.as_tensor(mask).to(each)
    if sample_weight is not None:
        given = torch.as_tensor(sample_weight)
        weights = weights * given.reshape(*given.shape, *[1] * (each.dim() - given.dim()))
    each = each * weights
    if reduction != "mean":
        return reduce(each, reduction)
    return each.sum() / (float(weights.sum()) or 1)


scores = draw(3, 5)
relevance = torch.tensor([[3.0, 2.0, 0.0, 1.0, 0.5], [0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 4.0, 1.0, 1.0, 2.0]])
mask = torch.tensor([[True, True, False, True, True], [True, False, True, True, True], [False] * 5])
padded = torch.where(mask, relevance, torch.tensor(-1.0))
clicks = torch.tensor([[0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0, 0.0]])
wide = torch.tensor([[1e4, -1e4, 0.0, 9e3]])
wide_relevance = torch.tensor([[0.0, 2.0, 1.0, 3.0]])
tied_scores = torch.tensor([[0.5, 0.5, -1.0, 0.5]])
long_scores, long_relevance = draw(2, 11), (draw(2, 11) + 2).round()

for name, formula in {
    "rankNet": rank_net,
    "pairwiseHinge": pairwise_hinge,
    "lambdaRank": lambda_rank,
    "lambdaLoss": lambda_loss,
    "listNet": list_net,
    "listMle": list_mle,
    "softmaxRanking": softmax_ranking,
    "approxNdcg": approx_ndcg,
    "approxMrr": approx_mrr,
    "neuralNdcg": neural_ndcg,
}.items():
    for reduction in ["none", "mean", "sum"]:
        rows.add(name, formula, scores, relevance, reduction=reduction)
    rows.add(name, formula, scores, padded, mask=mask)
    rows.add(name, formula, scores, padded, mask=mask, reduction="none")
    rows.add(name, formula, scores, padded, mask=torch.zeros(3, 5, dtype=torch.bool))
    rows.add(name, formula, scores, relevance, sample_weight=[0.5, 2.0, 3.0])
    rows.add(name, formula, scores, relevance, sample_weight=[0.5, 2.0, 0.0], reduction="none")
    rows.add(name, formula, scores, padded, mask=mask, sample_weight=[1.0, 3.0, 5.0])
    rows.add(name, formula, torch.tensor([1.5, -0.5, 0.25]), torch.tensor([2.0, 0.0, 1.0]))
    rows.add(name, formula, draw(2, 2, 3), torch.tensor([[[1.0, 0.0, 2.0], [0.0, 0.0, 1.0]], [[2.0, 1.0, 1.0], [3.0, 0.0, 1.0]]]))
    rows.add(name, formula, wide, wide_relevance)
    rows.add(name, formula, wide, wide_relevance, reduction="none", mask=torch.tensor([[True, True, False, True]]))
    rows.add(name, formula, tied_scores, torch.tensor([[2.0, 1.0, 1.0, 0.0]]))
    rows.add(name, formula, long_scores, long_relevance)
    rows.add(name, formula, torch.tensor([[2.0], [-1.0]]), torch.tensor([[1.0], [0.0]]))  # lists of one
    rows.add(name, formula, torch.zeros(0, 3), torch.zeros(0, 3))

rows.add("rankNet", rank_net, scores, relevance, sigma=2.5)
rows.add("rankNet", rank_net, scores, relevance, weighting="difference")
rows.add("rankNet", rank_net, scores, relevance, weighting="differenceOfSquares", reduction="none")
rows.add("pairwiseHinge", pairwise_hinge, scores, relevance, margin=0.25)
# One pair is exactly at the margin.
rows.add("pairwiseHinge", pairwise_hinge, torch.tensor([[1.0, 0.0, 3.0]]), torch.tensor([[2.0, 1.0, 0.0]]))
rows.add("lambdaRank", lambda_rank, scores, relevance, k=2)
rows.add("lambdaRank", lambda_rank, scores, padded, mask=mask, k=2, sigma=0.5, gain="linear", reduction="none")
rows.add("lambdaRank", lambda_rank, scores, relevance, k=9)
for scheme in [
    "ndcgLoss1",
    "ndcgLoss2",
    "ndcgLoss2PlusPlus",
    "lambdaRank",
    "rankNet",
    "rankNetWeightedByDifference",
    "rankNetWeightedByDifferenceOfSquares",
]:
    rows.add("lambdaLoss", lambda_loss, scores, relevance, scheme=scheme)
    rows.add("lambdaLoss", lambda_loss, scores, padded, mask=mask, scheme=scheme, k=3, reduction="none")
rows.add("lambdaLoss", lambda_loss, scores, relevance, sigma=2.0, mu=3.0, logarithm="natural", gain="linear", reduction="sum")
for temperature in [0.02, 1.0]:
    rows.add("approxNdcg", approx_ndcg, scores, relevance, temperature=temperature)
    rows.add("approxMrr", approx_mrr, scores, clicks, temperature=temperature)
    rows.add("neuralNdcg", neural_ndcg, scores, relevance, temperature=temperature)
rows.add("approxNdcg", approx_ndcg, scores, relevance, gain="linear")
rows.add("approxNdcg", approx_ndcg, torch.tensor([[0.25, 0.5, 0.0]]), torch.tensor([[1e4, 9.9e3, 3.0]]))  # gains beyond any float
rows.add("neuralNdcg", neural_ndcg, scores, relevance, k=2)
rows.add("neuralNdcg", neural_ndcg, scores, padded, mask=mask, k=3, gain="linear", reduction="none")
rows.add("neuralNdcg", neural_ndcg, scores, relevance, iterations=0)
rows.add("neuralNdcg", neural_ndcg, scores, relevance, iterations=3)

answers = draw(2, 3, 3)
levels = torch.tensor([[0.0, 3.0, 1.0], [2.0, 1.0, 3.0]])
there = torch.tensor([[True, True, False], [False, False, True]])
for reduction in ["none", "mean", "sum"]:
    rows.add("ordinal", ordinal, answers, levels, reduction=reduction)
rows.add("ordinal", ordinal, answers, torch.where(there, levels, torch.tensor(-1.0)), mask=there)
rows.add("ordinal", ordinal, answers, levels, mask=there, reduction="none")
rows.add("ordinal", ordinal, answers, levels, mask=torch.zeros(2, 3, dtype=torch.bool))
rows.add("ordinal", ordinal, answers, levels, sample_weight=[0.5, 2.0])
rows.add("ordinal", ordinal, answers, levels, mask=there, sample_weight=[[1.0, 3.0, 5.0], [7.0, 2.0, 0.5]])
rows.add("ordinal", ordinal, draw(2, 2), torch.tensor([1.0, 2.0]))
rows.add("ordinal", ordinal, draw(2, 1, 3, 2), torch.tensor([[[1.0, 0.25, 2.0]], [[1.5, 1.0, 0.0]]]))
rows.add("ordinal", ordinal, torch.tensor([[[1e4, -1e4], [-1e4, 1e4]]]), torch.tensor([[1.0, 1.0]]))
rows.add("ordinal", ordinal, torch.tensor([[[0.0, 0.0]]]), torch.tensor([[1.0]]))  # no kink where |x| has one
rows.add("ordinal", ordinal, torch.zeros(0, 3, 2), torch.zeros(0, 3))


# Measures.
def measured(formula):
    """Like `lists`; a formula gives None where nothing is relevant."""

    def measure(s, y, without_relevant="zero", **options):
        def value(s, y, **keys):
            found = formula(s, y, **keys)
            if found is not None:
                return torch.tensor(float(found)), 1
            return torch.tensor(1.0 if without_relevant == "one" else 0.0), 0 if without_relevant == "skip" else 1

        return lists(value)(s, y, **options)

    return measure


def sorted_by(s, y):
    return y[torch.sort(s, descending=True, stable=True).indices]


@measured
def ndcg(s, y, k=None, gain="exponential"):
    best = best_dcg(y, gain, k)
    return None if best == 0 else (gains_of(sorted_by(s, y), gain) / torch.log2(torch.arange(len(s)) + 2.0))[:k].sum() / best


def relevant(s, y, threshold):
    return (sorted_by(s, y) >= threshold).to(torch.float64)


@measured
def mean_reciprocal_rank(s, y, k=None, threshold=1.0):
    hits = relevant(s, y, threshold)
    return None if hits.sum() == 0 else (hits / (torch.arange(len(s)) + 1.0))[:k].max()


@measured
def mean_average_precision(s, y, k=None, threshold=1.0):
    hits = relevant(s, y, threshold)
    precision = hits.cumsum(0) / (torch.arange(len(s)) + 1.0)
    return None if hits.sum() == 0 else (precision * hits)[:k].sum() / hits.sum()


@measured
def precision_at(s, y, k=None, threshold=1.0):
    hits = relevant(s, y, threshold)
    return None if hits.sum() == 0 else hits[:k].mean()


for name, formula in {
    "ndcg": ndcg,
    "meanReciprocalRank": mean_reciprocal_rank,
    "meanAveragePrecision": mean_average_precision,
    "precisionAt": precision_at,
}.items():
    add = lambda *arguments, **options: rows.add(name, formula, *arguments, wrt=(), **options)
    for reduction in ["none", "mean", "sum"]:
        add(scores, relevance, reduction=reduction)
    for without_relevant in ["zero", "one", "skip"]:
        for reduction in ["none", "mean"]:
            add(scores, relevance, without_relevant=without_relevant, reduction=reduction)
    for k in [1, 2, 3, 9]:
        add(scores, relevance, k=k, reduction="none")
        add(scores, padded, mask=mask, k=k, reduction="none")
    add(scores, padded, mask=mask)
    add(scores, padded, mask=torch.zeros(3, 5, dtype=torch.bool), without_relevant="one")
    add(scores, relevance, sample_weight=[0.5, 2.0, 3.0])
    add(scores, relevance, sample_weight=[0.5, 2.0, 3.0], without_relevant="skip")
    add(tied_scores, torch.tensor([[0.0, 1.0, 2.0, 3.0]]))
    add(torch.tensor([1.5, -0.5, 0.25]), torch.tensor([2.0, 0.0, 1.0]))
    add(draw(2, 1, 3), torch.tensor([[[0.0, 0.0, 2.0]], [[0.0, 1.0, 1.0]]]), reduction="none")
    add(wide, wide_relevance, k=2)
    add(torch.tensor([[2.0], [-1.0]]), torch.tensor([[1.0], [0.0]]))
    add(torch.zeros(0, 3), torch.zeros(0, 3))
    if name == "ndcg":
        add(scores, relevance, gain="linear", reduction="none")
        add(scores, padded, mask=mask, k=2, gain="linear")
    else:
        add(scores, relevance, threshold=2.0, reduction="none")
        add(scores, relevance, threshold=0.25)

# Published implementations. allRank marks padding by -1, at the end of a list.
s = draw(4, 6)
y = torch.tensor(
    [
        [3.0, 2.0, 0.0, 1.0, 0.0, 4.0],
        [0.0, 1.0, 0.0, 0.0, -1.0, -1.0],
        [1.0, 2.0, 3.0, 4.0, 0.0, 0.0],
        [2.0, 2.0, 1.0, 0.0, 1.0, -1.0],
    ]
)
there = y != -1
losses = "allrank.models.losses"
if theirs := reference("allRank", losses, "rankNet"):
    weightings = {"uniform": None, "difference": "weight_by_diff", "differenceOfSquares": "weight_by_diff_powed"}
    for weighting, name in weightings.items():
        ours = rank_net(s, y, mask=there, weighting=weighting)
        agree(f"rankNet {weighting}", ours, theirs(s, y, **({name: True} if name else {})), relative=1e-7)  # float32 labels
if theirs := reference("allRank", losses, "lambdaLoss"):
    for scheme, name in {
        "ndcgLoss1": "ndcgLoss1_scheme",
        "ndcgLoss2": "ndcgLoss2_scheme",
        "ndcgLoss2PlusPlus": "ndcgLoss2PP_scheme",
        "lambdaRank": "lambdaRank_scheme",
        "rankNet": None,
        "rankNetWeightedByDifference": "rankNetWeightedByGTDiff_scheme",
        "rankNetWeightedByDifferenceOfSquares": "rankNetWeightedByGTDiffPowed_scheme",
    }.items():
        for k in [None, 3]:
            for reduction in ["sum", "mean"]:
                for logarithm in ["binary", "natural"]:
                    keys = {"k": k, "sigma": 0.5, "mu": 7.0, "reduction": reduction}
                    ours = lambda_loss(s, y, mask=there, scheme=scheme, logarithm=logarithm, **keys)
                    wanted = theirs(s, y, weighing_scheme=name, reduction_log=logarithm, **keys)
                    agree(f"lambdaLoss {scheme}", ours, wanted, relative=1e-6)  # its discounts are float32
    wanted = theirs(s, y, weighing_scheme="lambdaRank_scheme", reduction_log="natural")
    agree("lambdaRank", lambda_rank(s, y, mask=there, reduction="sum"), wanted, relative=1e-6)
if theirs := reference("allRank", losses, "listNet"):
    agree("listNet", list_net(s, y, mask=there), theirs(s, y), relative=1e-6)  # its epsilon
if theirs := reference("allRank", losses, "listMLE"):
    untied = torch.tensor([[3.0, 2.0, 0.0, 1.0, 5.0, 4.0], [0.0, 1.0, 4.0, 2.0, -1.0, -1.0]])
    agree("listMle", list_mle(s[:2], untied, mask=untied != -1), theirs(s[:2], untied), relative=1e-6)
if theirs := reference("allRank", losses, "approxNDCGLoss"):
    agree("approxNdcg", approx_ndcg(s, y, mask=there, temperature=0.5), theirs(s, y, alpha=2.0), relative=1e-6)
for name in ["neuralNDCG", "neuralNDCG_transposed"]:
    if theirs := reference("allRank", losses, name):
        for keys in [{}, {"k": 3}, {"powered_relevancies": False}, {"temperature": 0.5}]:
            if name == "neuralNDCG_transposed" and "powered_relevancies" in keys:
                continue  # it divides linear gains by the best exponential ones
            named = {key: value for key, value in keys.items() if key != "powered_relevancies"}
            ours = neural_ndcg(s, y, mask=there, gain="linear" if "powered_relevancies" in keys else "exponential", **named)
            found = theirs(s.float(), y.float(), **keys)  # parts of it are float32
            agree(name, ours, found.to(torch.float64), relative=2e-5)
if theirs := reference("allRank", losses, "ordinal"):
    x, graded = draw(2, 3, 2), torch.tensor([[2.0, 0.0, 1.0], [1.0, 2.0, -1.0]])
    wanted = theirs(torch.sigmoid(x).float(), graded.float(), 2).double()
    agree("ordinal", ordinal(x, graded, mask=graded != -1), wanted, relative=1e-6)
for name, ours in {"ndcg": ndcg, "mrr": mean_reciprocal_rank}.items():
    if theirs := reference("allRank", "allrank.models.metrics", name):
        for k in [1, 2, 4]:
            binary = y if name == "ndcg" else (y == y.max(-1, keepdim=True).values).double() - 2 * (y == -1)
            keys = {"without_relevant": "one"} if name == "ndcg" else {}
            binary = torch.where(y == -1, y, binary)
            agree(name, ours(s, binary, mask=there, k=k, reduction="none", **keys), theirs(s, binary, ats=[k])[:, 0], relative=1e-6)

rows.write("ranking")
