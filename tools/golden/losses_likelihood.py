"""Golden values and gradients of the likelihoods."""

import math
import sys
import types

import torch
import torch.nn.functional as F
from torch import distributions as D

from golden import plain, seeded, write
from loss_rows import Rows, reduce
from reference import agree, reference

rows = Rows()
below = Rows()  # spreads below eps, where the gradient is not the slope of the value
draw = seeded(7)
apart = seeded(8)  # for comparisons, which may not run: they change no row
P, T, V = torch.tensor([0.5, -1.5, 3.0]), torch.tensor([0.0, 1.0, 2.5]), torch.tensor([0.5, 1.0, 2.0])
matrix, matrix_target, spread = draw(3, 4), draw(3, 4), draw(3, 4).abs() + 0.25
cube, cube_target, cube_spread = draw(2, 2, 3), draw(2, 2, 3), draw(2, 2, 3).abs() + 0.25
weights = [2.0, 0.0, 0.5]
columns = [[1.0, 2.0, 0.0, 0.25], [0.0, 0.0, 0.0, 1.0], [3.0, 1.0, 1.0, 1.0]]
nothing = torch.zeros(0, 2)


def named(function):
    """`function` per element, with our reductions and weights."""

    def formula(*arguments, reduction="mean", sample_weight=None, **options):
        return reduce(function(*arguments, **options), reduction, sample_weight)

    return formula


def at_least(x, eps):
    """PyTorch's way in gaussian_nll_loss: the value is raised, the gradient is that of the raised value."""
    return x + (x.clamp(min=eps) - x).detach()


def torch_loss(function):
    """A loss of PyTorch: its own reductions, except where it has no such weights or gives NaN."""

    def formula(*arguments, reduction="mean", sample_weight=None, **options):
        if sample_weight is None and arguments[0].numel() > 0:
            return function(*arguments, reduction=reduction, **options)
        return reduce(function(*arguments, reduction="none", **options), reduction, sample_weight)

    return formula


# Counts by their rate.
def poisson(p, t, reduction="mean", **options):
    return F.poisson_nll_loss(p, t, reduction=reduction, **options)


poisson = torch_loss(poisson)
counts = torch.tensor([[0.0, 1.0, 2.0, 7.0], [3.0, 0.0, 1.5, 40.0], [1.0, 1.0, 0.0, 12.0]])
rows.add("poissonNll", poisson, P, T)
rows.add("poissonNll", poisson, torch.tensor(0.75), torch.tensor(2.0))
for reduction in ["none", "mean", "sum"]:
    rows.add("poissonNll", poisson, matrix, counts, reduction=reduction)
    rows.add("poissonNll", poisson, matrix, counts, reduction=reduction, full=True)
    rows.add("poissonNll", poisson, matrix, counts, reduction=reduction, sample_weight=weights)
    rows.add("poissonNll", poisson, nothing, nothing, reduction=reduction)
    rows.add("poissonNll", poisson, spread, counts, reduction=reduction, log_input=False)
rows.add("poissonNll", poisson, matrix, counts, sample_weight=columns, full=True)
rows.add("poissonNll", poisson, matrix, counts, sample_weight=[0.0, 0.0, 0.0])
rows.add("poissonNll", poisson, cube, cube_target.abs(), reduction="none", full=True)
rows.add("poissonNll", poisson, spread, counts, log_input=False, full=True, eps=0.125, sample_weight=weights)
rows.add("poissonNll", poisson, [-1e4, -1e4, 50.0], [0.0, 1e4, 1e4], reduction="none")
rows.add("poissonNll", poisson, [1e4, 0.0, 1e4, 0.0], [1e4, 0.0, 0.0, 2.0], reduction="none", log_input=False, full=True)


# Location and scale.
def standard(name, formula, *others, eps=0.5):
    """Rows of losses (center, target, spread, ...): every shape of the spread, every reduction."""
    every = lambda shape: [torch.full(shape, other) for other in others]
    wrt = (0, *range(2, 3 + len(others)))

    def add(p, t, s, to=rows, **options):
        to.add(name, formula, p, t, s, *every(s.shape), wrt=wrt, **options)

    add(P, T, V)
    add(torch.tensor(0.75), torch.tensor(-2.0), torch.tensor(1.5))
    for reduction in ["none", "mean", "sum"]:
        add(matrix, matrix_target, spread, reduction=reduction)
        add(matrix, matrix_target, spread, reduction=reduction, sample_weight=weights)
        add(nothing, nothing, nothing, reduction=reduction)
    add(cube, cube_target, cube_spread, reduction="none")
    add(cube, cube_target, cube_spread[..., :1])  # one for the last axis
    add(cube, cube_target, cube_spread[..., 0], reduction="none")
    add(matrix, matrix_target, torch.tensor(0.75))  # one for all
    add(matrix, matrix_target, spread, sample_weight=columns, eps=0.125)
    add(matrix, matrix_target, spread, below, sample_weight=columns, eps=eps)
    add(matrix, matrix_target, spread, sample_weight=[0.0, 0.0, 0.0])
    add(matrix, matrix, spread)  # on the target
    huge = torch.tensor([1e4, -1e4, 1e4, 0.0])
    add(huge, torch.tensor([0.0, 0.0, 1e4, 1e-3]), torch.tensor([1.0, 1e4, 1e-3, 100.0]), reduction="none")
    add(torch.tensor([0.5, 0.5]), torch.tensor([0.5, 0.25]), torch.tensor([0.0, 0.125]), below, eps=eps)
    add(torch.tensor([1e4, 0.0]), torch.tensor([0.0, 0.0]), torch.tensor([0.0, 1e-7]), below, reduction="none")


def one_for_the_last_axis(mean, spread):
    return spread.unsqueeze(-1) if spread.dim() > 0 and spread.dim() == mean.dim() - 1 else spread


def gaussian(m, t, v, **options):
    # PyTorch 1.13 takes no number as variance.
    return F.gaussian_nll_loss(m, t, v.expand(m.shape) if v.dim() == 0 else v, **options)


gaussian = torch_loss(gaussian)
standard("gaussianNll", gaussian)
rows.add("gaussianNll", gaussian, matrix, matrix_target, spread, wrt=(0, 2), full=True)


def laplace(m, t, b, eps=1e-6):
    return -D.Laplace(m, at_least(one_for_the_last_axis(m, b), eps), validate_args=False).log_prob(t)


def student(m, t, s, nu, eps=1e-6):
    s, nu = [at_least(one_for_the_last_axis(m, x), eps) for x in (s, nu)]
    return -D.StudentT(nu, m, s, validate_args=False).log_prob(t)


def crps(m, t, s, eps=1e-6):
    sigma = at_least(one_for_the_last_axis(m, s), eps)
    z = (t - m) / sigma
    density = torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return (t - m) * torch.erf(z / math.sqrt(2)) + sigma * (2 * density - 1 / math.sqrt(math.pi))


standard("laplaceNll", named(laplace))
standard("studentTNll", named(student), 3.0)
standard("crps", named(crps))
freedom = torch.tensor([2**-20, 2**-10, 0.125, 0.5, 1.0, 2.0, 3.5, 5.0, 8.984375, 9.0, 10.0, 20.0, 100.0, 1e3, 1e4, 1e5])
for error in [0.0, 0.75, -4.0, 1e4]:
    location = torch.full(freedom.shape, error)
    rows.add("studentTNll", named(student), location, torch.zeros(16), torch.full((16,), 0.5), freedom, wrt=(0, 2, 3), reduction="none")
rows.add("studentTNll", named(student), matrix, matrix_target, spread, draw(3, 4).abs() + 0.5, wrt=(0, 2, 3))
rows.add("studentTNll", named(student), matrix, matrix_target, spread, torch.tensor(4.0), wrt=(0, 2, 3))

theirs = reference("properscoring", "properscoring._crps", "crps_gaussian")
if theirs is not None:
    m, t, s = apart(20), apart(20), apart(20).abs() + 0.1
    agree("crps", crps(m, t, s), torch.from_numpy(theirs(t.numpy(), m.numpy(), s.numpy())))


# Counts that scatter more than Poisson's.
def negative_binomial(mean, t, r, eps=1e-8):
    mean, r = at_least(mean, eps), at_least(one_for_the_last_axis(mean, r), eps)
    return -D.NegativeBinomial(r, logits=torch.log(mean / r), validate_args=False).log_prob(t)


def binomial(mean, t, r, to=rows, **options):
    to.add("negativeBinomialNll", named(negative_binomial), mean, t, r, wrt=(0, 2), **options)


means = draw(3, 4).abs() * 5 + 0.25
binomial(torch.tensor([2.0, 0.5, 30.0]), torch.tensor([3.0, 0.0, 25.0]), torch.tensor([1.0, 2.0, 10.0]))
binomial(torch.tensor(1.5), torch.tensor(2.0), torch.tensor(0.75))
for reduction in ["none", "mean", "sum"]:
    binomial(means, counts, spread, reduction=reduction)
    binomial(means, counts, spread, reduction=reduction, sample_weight=weights)
    binomial(nothing, nothing, nothing, reduction=reduction)
binomial(means, counts, spread[:, :1])
binomial(means, counts, spread[:, 0], reduction="none")
binomial(means, counts, torch.tensor(3.0), sample_weight=columns)
binomial(means, counts, spread, sample_weight=[0.0, 0.0, 0.0])
binomial(means, counts, spread, below, eps=1.0)
zero = torch.tensor([0.0, 2.0, 0.0])
binomial(zero, torch.tensor([0.0, 3.0, 1.0]), torch.tensor([1.0, 0.0, 2.0]), below, eps=2**-10, reduction="none")
scales = torch.tensor([2**-10, 0.125, 1.0, 4.0, 5.0, 50.0, 1e3, 1e4])
for count in [0.0, 1.0, 4.0, 5.0, 37.0, 1e3]:
    for mean in [2**-7, 1.0, 40.0, 1e4]:
        binomial(torch.full((8,), mean), torch.full((8,), count), scales, reduction="none")


# Amounts that are often 0: PyTorch Forecasting's form; scikit-learn's deviance with all its terms.
def tweedie_function(p, t, power=1.5, log_input=True, full=False, eps=1e-8):
    log_mean = p if log_input else torch.log(at_least(p, eps))
    pull = t * torch.exp((1 - power) * torch.where(t == 0, 0.0, log_mean))  # 0 for a target of 0, whatever the mean
    losses = -pull / (1 - power) + torch.exp((2 - power) * log_mean) / (2 - power)
    return losses + t ** (2 - power) / ((1 - power) * (2 - power)) if full else losses


tweedie = named(tweedie_function)
rows.add("tweedie", tweedie, P, T)
rows.add("tweedie", tweedie, torch.tensor(0.75), torch.tensor(2.0), power=1.25)
for reduction in ["none", "mean", "sum"]:
    rows.add("tweedie", tweedie, matrix, counts, reduction=reduction)
    rows.add("tweedie", tweedie, matrix, counts, reduction=reduction, power=1.1, sample_weight=weights)
    rows.add("tweedie", tweedie, nothing, nothing, reduction=reduction)
    rows.add("tweedie", tweedie, spread, counts, reduction=reduction, log_input=False, full=True)
rows.add("tweedie", tweedie, matrix, counts, sample_weight=columns, full=True, power=1.9)
rows.add("tweedie", tweedie, matrix, counts, sample_weight=[0.0, 0.0, 0.0])
rows.add("tweedie", tweedie, cube, cube_target.abs(), reduction="none")
rows.add("tweedie", tweedie, torch.log(counts[:, 3]), counts[:, 3], full=True)  # on the target
rows.add("tweedie", tweedie, [-1e4, 100.0, -100.0, 0.0], [0.0, 1e4, 3.0, 1e4], reduction="none")
rows.add("tweedie", tweedie, [0.0, 1e4, 1e4, 0.0], [0.0, 1e4, 0.0, 2.0], reduction="none", log_input=False, full=True)


# Mixtures of Gaussians.
def mixture(m, t, s, logits, eps=1e-6):
    parts = D.Normal(m, at_least(one_for_the_last_axis(m, s), eps), validate_args=False)
    if m.dim() > logits.dim():
        parts = D.Independent(parts, 1, validate_args=False)
    return -D.MixtureSameFamily(D.Categorical(logits=logits, validate_args=False), parts, validate_args=False).log_prob(t)


def density(*arguments, to=rows, **options):
    to.add("mixtureDensity", named(mixture), *arguments, wrt=(0, 2, 3), **options)


logits = draw(3, 4)
density(matrix, draw(3), spread, logits)
for reduction in ["none", "mean", "sum"]:
    density(matrix, matrix_target[:, 0], spread, logits, reduction=reduction)
    density(matrix, matrix_target[:, 0], spread, logits, reduction=reduction, sample_weight=weights)
    density(cube, draw(2, 3), cube_spread, draw(2, 2), reduction=reduction)  # features
    density(nothing, torch.zeros(0), nothing, nothing, reduction=reduction)
density(cube, draw(2, 2), cube_spread, draw(2, 2, 3), reduction="none")  # more axes of examples
density(cube, draw(2, 3), cube_spread[..., 0], draw(2, 2))
density(matrix, matrix_target[:, 0], torch.tensor(0.5), logits, sample_weight=[0.0, 0.0, 0.0])
density(P, torch.tensor(0.25), V, torch.tensor([1.0, 0.0, -1.0]))  # one example
density(matrix[:, :1], matrix_target[:, 0], spread[:, :1], logits[:, :1])  # one component
density(matrix, matrix_target[:, 0], spread, logits, to=below, eps=1.0)
density(torch.zeros(1, 2), torch.zeros(1), torch.tensor([[1.0, 1.0]]), torch.zeros(1, 2))  # equal components
density(torch.tensor([[1e4, -1e4], [0.0, 1.0]]), torch.tensor([0.0, 1e4]), torch.tensor([[1.0, 2.0], [1e-2, 1e2]]), torch.tensor([[0.0, 0.0], [1e4, -1e4]]), reduction="none")


# Cox: for every event the risk of all subjects that are at risk then.
def cox_function(risk, time, event, ties="efron", mask=None, reduction="mean", sample_weight=None):
    weight = torch.ones_like(risk)
    if sample_weight is not None:
        given = torch.as_tensor(sample_weight)
        weight = given.reshape(given.shape + (1,) * (risk.dim() - given.dim())).expand(risk.shape)
    if mask is not None:
        weight = weight * torch.as_tensor(mask, dtype=torch.float64)
    lists = math.prod(risk.shape[:-1]) if risk.numel() > 0 else 0
    each = []
    for r, t, e, w in zip(*[x.reshape(lists, risk.shape[-1]) for x in (risk, time, event, weight)]):
        group = []
        for i in range(len(r)):
            if not e[i] or w[i] == 0:
                group.append(0 * r[i])
                continue
            at_risk, tied = (t >= t[i]) & (w > 0), (t == t[i]) & (w > 0) & (e > 0)
            top = r[at_risk].max().detach()
            parts = w * torch.where(at_risk, torch.exp(torch.where(at_risk, r - top, 0.0)), 0.0)
            place = int(tied[:i].sum()) / int(tied.sum()) if ties == "efron" else 0
            total = torch.log(parts.sum() - place * parts[tied].sum()) + top
            mean_weight = w[tied].mean() if ties == "efron" else w[i]
            group.append(mean_weight * total - w[i] * r[i])
        each.append(torch.stack(group))
    losses = torch.stack(each).reshape(risk.shape) if risk.numel() > 0 else risk
    total = float((weight * event).sum())
    if reduction == "none":
        return losses
    return losses.sum() / total if reduction == "mean" and total > 0 else losses.sum()


def cox(risk, time, event, **options):
    rows.add("coxPartialLikelihood", cox_function, risk, time, torch.as_tensor(event), **options)


risk, time = draw(8), torch.tensor([3.0, 5.0, 5.0, 1.0, 2.0, 5.0, 5.0, 8.0])
event = [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
cox(risk, time, event)
cox(torch.tensor([0.5, -1.0, 0.25, 1.0]), torch.tensor([3.0, 5.0, 5.0, 1.0]), [1.0, 1.0, 1.0, 0.0])
for ties in ["efron", "breslow"]:
    for reduction in ["none", "mean", "sum"]:
        cox(risk, time, event, ties=ties, reduction=reduction)
        cox(risk, time, event, ties=ties, reduction=reduction, sample_weight=[1.0, 2.0, 0.5, 1.0, 0.0, 1.0, 3.0, 1.0])
        cox(risk, time, event, ties=ties, reduction=reduction, mask=[1, 1, 0, 1, 1, 1, 0, 1])
    cox(draw(3, 4), draw(3, 4), [[1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]], ties=ties, sample_weight=weights)
    cox(draw(2, 2, 3), torch.tensor([1.0, 2.0, 2.0]).expand(2, 2, 3), torch.ones(2, 2, 3), ties=ties, reduction="none")
    cox(torch.tensor([1e4, -1e4, 0.0, 9e3, -1e4]), torch.tensor([1.0, 2.0, 2.0, 3.0, 4.0]), torch.ones(5), ties=ties, reduction="none")
    cox(risk, torch.ones(8), torch.ones(8), ties=ties)  # all at once
    cox(risk, time, torch.zeros(8), ties=ties)  # no event
    cox(risk, time, event, ties=ties, mask=[0] * 8)
    cox(torch.zeros(8), time, event, ties=ties)  # equal risks
    cox(torch.zeros(0), torch.zeros(0), torch.zeros(0), ties=ties)
    cox(torch.zeros(2, 0), torch.zeros(2, 0), torch.zeros(2, 0), ties=ties, reduction="none")

# The package checks arguments with what need not be here; its two formulas take subjects sorted by time.
for name in ["torchsurv", "torchsurv.tools", "torchsurv.tools.validators"]:
    module = sys.modules.setdefault(name, types.ModuleType(name))
    module.ModelInputs = module.SurvivalInputs = module.TimeVaryingCoxInputs = None
for ties in ["efron", "breslow"]:
    theirs = reference("torchsurv", "cox", f"_partial_likelihood_{ties}", "src/torchsurv/loss")
    if theirs is not None:
        order = torch.argsort(time)
        total = -theirs(risk[order], torch.tensor(event)[order] > 0, time[order], False).sum()
        agree(f"{ties} ties", cox_function(risk, time, torch.tensor(event), ties=ties, reduction="sum"), total)

rows.write("likelihood")
write("losses", "likelihood_below_eps", plain(below.rows), script="losses_likelihood")
