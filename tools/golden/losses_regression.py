"""Golden values and gradients of the regression losses."""

import math
import sys
import types

import torch
import torch.nn.functional as F

from golden import seeded
from loss_rows import Rows, reduce
from reference import agree, reference

rows = Rows()
P, T = torch.tensor([0.5, -1.5, 3.0]), torch.tensor([0.0, 1.0, 2.5])
draw = seeded(1)
apart = seeded(5)  # for comparisons, which may not run: they change no row
matrix, matrix_target = draw(3, 4), draw(3, 4)
equal = torch.tensor([[0.25, -1.0], [4.0, 0.0]])
huge = torch.tensor([1e4, -1e4, 0.0])
cube, cube_target = draw(2, 2, 3), draw(2, 2, 3)
weights = [2.0, 0.0, 0.5]
columns = [[1.0, 2.0, 0.0, 0.25], [0.0, 0.0, 0.0, 1.0], [3.0, 1.0, 1.0, 1.0]]


def named(function):
    """`function` per element, with our reductions and weights."""

    def formula(p, t, reduction="mean", sample_weight=None, **options):
        return reduce(function(p, t, **options), reduction, sample_weight)

    return formula


def torch_loss(function):
    """A loss of PyTorch: its own reductions, except where it has no such weights or gives NaN."""

    def formula(p, t, reduction="mean", sample_weight=None, **options):
        if sample_weight is None and p.numel() > 0:
            return function(p, t, reduction=reduction, **options)
        return reduce(function(p, t, reduction="none", **options), reduction, sample_weight)

    return formula


def positive(x):
    return x.abs() + 0.25


def standard(name, formula, domain=lambda x: x, huge=huge, huge_target=torch.zeros(3), **options):
    """Rows that every loss of single elements has; `options` are for some of them."""
    p, t = domain(matrix), domain(matrix_target)
    rows.add(name, formula, domain(P), domain(T))
    rows.add(name, formula, domain(torch.tensor(0.75)), domain(torch.tensor(-2.0)))  # a scalar
    for reduction in ["none", "mean", "sum"]:
        rows.add(name, formula, p, t, reduction=reduction, **options)
        rows.add(name, formula, p, t, reduction=reduction, sample_weight=weights)
        rows.add(name, formula, torch.zeros(0, 2), torch.zeros(0, 2), reduction=reduction)
    rows.add(name, formula, p, t, sample_weight=columns)
    rows.add(name, formula, p, t, sample_weight=[0.0, 0.0, 0.0])
    rows.add(name, formula, domain(cube), domain(cube_target), reduction="none", **options)
    rows.add(name, formula, domain(cube), domain(cube_target), sample_weight=[[1.0, 0.5], [0.0, 2.0]])
    rows.add(name, formula, domain(equal), domain(equal))  # on the target, where |e| has slope 0
    rows.add(name, formula, huge, huge_target, reduction="none")
    rows.add(name, formula, huge, huge_target, reduction="mean", **options)


standard("meanSquaredError", torch_loss(F.mse_loss))
standard("meanAbsoluteError", torch_loss(F.l1_loss))

huber = torch_loss(F.huber_loss)
standard("huber", huber, delta=0.3)
rows.add("huber", huber, [1.0, -1.0, 0.0, 2.0, -0.5], torch.zeros(5), reduction="none")  # |e| exactly delta

smooth = torch_loss(F.smooth_l1_loss)
standard("smoothL1", smooth, beta=0.3)
rows.add("smoothL1", smooth, matrix, matrix_target, beta=0.0)
rows.add("smoothL1", smooth, [1.0, -1.0, 0.0, 2.0, -0.5], torch.zeros(5), reduction="none")  # |e| exactly beta
rows.add("smoothL1", smooth, huge, torch.zeros(3), beta=1e-20)


# Keras's form, in which nothing overflows.
def log_cosh(p, t):
    return (p - t) + F.softplus(-2 * (p - t)) - math.log(2)


standard("logCosh", named(log_cosh))
rows.add("logCosh", named(log_cosh), [19.5, -19.5, 20.0, -20.5, 25.0], torch.zeros(5), reduction="none")


# Quantiles and expectiles: a number, or one per entry of the last axis of the prediction.
def levels(error_loss):
    def function(p, t, **options):
        [level] = options.values()
        level = torch.as_tensor(level)
        return error_loss((t if level.dim() == 0 else t.unsqueeze(-1)) - p, level)

    return named(function)


pinball = levels(lambda e, q: torch.maximum(q * e, (q - 1) * e))
expectile = levels(lambda e, tau: torch.where(e < 0, 1 - tau, tau) * e**2)
for name, formula, option in [("pinball", pinball, "quantile"), ("expectile", expectile, "expectile")]:
    add = lambda p, t, level, **options: rows.add(name, formula, p, t, **{option: level}, **options)
    add(P, T, 0.9)
    add(torch.tensor(0.75), torch.tensor(-2.0), 0.25)
    add(equal, equal, 0.75)
    add(huge, torch.zeros(3), 0.9, reduction="none")
    add(torch.zeros(0, 2), torch.zeros(0, 2), 0.1)
    several = [0.1, 0.5, 0.75, 0.98]
    goal = draw(3)
    for reduction in ["none", "mean", "sum"]:
        add(matrix, matrix_target, 0.1, reduction=reduction)
        add(matrix, matrix_target, 0.25, reduction=reduction, sample_weight=weights)
        add(matrix, goal, several, reduction=reduction)
        add(matrix, goal, several, reduction=reduction, sample_weight=weights)
        add(torch.zeros(0, 4), torch.zeros(0), several, reduction=reduction)
    add(matrix, matrix_target, 0.25, sample_weight=[0.0, 0.0, 0.0])
    add(matrix, goal, several, sample_weight=columns)
    add(cube, draw(2, 2), [0.9, 0.5, 0.1], reduction="none")
    add(huge, torch.tensor(0.25), [0.1, 0.5, 0.9])  # one example, [quantiles]
    add(torch.tensor([[2.0, 2.0]]), torch.tensor([2.0]), [0.25, 0.5])  # ties


# Relative errors.
def log_error(p, t):
    return (torch.log(1 + p) - torch.log(1 + t)) ** 2


standard("meanSquaredLogError", named(log_error), positive, torch.tensor([1e4, 0.0, 1e4]), torch.tensor([0.0, 1e4, 9e3]))
rows.add("meanSquaredLogError", named(log_error), [-0.5, 0.0, -0.75], [0.0, -0.25, 3.0], reduction="none")


def percentage(p, t, eps=1e-7):
    return 100 * (p - t).abs() / t.abs().clamp(min=eps)


def symmetric_percentage(p, t, eps=1e-7):
    return 200 * (p - t).abs() / (p.abs() + t.abs()).clamp(min=eps)


standard("meanAbsolutePercentageError", named(percentage), positive, huge, torch.tensor([1.0, 1e4, 8.0]), eps=1.5)
rows.add("meanAbsolutePercentageError", named(percentage), [0.5, 0.0], [0.0, 0.0], reduction="none")  # targets of 0
standard("symmetricMeanAbsolutePercentageError", named(symmetric_percentage), positive, huge, torch.tensor([1.0, -9e3, 8.0]), eps=3.0)
symmetric = named(symmetric_percentage)
rows.add("symmetricMeanAbsolutePercentageError", symmetric, [0.5, 0.0, -2.0], [0.0, 0.0, 2.0], reduction="none")


# Directions.
def cosine(p, t, axis=-1, eps=1e-8, reduction="mean", sample_weight=None):
    lengths = [torch.linalg.vector_norm(x, dim=axis).clamp(min=eps) for x in (p, t)]
    return reduce(1 - (p * t).sum(axis) / (lengths[0] * lengths[1]), reduction, sample_weight)


rows.add("cosineDistance", cosine, matrix, matrix_target)
rows.add("cosineDistance", cosine, P, T)
for reduction in ["none", "mean", "sum"]:
    rows.add("cosineDistance", cosine, matrix, matrix_target, reduction=reduction, sample_weight=weights)
    rows.add("cosineDistance", cosine, cube, cube_target, reduction=reduction)
    rows.add("cosineDistance", cosine, cube, cube_target, reduction=reduction, axis=0)
    rows.add("cosineDistance", cosine, torch.zeros(0, 2), torch.zeros(0, 2), reduction=reduction)
rows.add("cosineDistance", cosine, cube, cube_target, axis=1, sample_weight=[[1.0, 0.5, 0.0], [2.0, 1.0, 1.0]])
rows.add("cosineDistance", cosine, matrix, matrix_target, sample_weight=[0.0, 0.0, 0.0])
rows.add("cosineDistance", cosine, matrix, 2 * matrix)
rows.add("cosineDistance", cosine, matrix, -matrix, reduction="none")
rows.add("cosineDistance", cosine, torch.tensor([[1e4, -1e4, 0.0], [1e4, 1e4, 1e4]]), torch.tensor([[1.0, 2.0, 0.0], [1e4, -1e4, 1e4]]))
rows.add("cosineDistance", cosine, torch.tensor([[0.25, 0.5]]), torch.tensor([[0.0, 0.0]]), eps=0.125)  # no direction
rows.add("cosineDistance", cosine, torch.tensor([[0.25, 0.5], [0.0, 0.0]]), torch.tensor([[0.5, 0.125], [1.0, 2.0]]), eps=1.0, reduction="none")
agree("cosineDistance", cosine(cube, cube_target, axis=1, reduction="none"), 1 - F.cosine_similarity(cube, cube_target, dim=1))


# Robust losses: Barron's general loss at four of its shapes.
def robust(function):
    return named(lambda p, t, scale=1.0: function(((p - t) / scale) ** 2))


shapes = {
    "charbonnier": (1.0, robust(lambda square: torch.sqrt(square + 1) - 1)),
    "cauchy": (0.0, robust(lambda square: torch.log1p(square / 2))),
    "welsch": (-math.inf, robust(lambda square: 1 - torch.exp(-square / 2))),
    "gemanMcClure": (-2.0, robust(lambda square: 2 * square / (square + 4))),
}
for name, (_, formula) in shapes.items():
    standard(name, formula, scale=0.3)
    rows.add(name, formula, matrix, matrix_target, scale=25.0, reduction="none")
# The package wants a transform of images, which this function does not use.
sys.modules.setdefault("torch_dct", types.ModuleType("torch_dct"))
general = reference("robust_loss_pytorch", "robust_loss_pytorch.general", "lossfun")
if general is not None:
    error = apart(5, 4, scale=6.0)
    for name, (alpha, formula) in shapes.items():
        theirs = general(error, torch.tensor(alpha), torch.tensor(0.5))
        agree(name, formula(error, torch.zeros(5, 4), scale=0.5, reduction="none"), theirs, 1e-6)


def wing(p, t, width=10.0, curvature=2.0):
    size = (p - t).abs()
    offset = width - width * math.log(1 + width / curvature)
    return torch.where(size < width, width * torch.log1p(size / curvature), size - offset)


standard("wing", named(wing), width=1.5, curvature=0.25)
rows.add("wing", named(wing), [10.0, -10.0, 9.5, 12.0], torch.zeros(4), reduction="none")  # |e| exactly the width

theirs = reference("segmentation_models.pytorch", "_functional", "wing_loss", "segmentation_models_pytorch/losses")
if theirs is not None:
    p, t = apart(20, scale=12.0), torch.zeros(20)
    ours = wing(p, t, width=5.0, curvature=0.5)
    agree("wing", ours, theirs(p, t, width=5, curvature=0.5, reduction="none"))

rows.write("regression")
