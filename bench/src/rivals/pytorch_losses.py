"""Losses that PyTorch does not have, as one writes them in PyTorch: in few passes over the data."""

import math

import torch
import torch.nn.functional as F


def student_t_nll(m, t, s, nu):
    half = 0.5 * (nu + 1)
    constant = torch.lgamma(0.5 * nu) - torch.lgamma(half) + 0.5 * torch.log(nu * math.pi)
    return (constant + s.log() + half * torch.log1p(((m - t) / s).square() / nu)).mean()


def negative_binomial_nll(m, t, r):
    binomial = torch.lgamma(t + r) - torch.lgamma(r) - torch.lgamma(t + 1)
    return ((t + r) * torch.log(r + m) - r * r.log() - t * m.log() - binomial).mean()


def crps(m, t, s):
    z = (t - m) / s
    density = math.sqrt(2 / math.pi) * torch.exp(-0.5 * z.square())
    return (s * (z * torch.erf(z * math.sqrt(0.5)) + density - 1 / math.sqrt(math.pi))).mean()


def focal(x, t, alpha=0.25, gamma=2):
    p = torch.sigmoid(x)
    wrong = p + t - 2 * p * t
    weight = (1 - alpha) + (2 * alpha - 1) * t
    return (weight * wrong**gamma * F.binary_cross_entropy_with_logits(x, t, reduction="none")).mean()


def asymmetric(x, t, clip=0.05):
    p = torch.sigmoid(x)
    shifted = (p - clip).clamp_min(0)
    square = shifted * shifted
    of_negatives = square * square * torch.log1p(-shifted)
    return -(t * (1 - p) * F.logsigmoid(x) + (1 - t) * of_negatives).mean()


def of_pairs(x):
    """By how much the first item of each pair of a list has more than the second: [lists, items, items]."""
    return x.unsqueeze(-1) - x.unsqueeze(-2)


def rank_net(s, y):
    pairs = y.unsqueeze(-1) > y.unsqueeze(-2)
    return (F.softplus(-of_pairs(s)) * pairs).sum() / pairs.sum()


def best_dcg(gains):
    discounts = torch.log2(torch.arange(2, gains.shape[-1] + 2, dtype=gains.dtype))
    return (gains.sort(-1, descending=True).values / discounts).sum(-1)


def lambda_rank(s, y):
    with torch.no_grad():
        ranks = s.argsort(-1, descending=True).argsort(-1) + 1
        gains = 2**y - 1
        gains = gains / best_dcg(gains).unsqueeze(-1)
        weights = of_pairs(gains).relu_() * of_pairs(1 / torch.log2(1.0 + ranks)).abs_()
        pairs = y.unsqueeze(-1) > y.unsqueeze(-2)
    return (F.softplus(-of_pairs(s)) * weights).sum() / pairs.sum()


def list_mle(s, y):
    ordered = s.gather(-1, y.sort(dim=-1, descending=True, stable=True).indices)
    return (ordered.flip(-1).logcumsumexp(-1).flip(-1) - ordered).sum(-1).mean()


def approx_ndcg(s, y, temperature=0.1):
    gains = 2**y - 1
    ranks = 0.5 + torch.sigmoid(of_pairs(s) * (-1 / temperature)).sum(-1)
    return -((gains / torch.log2(1 + ranks)).sum(-1) / best_dcg(gains)).mean()


def ctc(x, y):
    batch, frames = x.shape[:2]
    of_inputs, of_targets = (torch.full((batch,), size) for size in (frames, y.shape[1]))
    return F.ctc_loss(F.log_softmax(x, -1).transpose(0, 1), y, of_inputs, of_targets)


def dice(x, y):
    p = x.softmax(1)
    t = torch.zeros_like(p).scatter_(1, y.unsqueeze(1), 1)
    axes = (0, 2, 3)
    return (1 - 2 * (p * t).sum(axes) / (p.sum(axes) + t.sum(axes))).mean()
